// Credentials and tokens on SQLite.
import type { Database } from "better-sqlite3";

import type { Credential } from "../../identity/credential.ts";
import type { Act, CredentialStore, Saved, TokenStore } from "../../identity/store.ts";
import type { Token } from "../../identity/token.ts";
import type { WriterClient } from "./client.ts";
import { reading } from "./database.ts";
import { createIdentityReader, type IdentityReader } from "./identity-rows.ts";

export class SqliteCredentials implements CredentialStore {
  readonly #reader: IdentityReader;
  readonly #writer: WriterClient;

  constructor(db: Database, writer: WriterClient) {
    this.#reader = createIdentityReader(db);
    this.#writer = writer;
  }

  async find(username: string): Promise<Credential | undefined> {
    return reading(() => this.#reader.credential(username));
  }

  async list(): Promise<readonly Credential[]> {
    return reading(() => this.#reader.credentials());
  }

  async save(
    credential: Credential,
    change: "create" | "rotate" | "revoke",
    act: Act,
    was?: Credential,
  ): Promise<Saved> {
    return this.#writer.post(
      "saveCredential",
      was === undefined ? [credential, change, act] : [credential, change, act, was],
    );
  }

  async touch(username: string, at: Date): Promise<void> {
    await this.#writer.post("touchCredential", [username, at]);
  }
}

export class SqliteTokens implements TokenStore {
  readonly #reader: IdentityReader;
  readonly #writer: WriterClient;

  constructor(db: Database, writer: WriterClient) {
    this.#reader = createIdentityReader(db);
    this.#writer = writer;
  }

  async find(id: string): Promise<Token | undefined> {
    return reading(() => this.#reader.token(id));
  }

  async list(): Promise<readonly Token[]> {
    return reading(() => this.#reader.tokens());
  }

  async save(token: Token, change: "create" | "revoke", act: Act, was?: Token): Promise<Saved> {
    return this.#writer.post(
      "saveToken",
      was === undefined ? [token, change, act] : [token, change, act, was],
    );
  }

  async touch(id: string, at: Date): Promise<void> {
    await this.#writer.post("touchToken", [id, at]);
  }
}
