// A mail address as the envelope carries it (RFC 5321 Mailbox), parsed once at the door.
import type { Domain } from "./domain.ts";
import { parseDomain } from "./domain.ts";
import { bad, ok, type Parsed } from "./parsed.ts";

/** `text` is what goes on the wire: the local part as given, `@`, the domain as A-labels. */
export interface Address {
  readonly local: string;
  readonly domain: Domain;
  readonly text: string;
}

const localMaxOctets = 64; // RFC 5321 §4.5.3.1.1
const pathMaxOctets = 254; // RFC 5321 §4.5.3.1.3: a path is 256 with its angle brackets
const dotString =
  /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const quotedString = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"$/;
// Old mobile addresses such as `a..b@docomo.ne.jp` and `a.@ezweb.ne.jp` break RFC 5321's dot-string and are live.
const looseDotString = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$/;

const fullWidth = /[\uff01-\uff5e\u3000]/; // the forms of ASCII in the block Halfwidth and Fullwidth Forms, and its space

const plainLocal = /^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*$/; // what most are: no Unicode tables need be asked

/** Parses `local@domain` without angle brackets. Non-ASCII local parts are RFC 6531 addresses: see {@link isAscii}. */
export function parseAddress(text: string): Parsed<Address> {
  const at = text.lastIndexOf("@");
  if (at < 1) return bad("is not of the form local@domain");
  const local = text.slice(0, at);
  const isPlain = local.length <= localMaxOctets && plainLocal.test(local);
  if (!isPlain && Buffer.byteLength(local) > localMaxOctets)
    return bad("has a local part longer than 64 octets");
  if (
    !isPlain &&
    !dotString.test(local) &&
    !quotedString.test(local) &&
    !looseDotString.test(local)
  ) {
    return bad("has a local part that RFC 5321 does not allow");
  }
  const domain = parseDomain(text.slice(at + 1));
  if (domain.kind === "bad") return domain;
  const whole = `${local}@${domain.value}`;
  if (whole.length * 3 > pathMaxOctets && Buffer.byteLength(whole) > pathMaxOctets)
    return bad("is longer than 254 octets");
  return ok({ local, domain: domain.value, text: whole });
}

/**
 * As {@link parseAddress}, of an address that something is put on record for. Two forms are nobody's: what a Japanese input
 * method makes of one (`ｔａｒｏ@`), the `*@` that stands for a whole domain in tables, and
 * the `t***@` that lists show in place of an address. A stop on record for one of them would stop nothing.
 */
export function parseRecordedAddress(text: string): Parsed<Address> {
  const local = text.slice(0, Math.max(0, text.lastIndexOf("@")));
  if (fullWidth.test(local))
    return bad("has full-width characters: write it in half-width (ASCII) characters");
  if (local === "*") return bad("stands for a whole domain, not for one address");
  if (local.includes("**")) return bad("is masked, as lists show addresses: write all of it");
  return parseAddress(text);
}

/** Whether the address can travel without SMTPUTF8 (RFC 6531). */
export function isAscii(address: Address): boolean {
  return /^[\x20-\x7e]*$/.test(address.local);
}

/**
 * The form that tells persons apart: local part in NFC and lower case, quotes and backslashes removed where they are
 * needless: `"t\a.ro"` names the mailbox that `ta.ro` names (RFC 5321 §4.1.2).
 * RFC 5321 §2.4 lets case matter in local parts; no receiver of note does, and an opt-out of `Taro@` must hold for `taro@`.
 */
export function foldAddress(address: Address): string {
  if (plainLocal.test(address.local)) return `${address.local.toLowerCase()}@${address.domain}`;
  return `${withoutQuotes(address.local).normalize("NFC").toLowerCase()}@${address.domain}`;
}

function withoutQuotes(local: string): string {
  if (!local.startsWith('"')) return local;
  const meant = local.slice(1, -1).replace(/\\(.)/g, "$1");
  // What has to be quoted is, with a backslash where one has to be.
  return looseDotString.test(meant) ? meant : `"${meant.replace(/["\\]/g, "\\$&")}"`;
}
