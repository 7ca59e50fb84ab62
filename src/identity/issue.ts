// Makes, rotates and revokes credentials and tokens: each answer is a new value to save. The secret is in it once.
import { randomInt } from "node:crypto";

import { createSecret, hashSecret, type Credential } from "./credential.ts";
import { formatToken, type Token } from "./token.ts";

/** How long the old secret stays good after a rotation where nobody says otherwise: a campaign's run. */
export const defaultOverlapSeconds = 24 * 60 * 60;
export const overlapMaxSeconds = 90 * 24 * 60 * 60; // longer is no rotation

const idAlphabet = "abcdefghijkmnpqrstuvwxyz23456789"; // nothing that is mistaken for another when read aloud
const usernameStemMax = 48;

export interface CredentialPlan {
  readonly stream: string;
  readonly name: string;
  readonly now: Date;
  readonly expiresAt?: Date;
  /** CIDR ranges, already parsed once by parseRange. */
  readonly ranges?: readonly string[];
}

export function createCredential(plan: CredentialPlan): {
  readonly credential: Credential;
  readonly password: string;
} {
  const password = createSecret();
  return {
    password,
    credential: {
      username: `${plan.stream.slice(0, usernameStemMax)}-${randomId(8)}`,
      name: plan.name,
      stream: plan.stream,
      createdAt: plan.now,
      ...(plan.expiresAt === undefined ? {} : { expiresAt: plan.expiresAt }),
      secrets: [{ hash: hashSecret(password) }],
      ranges: plan.ranges ?? [],
    },
  };
}

/**
 * A new secret; the newest of the old ones stays good for `overlapSeconds` more, but not longer than it was to. Secrets
 * that ended and older ones go. A revoked credential does not come back: undefined.
 */
export function rotateCredential(
  credential: Credential,
  now: Date,
  overlapSeconds: number = defaultOverlapSeconds,
): { readonly credential: Credential; readonly password: string } | undefined {
  if (credential.revokedAt !== undefined) return undefined;
  const password = createSecret();
  const until = new Date(now.getTime() + Math.min(overlapSeconds, overlapMaxSeconds) * 1000);
  const old = credential.secrets.find(
    (secret) => secret.expiresAt === undefined || secret.expiresAt > now,
  );
  const ends = old?.expiresAt !== undefined && old.expiresAt < until ? old.expiresAt : until;
  const kept = old === undefined || ends <= now ? [] : [{ hash: old.hash, expiresAt: ends }];
  return {
    password,
    credential: { ...credential, secrets: [{ hash: hashSecret(password) }, ...kept] },
  };
}

/** Good for nothing from now on; the record of it stays. */
export function revokeCredential(credential: Credential, now: Date): Credential {
  return { ...credential, revokedAt: credential.revokedAt ?? now, secrets: [] };
}

export interface TokenPlan {
  readonly name: string;
  /** Already parsed by parseScopes. */
  readonly scopes: readonly string[];
  readonly now: Date;
  readonly expiresAt?: Date;
  readonly owner?: string;
  readonly madeBy?: string;
  /** Empty or absent: all. */
  readonly senders?: readonly string[];
  readonly masked?: boolean;
}

/** `text` is what the holder presents. */
export function createToken(plan: TokenPlan): { readonly token: Token; readonly text: string } {
  const id = randomId(10);
  const secret = createSecret();
  return {
    text: formatToken(id, secret),
    token: {
      id,
      name: plan.name,
      scopes: plan.scopes,
      hash: hashSecret(secret),
      createdAt: plan.now,
      ...(plan.expiresAt === undefined ? {} : { expiresAt: plan.expiresAt }),
      ...(plan.owner === undefined ? {} : { owner: plan.owner }),
      ...(plan.madeBy === undefined ? {} : { madeBy: plan.madeBy }),
      ...(plan.senders === undefined || plan.senders.length === 0 ? {} : { senders: plan.senders }),
      ...(plan.masked === true ? { masked: true } : {}),
    },
  };
}

export function revokeToken(token: Token, now: Date): Token {
  return { ...token, revokedAt: token.revokedAt ?? now };
}

/** Random, in letters that are told apart when read aloud; `length` × 5 bits. */
export function randomId(length: number): string {
  return Array.from({ length }, () => idAlphabet.charAt(randomInt(idAlphabet.length))).join("");
}
