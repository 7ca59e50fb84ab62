// Credentials and tokens on SQLite.
import type { Database } from "better-sqlite3";

import type { Credential } from "../../identity/credential.ts";
import type { Act, CredentialStore, TokenStore } from "../../identity/store.ts";
import type { Token } from "../../identity/token.ts";
import type { WriterClient } from "./client.ts";
import { reading } from "./database.ts";

interface Dates {
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
}

interface CredentialRow extends Dates {
  readonly username: string;
  readonly name: string;
  readonly stream: string;
  readonly secrets: string;
  readonly ranges: string;
}

interface TokenRow extends Dates {
  readonly id: string;
  readonly name: string;
  readonly scopes: string;
  readonly hash: string;
  readonly owner: string | null;
  readonly senders: string | null;
  readonly masked: number;
}

export class SqliteCredentials implements CredentialStore {
  readonly #db: Database;
  readonly #writer: WriterClient;

  constructor(db: Database, writer: WriterClient) {
    this.#db = db;
    this.#writer = writer;
  }

  async find(username: string): Promise<Credential | undefined> {
    return reading(() => {
      const row = this.#db
        .prepare<[string], CredentialRow>("SELECT * FROM credentials WHERE username = ?")
        .get(username);
      return row === undefined ? undefined : toCredential(row);
    });
  }

  async list(): Promise<readonly Credential[]> {
    return reading(() =>
      this.#db
        .prepare<[], CredentialRow>("SELECT * FROM credentials ORDER BY username")
        .all()
        .map((row) => toCredential(row)),
    );
  }

  async save(
    credential: Credential,
    change: "create" | "rotate" | "revoke",
    act: Act,
  ): Promise<void> {
    await this.#writer.post("saveCredential", [credential, change, act]);
  }

  async touch(username: string, at: Date): Promise<void> {
    await this.#writer.post("touchCredential", [username, at]);
  }
}

export class SqliteTokens implements TokenStore {
  readonly #db: Database;
  readonly #writer: WriterClient;

  constructor(db: Database, writer: WriterClient) {
    this.#db = db;
    this.#writer = writer;
  }

  async find(id: string): Promise<Token | undefined> {
    return reading(() => {
      const row = this.#db.prepare<[string], TokenRow>("SELECT * FROM tokens WHERE id = ?").get(id);
      return row === undefined ? undefined : toToken(row);
    });
  }

  async list(): Promise<readonly Token[]> {
    return reading(() =>
      this.#db
        .prepare<[], TokenRow>("SELECT * FROM tokens ORDER BY id")
        .all()
        .map((row) => toToken(row)),
    );
  }

  async save(token: Token, change: "create" | "revoke", act: Act): Promise<void> {
    await this.#writer.post("saveToken", [token, change, act]);
  }

  async touch(id: string, at: Date): Promise<void> {
    await this.#writer.post("touchToken", [id, at]);
  }
}

// Both JSON columns are written by identity.ts beside this file, from typed values.
function toCredential(row: CredentialRow): Credential {
  const secrets = JSON.parse(row.secrets) as readonly {
    readonly hash: string;
    readonly expiresAt?: number;
  }[];
  return {
    username: row.username,
    name: row.name,
    stream: row.stream,
    ...toDates(row),
    secrets: secrets.map(({ hash, expiresAt }) => ({
      hash,
      ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
    })),
    ranges: JSON.parse(row.ranges) as readonly string[],
  };
}

function toToken(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as readonly string[],
    hash: row.hash,
    ...toDates(row),
    ...(row.owner === null ? {} : { owner: row.owner }),
    ...(row.senders === null ? {} : { senders: JSON.parse(row.senders) as readonly string[] }),
    ...(row.masked === 0 ? {} : { masked: true }),
  };
}

function toDates(row: Dates): Pick<Token, "createdAt" | "expiresAt" | "revokedAt" | "lastUsedAt"> {
  return {
    createdAt: new Date(row.created_at),
    ...(row.expires_at === null ? {} : { expiresAt: new Date(row.expires_at) }),
    ...(row.revoked_at === null ? {} : { revokedAt: new Date(row.revoked_at) }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: new Date(row.last_used_at) }),
  };
}
