// The verbs of credentials and tokens that change something.
import { credentialChanged, tokenChanged } from "../../audit/from-identity.ts";
import type { Credential } from "../../identity/credential.ts";
import type { Act, CredentialStore, Saved, TokenStore } from "../../identity/store.ts";
import { revokeToken } from "../../identity/issue.ts";
import { descendants, type Token } from "../../identity/token.ts";
import type { WriterContext } from "./context.ts";
import { createIdentityReader, type IdentityReader } from "./identity-rows.ts";
import { isSameRecord } from "./same-record.ts";

const touchMilliseconds = 60_000; // last use is noted at most once a minute

type CredentialChange = Parameters<CredentialStore["save"]>[1];
type TokenChange = Parameters<TokenStore["save"]>[1];

export interface IdentityVerbs {
  readonly saveCredential: (
    credential: Credential,
    change: CredentialChange,
    act: Act,
    was?: Credential,
  ) => Saved;
  readonly touchCredential: (username: string, at: Date) => void;
  readonly saveToken: (token: Token, change: TokenChange, act: Act, was?: Token) => Saved;
  readonly touchToken: (id: string, at: Date) => void;
}

export function createIdentityVerbs(context: WriterContext): IdentityVerbs {
  const { db, audit } = context;
  const putCredential = db.prepare(
    `REPLACE INTO credentials
       (username, name, stream, created_at, expires_at, revoked_at, last_used_at, secrets, ranges)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const touchCredential = db.prepare<[number, string, number]>(
    "UPDATE credentials SET last_used_at = ? WHERE username = ? AND coalesce(last_used_at, 0) <= ?",
  );
  const find = createIdentityReader(db);
  return {
    saveCredential: (credential, change, act, was) => {
      if (was !== undefined && !isSameRecord(find.credential(was.username), was)) return "changed";
      putCredential.run(
        credential.username,
        credential.name,
        credential.stream,
        credential.createdAt.getTime(),
        credential.expiresAt?.getTime() ?? null,
        credential.revokedAt?.getTime() ?? null,
        credential.lastUsedAt?.getTime() ?? null,
        JSON.stringify(
          credential.secrets.map(({ hash, expiresAt }) => ({
            hash,
            ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.getTime() }),
          })),
        ),
        JSON.stringify(credential.ranges),
      );
      audit.append(credentialChanged(credential, change, act));
      return "saved";
    },
    touchCredential: (username, at) => {
      touchCredential.run(at.getTime(), username, at.getTime() - touchMilliseconds);
    },
    ...createTokenVerbs(context, find),
  };
}

function createTokenVerbs(
  { db, audit }: WriterContext,
  find: Pick<IdentityReader, "token" | "tokens">,
): Pick<IdentityVerbs, "saveToken" | "touchToken"> {
  const putToken = db.prepare(
    `REPLACE INTO tokens (id, name, scopes, hash, created_at, expires_at, revoked_at, last_used_at, owner, made_by, senders, masked)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const touchToken = db.prepare<[number, string, number]>(
    "UPDATE tokens SET last_used_at = ? WHERE id = ? AND coalesce(last_used_at, 0) <= ?",
  );
  const writeToken = (token: Token): void => {
    putToken.run(
      token.id,
      token.name,
      JSON.stringify(token.scopes),
      token.hash,
      token.createdAt.getTime(),
      token.expiresAt?.getTime() ?? null,
      token.revokedAt?.getTime() ?? null,
      token.lastUsedAt?.getTime() ?? null,
      token.owner ?? null,
      token.madeBy ?? null,
      token.senders === undefined ? null : JSON.stringify(token.senders),
      token.masked === true ? 1 : 0,
    );
  };
  return {
    saveToken: (token, change, act, was) => {
      if (was !== undefined && !isSameRecord(find.token(was.id), was)) return "changed";
      const { madeBy, revokedAt } = token;
      if (change === "create" && madeBy !== undefined) {
        const maker = find.token(madeBy);
        if (maker === undefined || maker.revokedAt !== undefined) return "changed";
      }
      writeToken(token);
      audit.append(tokenChanged(token, change, act));
      if (change === "create" || revokedAt === undefined) return "saved";
      for (const made of descendants(find.tokens(), token.id)) {
        if (made.revokedAt !== undefined) continue;
        const ended = revokeToken(made, revokedAt);
        writeToken(ended);
        audit.append(tokenChanged(ended, change, act, token.id));
      }
      return "saved";
    },
    touchToken: (id, at) => {
      touchToken.run(at.getTime(), id, at.getTime() - touchMilliseconds);
    },
  };
}
