// Signs an outgoing message with the active key of its From domain, or says why it cannot (RFC 6376, RFC 8301, RFC 8463).
import { createHash, sign as signBytes, type KeyObject } from "node:crypto";

import { formatRelaxedLine } from "mailauth/lib/tools.js";

import type { Domain } from "../mail/domain.ts";
import { splitMessage, type SplitMessage } from "../mail/header.ts";
import { hashBody } from "./body-hash.ts";
import { chooseFields, rememberRecurring } from "./fields.ts";
import type { KeyStore } from "./key.ts";
import { createKeyring, type SigningKey } from "./keyring.ts";
import { signatureField } from "./signature-field.ts";
import { verifySignature } from "./verify.ts";

type Signing =
  /**
   * `header`: one DKIM-Signature field for each key, each ending in CRLF, to be put on top of the message as it is.
   * `keys`: the names of their records, so that each use of a key can be told.
   */
  | { readonly kind: "signed"; readonly header: string; readonly keys: readonly string[] }
  /** The message must wait: it never leaves without a signature. `detail` is for the operator, without secrets. */
  | { readonly kind: "unsigned"; readonly reason: "signing-failed"; readonly detail: string };

export interface Signer {
  /**
   * `message` has CRLF line ends and every header that the recipient will get; it is not changed. `split`: what
   * splitMessage makes of it, where that is known. Never throws: what goes wrong is `unsigned`.
   */
  readonly sign: (message: Buffer, fromDomain: Domain, split?: SplitMessage) => Promise<Signing>;
}

export interface SignerParts {
  readonly keys: KeyStore;
  readonly clock: () => Date;
  /** False in closed networks: keys whose record nobody has looked for sign too. */
  readonly requirePublished: boolean;
  /** Share of messages whose signature is verified once more before it leaves, 0–1; 1 if absent. */
  readonly verifyShare?: number;
  /**
   * Whether mail of `from` may be signed by the key of `parent`, a domain above it, where it has none of its own: both
   * belong to one sender (relaxed alignment, RFC 7489 §3.1.1). Absent: never.
   */
  readonly sharesKey?: (from: Domain, parent: Domain) => boolean;
  /** In [0, 1): decides which messages the share falls on. */
  readonly random?: () => number;
}

export function createSigner(parts: SignerParts): Signer {
  const keyring = createKeyring(parts);
  const { verifyShare = 1, random = Math.random } = parts;
  return {
    sign: async (message, fromDomain, split = splitMessage(message)) => {
      try {
        const keys = await keyring.keysFor(fromDomain);
        if (keys.kind === "none") return unsigned(keys.detail);
        const { fields, malformed, bodyOffset } = split;
        if (malformed.length > 0) return unsigned("the header section has a line that is no field");
        const chosen = chooseFields(fields);
        if (chosen === undefined) return unsigned("the header has no From, or too many fields");
        let relaxed = "";
        for (const field of chosen.present) relaxed += relaxField(field);
        const signed = { names: chosen.names, relaxed };
        const bodyHash = await hashBody(message.subarray(bodyOffset));
        const seconds = Math.floor(parts.clock().getTime() / 1000);
        const checked = random() < verifyShare;
        let header = "";
        for (const key of keys.keys) {
          const field = await signWith(key, signed, bodyHash, seconds);
          const verdict = checked
            ? await verifySignature(field, message, key.publicKey)
            : undefined;
          if (verdict?.kind === "bad")
            return unsigned(`the signature by ${key.selector} ${verdict.problem}`);
          header += field;
        }
        const names = keys.keys.map(({ domain, selector }) => `${selector}._domainkey.${domain}`);
        return { kind: "signed", header, keys: names };
      } catch (error) {
        return unsigned(error instanceof Error ? error.message : "the signer failed");
      }
    },
  };
}

/** RFC 6376 §3.4.2, its CRLF included; octets as latin1 characters. */
const relaxField = rememberRecurring((raw) => formatRelaxedLine(raw, "\r\n").toString("latin1"));

function unsigned(detail: string): Signing {
  return { kind: "unsigned", reason: "signing-failed", detail };
}

async function signWith(
  key: SigningKey,
  { names, relaxed }: { readonly names: readonly string[]; readonly relaxed: string },
  bodyHash: string,
  timestamp: number,
): Promise<string> {
  const field = signatureField(key, names);
  const values = { timestamp, bodyHash };
  const data = Buffer.from(relaxed + field.signedForm(values), "latin1");
  const signature = await signData(key.privateKey, data);
  return field.whole(values, signature.toString("base64"));
}

/** By a thread of libuv's pool: an RSA signature takes a third of a millisecond and more. */
function signData(key: KeyObject, data: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, signature: Buffer): void => {
      if (error === null) resolve(signature);
      else reject(error);
    };
    if (key.asymmetricKeyType === "rsa") signBytes("sha256", data, key, done);
    // RFC 8463 §3: Ed25519 signs the SHA-256 of the data.
    else signBytes(null, createHash("sha256").update(data).digest(), key, done);
  });
}
