// Rows of credentials and tokens, and what they stand for; both threads read them.
import type { Database } from "better-sqlite3";

import type { Credential } from "../../identity/credential.ts";
import type { Token } from "../../identity/token.ts";

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
  readonly made_by: string | null;
  readonly senders: string | null;
  readonly masked: number;
}

export interface IdentityReader {
  readonly credential: (username: string) => Credential | undefined;
  readonly credentials: () => readonly Credential[];
  readonly token: (id: string) => Token | undefined;
  readonly tokens: () => readonly Token[];
}

export function createIdentityReader(db: Database): IdentityReader {
  const credential = db.prepare<[string], CredentialRow>(
    "SELECT * FROM credentials WHERE username = ?",
  );
  const credentials = db.prepare<[], CredentialRow>("SELECT * FROM credentials ORDER BY username");
  const token = db.prepare<[string], TokenRow>("SELECT * FROM tokens WHERE id = ?");
  const tokens = db.prepare<[], TokenRow>("SELECT * FROM tokens ORDER BY id");
  return {
    credential: (username) => {
      const row = credential.get(username);
      return row === undefined ? undefined : toCredential(row);
    },
    credentials: () => credentials.all().map((row) => toCredential(row)),
    token: (id) => {
      const row = token.get(id);
      return row === undefined ? undefined : toToken(row);
    },
    tokens: () => tokens.all().map((row) => toToken(row)),
  };
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
    ...(row.made_by === null ? {} : { madeBy: row.made_by }),
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
