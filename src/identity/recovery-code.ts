// Recovery codes for people who lost their authenticator: shown once, stored hashed, each good once.
import { hashSecret } from "./credential.ts";
import { randomId } from "./issue.ts";

const codesCount = 10;
const groupLetters = 5; // four groups of five letters: 100 random bits, so one SHA-256 protects them

export function createRecoveryCodes(): {
  readonly codes: readonly string[];
  readonly hashes: readonly string[];
} {
  const codes = Array.from({ length: codesCount }, () =>
    Array.from({ length: 4 }, () => randomId(groupLetters)).join("-"),
  );
  return { codes, hashes: codes.map(recoveryHash) };
}

/** Spaces, hyphens and case do not count. */
export function recoveryHash(code: string): string {
  return hashSecret(`recovery ${code.toLowerCase().replace(/[\s-]/g, "")}`);
}
