// Types of the inner modules of mailauth that it does not type itself; test/contracts/mailauth.test.ts holds them to it.

declare module "mailauth/lib/dkim/body/index.js" {
  /** Canonicalises and hashes a body fed in pieces of whole lines or less. */
  export interface BodyHash {
    update: (chunk: Buffer) => void;
    digest: (encoding: "base64") => string;
  }
  export function dkimBody(canonicalization: "relaxed/relaxed", algorithm: "sha256"): BodyHash;
}

declare module "mailauth/lib/tools.js" {
  export function formatSignatureHeaderLine(
    type: "DKIM",
    values: Readonly<Record<string, string>>,
    folded: true,
  ): string;
  /** RFC 6376 §3.4.2; one character an octet in, octets out. */
  export function formatRelaxedLine(line: string, suffix: string): Buffer;
}
