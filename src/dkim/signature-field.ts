// The DKIM-Signature field. Where mailauth folds it depends on lengths only: it lays the field out once for each key and
// list of names, and from then on the values are filled in.
import { formatRelaxedLine, formatSignatureHeaderLine } from "mailauth/lib/tools.js";

import type { SigningKey } from "./keyring.ts";

/** What differs from message to message. */
export interface SignatureValues {
  /** Seconds since 1970, ten digits. */
  readonly timestamp: number;
  /** Base64 of a SHA-256. */
  readonly bodyHash: string;
}

export interface SignatureField {
  /** The field as it is signed: relaxed, with an empty `b=` and no line end (RFC 6376 §3.7). */
  readonly signedForm: (values: SignatureValues) => string;
  /** The whole field with its CRLF; `signature` is Base64. */
  readonly whole: (values: SignatureValues, signature: string) => string;
}

// Stand-ins as long as the values: no domain, selector or field that is signed has such characters.
const timeMark = "{";
const hashMark = "|";
const signatureMark = "}";
const timeLength = 10; // until the year 2286
const hashLength = 44;
const formsMax = 100; // of one key, a few hundred octets each

const known = new WeakMap<SigningKey, Map<string, SignatureField>>();

/** `names`: those for `h=`, in their order. */
export function signatureField(key: SigningKey, names: readonly string[]): SignatureField {
  const list = names.join(": ");
  const ofKey = known.get(key) ?? new Map<string, SignatureField>();
  let field = ofKey.get(list);
  if (field === undefined) {
    if (ofKey.size >= formsMax) ofKey.clear();
    field = layOut(key, list);
    known.set(key, ofKey.set(list, field));
  }
  return field;
}

/** Characters of the Base64 of a signature by this key. */
function signatureLength({ publicKey }: SigningKey): number {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 512; // Ed25519: 64 octets
  return Math.ceil(Math.ceil(bits / 8) / 3) * 4;
}

function layOut(key: SigningKey, names: string): SignatureField {
  const line = `${formatSignatureHeaderLine(
    "DKIM",
    {
      a: `${key.algorithm}-sha256`,
      c: "relaxed/relaxed",
      s: key.selector,
      d: key.domain,
      h: names,
      t: timeMark.repeat(timeLength),
      bh: hashMark.repeat(hashLength),
      b: signatureMark.repeat(signatureLength(key)),
    },
    true,
  )}\r\n`;
  const relaxed = formatRelaxedLine(line, "").toString("latin1");
  const signed = cut(relaxed.slice(0, relaxed.indexOf(signatureMark)));
  const pieces = cut(line);
  return {
    signedForm: (values) => fill(signed, values, ""),
    whole: (values, signature) => fill(pieces, values, signature),
  };
}

function cut(form: string): readonly string[] {
  return form.match(/\{+|\|+|\}+|[^{|}]+/g) ?? [];
}

function fill(
  pieces: readonly string[],
  { timestamp, bodyHash }: SignatureValues,
  signature: string,
): string {
  let text = "";
  let used = 0;
  for (const piece of pieces) {
    if (piece.startsWith(signatureMark)) {
      text += signature.slice(used, used + piece.length);
      used += piece.length;
    } else if (piece.startsWith(hashMark)) text += bodyHash;
    else text += piece.startsWith(timeMark) ? String(timestamp) : piece;
  }
  return text;
}
