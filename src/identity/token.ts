// API tokens: scoped, hashed, expiring, revocable.
import { timingSafeEqual } from "node:crypto";

import { createSecret, hashSecret } from "./credential.ts";

export interface Token {
  readonly id: string;
  readonly name: string;
  /** `*` or `<route noun>:read|write`. */
  readonly scopes: readonly string[];
  /** Hexadecimal SHA-256 of the secret. */
  readonly hash: string;
  readonly createdAt: Date;
  readonly expiresAt?: Date;
  readonly revokedAt?: Date;
  readonly lastUsedAt?: Date;
  /** Who made it over HTTP: `user:ID`. It may do no more than they may, and ends with them. */
  readonly owner?: string;
  /** The id of the token that made it over HTTP: it ends with that one. */
  readonly madeBy?: string;
  /** Senders it is limited to; absent: all. */
  readonly senders?: readonly string[];
  /** Sees mail addresses masked. */
  readonly masked?: true;
}

const tokenPattern = /^sk_([a-z0-9]{10})_([A-Za-z0-9_-]{22})$/;

/** The text given to the holder, once: `sk_<id>_<secret>`. The prefix lets secret scanners find leaked ones. */
export function formatToken(id: string, secret: string): string {
  return `sk_${id}_${secret}`;
}

/** Splits a presented token; undefined where it has not our form. */
export function parseToken(
  text: string,
): { readonly id: string; readonly secret: string } | undefined {
  const match = tokenPattern.exec(text);
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : { id: match[1], secret: match[2] };
}

/** Whether the secret is this token's and the token is alive. Constant time in the secret. */
export function verifyToken(token: Token | undefined, secret: string, now: Date): boolean {
  const given = Buffer.from(hashSecret(secret), "hex");
  const stored = Buffer.from(token?.hash ?? hashSecret(createSecret()), "hex");
  const equal = timingSafeEqual(given, stored);
  if (token === undefined || token.revokedAt !== undefined) return false;
  return equal && (token.expiresAt === undefined || token.expiresAt > now);
}

/** Those that the token `id` made, and those that these made in turn. */
export function descendants(tokens: readonly Token[], id: string): readonly Token[] {
  const family = new Set([id]);
  // A set gives what is added to it while it is walked, too.
  for (const maker of family)
    for (const token of tokens) if (token.madeBy === maker) family.add(token.id);
  family.delete(id);
  return tokens.filter((token) => family.has(token.id));
}

/** Ids of the tokens that ended with this one, which is revoked. */
export function endedWith(tokens: readonly Token[], revoked: Token): readonly string[] {
  const at = revoked.revokedAt?.getTime();
  return descendants(tokens, revoked.id)
    .filter((token) => token.revokedAt?.getTime() === at)
    .map((token) => token.id);
}

/** write implies read. */
export function permits(
  holder: Pick<Token, "scopes">,
  noun: string,
  right: "read" | "write",
): boolean {
  return holder.scopes.some(
    (scope) =>
      scope === "*" ||
      scope === `${noun}:${right}` ||
      (right === "read" && scope === `${noun}:write`),
  );
}
