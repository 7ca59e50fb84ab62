// Types of the inner modules of mailauth that it does not type itself; test/contracts/mailauth.test.ts holds them to it.

declare module "mailauth/lib/dkim/body/index.js" {
  /** Canonicalises and hashes a body fed in pieces of whole lines or less. */
  export interface BodyHash {
    update: (chunk: Buffer) => void;
    digest: (encoding: "base64") => string;
  }
  export function dkimBody(canonicalization: "relaxed/relaxed", algorithm: "sha256"): BodyHash;
}

declare module "mailauth/lib/dkim/header/index.js" {
  export interface SigningOptions {
    readonly canonicalization: "relaxed/relaxed";
    readonly signingDomain: string;
    readonly selector: string;
    readonly algorithm: string;
    readonly bodyHash: string;
    /** Seconds since 1970 for `t=`. */
    readonly timestamp: number;
  }
  export function generateCanonicalizedHeader(
    type: "DKIM",
    lines: { readonly keys: string; readonly headers: readonly { readonly line: Buffer }[] },
    options: SigningOptions,
  ): {
    readonly canonicalizedHeader: Buffer;
    readonly dkimHeaderOpts: Readonly<Record<string, unknown>>;
  };
}

declare module "mailauth/lib/tools.js" {
  export function formatSignatureHeaderLine(
    type: "DKIM",
    values: Readonly<Record<string, unknown>>,
    folded: true,
  ): string;
}
