// A person's session at a browser: a secret in a cookie, a second one against forged requests, and two ends.
import { createHmac, timingSafeEqual } from "node:crypto";

import { createSecret, hashSecret } from "./credential.ts";

export interface Session {
  /** Hexadecimal SHA-256 of the secret. */
  readonly hash: string;
  readonly user: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** The last time that the person proved who they are: what step-up looks at. */
  readonly provedAt: Date;
  /** Where the login came from. */
  readonly remote: string;
}

export interface SessionLimits {
  readonly idleSeconds: number;
  readonly maxSeconds: number;
}

/** threats.md row 73. */
export const standardSessionLimits: SessionLimits = {
  idleSeconds: 30 * 60,
  maxSeconds: 12 * 3600,
};

export const stepUpSeconds = 10 * 60; // how long a proof counts for keys, exports and people
export const sessionsOfOneUserMax = 10; // the oldest ends

/** `secret` goes into the cookie and nowhere else. A new one at each login: a planted one is worth nothing. */
export function createSession(
  user: string,
  remote: string,
  now: Date,
): { readonly session: Session; readonly secret: string } {
  const secret = createSecret() + createSecret();
  return {
    secret,
    session: {
      hash: hashSecret(secret),
      user,
      createdAt: now,
      lastSeenAt: now,
      provedAt: now,
      remote,
    },
  };
}

export function isAlive(session: Session, limits: SessionLimits, now: Date): boolean {
  const idle = now.getTime() - session.lastSeenAt.getTime();
  const age = now.getTime() - session.createdAt.getTime();
  return idle < limits.idleSeconds * 1000 && age < limits.maxSeconds * 1000 && age >= 0;
}

/** What a page must send with each change: only one that may read our answers has it. */
export function csrfToken(secret: string): string {
  return createHmac("sha256", secret).update("csrf").digest("base64url");
}

/** In constant time. */
export function isCsrfToken(secret: string, given: string): boolean {
  const expected = Buffer.from(csrfToken(secret));
  const presented = Buffer.from(given);
  return expected.length === presented.length && timingSafeEqual(expected, presented);
}
