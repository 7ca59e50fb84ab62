// What an MA tool authenticates with: bound to one stream, shown once, stored hashed.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A credential as stored. The secret has 128 random bits, so one SHA-256 protects it as well as a slow hash would. */
export interface Credential {
  readonly username: string;
  readonly name: string;
  readonly stream: string;
  readonly createdAt: Date;
  readonly expiresAt?: Date;
  readonly revokedAt?: Date;
  readonly lastUsedAt?: Date;
  /** Hexadecimal SHA-256 of each secret that is good: two while a rotation overlaps. */
  readonly secrets: readonly { readonly hash: string; readonly expiresAt?: Date }[];
  /** CIDR ranges it may be used from; empty: anywhere. */
  readonly ranges: readonly string[];
}

const secretBytes = 16; // 128 random bits: beyond guessing

/** Never begins with a hyphen, as one in 64 would: swaks and others would take it for an option. */
export function createSecret(): string {
  const secret = randomBytes(secretBytes).toString("base64url");
  return secret.startsWith("-") ? createSecret() : secret;
}

export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares in constant time, also for an unknown user (`credential` undefined): threats.md row 22. */
export function verifySecret(
  credential: Credential | undefined,
  secret: string,
  now: Date,
): boolean {
  const given = Buffer.from(hashSecret(secret), "hex");
  const decoy = Buffer.alloc(32);
  let good = false;
  for (const stored of credential?.secrets ?? [{ hash: "" }]) {
    const hash = stored.hash.length === 64 ? Buffer.from(stored.hash, "hex") : decoy;
    const equal = timingSafeEqual(hash, given) && stored.hash.length === 64;
    const alive =
      !("expiresAt" in stored) || stored.expiresAt === undefined || stored.expiresAt > now;
    good ||= equal && alive;
  }
  if (credential === undefined || credential.revokedAt !== undefined) return false;
  return good && (credential.expiresAt === undefined || credential.expiresAt > now);
}
