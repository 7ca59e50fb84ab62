// People and their sessions on SQLite.
import type { KeyObject } from "node:crypto";

import type { Database } from "better-sqlite3";

import type { SessionStore, UserSaved, UserStore } from "../../identity/people-store.ts";
import type { Session } from "../../identity/session.ts";
import type { Act } from "../../identity/store.ts";
import type { User, UserChange } from "../../identity/user.ts";
import type { WriterClient } from "./client.ts";
import { reading } from "./database.ts";
import { toSession, type SessionRow } from "./session-rows.ts";
import { toUser, type UserRow } from "./user-rows.ts";

export class SqliteUsers implements UserStore {
  readonly #db: Database;
  readonly #writer: WriterClient;
  readonly #key: KeyObject;

  constructor(db: Database, writer: WriterClient, key: KeyObject) {
    this.#db = db;
    this.#writer = writer;
    this.#key = key;
  }

  async find(id: string): Promise<User | undefined> {
    return reading(() => {
      const row = this.#db.prepare<[string], UserRow>("SELECT * FROM users WHERE id = ?").get(id);
      return row === undefined ? undefined : toUser(row, this.#key);
    });
  }

  async findByEmail(index: string): Promise<User | undefined> {
    return reading(() => {
      const row = this.#db
        .prepare<[Buffer], UserRow>("SELECT * FROM users WHERE email_index = ?")
        .get(Buffer.from(index, "hex"));
      return row === undefined ? undefined : toUser(row, this.#key);
    });
  }

  async findBySubject(issuer: string, subject: string): Promise<User | undefined> {
    return reading(() => {
      const row = this.#db
        .prepare<[string, string], UserRow>(
          "SELECT * FROM users WHERE rest ->> '$.oidcIssuer' = ? AND rest ->> '$.oidcSubject' = ?",
        )
        .get(issuer, subject);
      return row === undefined ? undefined : toUser(row, this.#key);
    });
  }

  async list(): Promise<readonly User[]> {
    return reading(() =>
      this.#db
        .prepare<[], UserRow>("SELECT * FROM users ORDER BY created_at, id")
        .all()
        .map((row) => toUser(row, this.#key)),
    );
  }

  save(user: User, change: UserChange, act: Act, keep = "", was?: User): Promise<UserSaved> {
    return this.#writer.post(
      "saveUser",
      was === undefined ? [user, change, act, keep] : [user, change, act, keep, was],
    );
  }

  spendStep(id: string, step: number): Promise<boolean> {
    return this.#writer.post("spendStep", [id, step]);
  }

  spendRecovery(id: string, hash: string, act: Act): Promise<boolean> {
    return this.#writer.post("spendRecovery", [id, hash, act]);
  }

  async touch(id: string, at: Date): Promise<void> {
    await this.#writer.post("touchUser", [id, at]);
  }
}

export class SqliteSessions implements SessionStore {
  readonly #db: Database;
  readonly #writer: WriterClient;

  constructor(db: Database, writer: WriterClient) {
    this.#db = db;
    this.#writer = writer;
  }

  async find(hash: string): Promise<Session | undefined> {
    return reading(() => {
      const row = this.#db
        .prepare<[string], SessionRow>("SELECT * FROM sessions WHERE hash = ?")
        .get(hash);
      return row === undefined ? undefined : toSession(row);
    });
  }

  async ofUser(user: string): Promise<readonly Session[]> {
    return reading(() =>
      this.#db
        .prepare<[string], SessionRow>("SELECT * FROM sessions WHERE user = ? ORDER BY created_at")
        .all(user)
        .map((row) => toSession(row)),
    );
  }

  begin(session: Session, max: number, act: Act, method: string): Promise<readonly Session[]> {
    return this.#writer.post("beginSession", [session, max, act, method]);
  }

  async seen(hash: string, at: Date): Promise<void> {
    await this.#writer.post("seenSession", [hash, at]);
  }

  async proved(hash: string, at: Date, act: Act): Promise<void> {
    await this.#writer.post("provedSession", [hash, at, act]);
  }

  async end(hash: string, act: Act): Promise<void> {
    await this.#writer.post("endSession", [hash, act]);
  }

  async sweep(createdBefore: Date, seenBefore: Date): Promise<void> {
    await this.#writer.post("sweepSessions", [createdBefore, seenBefore]);
  }
}
