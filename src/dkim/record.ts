// The DNS side of a key: the TXT record to publish, and whether a record seen there is this key's (RFC 6376 §3.6).
import { createPublicKey, type KeyObject } from "node:crypto";

import type { Domain } from "../mail/domain.ts";
import { bad, ok, type Parsed } from "../mail/parsed.ts";
import type { KeyInfo } from "./key.ts";

export const rsaBitsMin = 2048; // RFC 8301 §3.2 says 1024 at least; Gmail and the Japanese carriers ask for 2048
export const rsaBitsMax = 4096; // RFC 8301 §3.2: verifiers need not go further
const stringMaxOctets = 255; // RFC 1035 §3.3: one character-string
const recordMaxCharacters = 4096; // what DNS may answer is read up to here
/** SubjectPublicKeyInfo of Ed25519 but for the key itself (RFC 8410 §4): RFC 8463 §4 publishes the bare 32 octets. */
const ed25519Prefix = Buffer.from("302a300506032b6570032100", "hex");

/** Algorithm and size of a key (either half). Throws a RangeError for what may not sign: RSA below 2048 bits, other types. */
export function measureKey(key: KeyObject): Pick<KeyInfo, "algorithm" | "bits"> {
  if (key.asymmetricKeyType === "ed25519") return { algorithm: "ed25519", bits: 256 };
  if (key.asymmetricKeyType !== "rsa") {
    throw new RangeError(
      `a ${key.asymmetricKeyType ?? "secret"} key cannot sign: use RSA of 2048 bits or more, or Ed25519`,
    );
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < rsaBitsMin || bits > rsaBitsMax) {
    throw new RangeError(
      `an RSA key of ${bits} bits is refused: use ${rsaBitsMin} to ${rsaBitsMax} bits (sekisho keys create --bits 2048)`,
    );
  }
  return { algorithm: "rsa", bits };
}

/** The record to publish for a key (either half). Throws a RangeError as {@link measureKey} does. */
export function recordOf(domain: Domain, selector: string, key: KeyObject): KeyInfo["record"] {
  const { algorithm } = measureKey(key);
  const value = `v=DKIM1; k=${algorithm}; p=${publicPart(key)}`;
  return {
    name: `${selector}._domainkey.${domain}`,
    type: "TXT",
    value,
    strings: splitStrings(value),
  };
}

/** Pieces of at most 255 octets, as a zone file or a DNS console wants them (RFC 6376 §3.6.2.2). */
export function splitStrings(value: string): readonly string[] {
  const strings: string[] = [];
  for (let start = 0; start < value.length; start += stringMaxOctets) {
    strings.push(value.slice(start, start + stringMaxOctets));
  }
  return strings;
}

/** The public key that a record carries. `problem` says what is wrong with the record, for the person who wrote it. */
export function parseRecord(recordText: string): Parsed<KeyObject> {
  if (recordText.length > recordMaxCharacters) return bad("is longer than any key record");
  const tags = parseTags(recordText);
  if (tags === undefined) return bad("is not a list of tag=value pairs");
  if ((tags.get("v") ?? "DKIM1") !== "DKIM1") return bad("does not begin with v=DKIM1");
  const p = tags.get("p")?.replace(/\s+/g, "");
  if (p === undefined) return bad("has no p= tag");
  if (p === "") return bad("revokes the key: its p= is empty");
  const services = tags.get("s")?.split(":") ?? ["*"];
  if (!services.some((service) => ["*", "email"].includes(service.trim())))
    return bad("is not for mail: its s= tag names another service");
  const hashes = tags.get("h")?.split(":") ?? ["sha256"];
  if (!hashes.some((hash) => hash.trim() === "sha256"))
    return bad("does not allow sha256 in its h= tag");
  const algorithm = tags.get("k") ?? "rsa";
  const der = Buffer.from(p, "base64");
  if (algorithm === "ed25519" && der.length !== 32) return bad("has a p= that is no Ed25519 key");
  if (algorithm !== "rsa" && algorithm !== "ed25519") return bad("names an unknown key type in k=");
  try {
    const key = createPublicKey({
      key: algorithm === "ed25519" ? Buffer.concat([ed25519Prefix, der]) : der,
      format: "der",
      type: "spki",
    });
    if (key.asymmetricKeyType !== algorithm) return bad("has a p= of another type than its k=");
    return ok(key);
  } catch {
    return bad("has a p= that is no public key");
  }
}

/** Whether `recordText`, all its strings joined, publishes this key (either half). */
export function matches(recordText: string, key: KeyObject): boolean {
  const published = parseRecord(recordText);
  return published.kind === "ok" && published.value.equals(publicHalf(key));
}

function publicHalf(key: KeyObject): KeyObject {
  return key.type === "private" ? createPublicKey(key) : key;
}

function publicPart(key: KeyObject): string {
  const spki = publicHalf(key).export({ format: "der", type: "spki" });
  return (
    key.asymmetricKeyType === "ed25519" ? spki.subarray(ed25519Prefix.length) : spki
  ).toString("base64");
}

/** RFC 6376 §3.2; undefined where the text is malformed or names a tag twice. */
function parseTags(text: string): Map<string, string> | undefined {
  const tags = new Map<string, string>();
  for (const part of text.split(";")) {
    if (part.trim() === "") continue;
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(equals, 0)).trim();
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || tags.has(name)) return undefined;
    tags.set(name, part.slice(equals + 1).trim());
  }
  return tags;
}
