// One-time codes by time (RFC 6238): six digits, 30 seconds, SHA-1 as every authenticator knows it; each step once.
import { Secret, TOTP } from "otpauth";

const stepSeconds = 30;
const windowSteps = 1; // RFC 6238 §5.2: one step for clocks that differ
const secretBytes = 20; // RFC 4226 §4 R6

/** A new secret in Base32. */
export function createTotpSecret(): string {
  return new Secret({ size: secretBytes }).base32;
}

/** What an authenticator scans. */
export function totpUri(secret: string, account: string, issuer: string): string {
  return totpOf(secret, account, issuer).toString();
}

/** The step that the code is of, or undefined where it is none of now. Whoever asks must see to it that each is used once. */
export function totpStep(secret: string, code: string, now: Date): number | undefined {
  const digits = code.replace(/\s/g, ""); // "123 456", as authenticators show it
  if (!/^\d{6}$/.test(digits)) return undefined;
  const delta = totpOf(secret).validate({
    token: digits,
    timestamp: now.getTime(),
    window: windowSteps,
  });
  return delta === null ? undefined : Math.floor(now.getTime() / 1000 / stepSeconds) + delta;
}

function totpOf(secret: string, account = "", issuer = ""): TOTP {
  return new TOTP({
    secret: Secret.fromBase32(secret),
    label: account,
    issuer,
    digits: 6,
    period: stepSeconds,
    algorithm: "SHA1",
  });
}
