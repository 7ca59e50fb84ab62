// Whose opt-out a link is: a link that stops somebody else's mail is none for this reader (law.md U33).
import { isUtf8 } from "node:buffer";

import type { JudgeFacts } from "../judge.ts";
import type { Judged } from "../rule.ts";
import type { Destination } from "./destination.ts";
import { hasKnownSuffix, isOptOutHost, isOwnMailDomain } from "./host.ts";

/** Whose token of this gateway it is: the one recipient's, somebody else's too, or none that was ever made. */
export type TokenOwner = "recipient" | "other" | "nobody";

const textsMax = 50; // pieces of one link that are looked into
const encodedMax = 400; // characters of a piece that may be an encoded address
const address =
  /[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])/gi;

/**
 * An address that the link carries in its open text, percent-encoded, in base64 or in hexadecimal, and that is not the
 * recipient's; masked, since findings go into logs. undefined where there is none, or where nobody knows the recipient.
 */
export function strangerIn(
  destination: Extract<Destination, { kind: "web" | "mail" }>,
  raw: string,
  judged: Judged,
): string | undefined {
  const expected = recipientsOf(judged);
  if (expected === undefined) return undefined;
  const pieces =
    destination.kind === "mail"
      ? piecesOfMail(raw)
      : (plainPieces(destination) ?? piecesOf(destination.url));
  for (const text of pieces) {
    for (const found of addressesIn(text, expected)) {
      const domain = found.slice(found.lastIndexOf("@") + 1);
      if (isOwnMailDomain(domain, judged.facts) || isOptOutHost(domain, judged.facts)) continue;
      // A link of one person in a message to several stops the wrong one for all others.
      if (expected.length > 1 || !expected.some((who) => isOf(found, who))) return mask(found);
    }
  }
  return undefined;
}

/** `email=taro@example.net` in a path or fragment is one long mailbox by the letters, and taro's by sense. */
function isOf(found: string, who: string): boolean {
  if (found === who) return true;
  return found.endsWith(who) && /[=/?&]/.test(found.charAt(found.length - who.length - 1));
}

/** The token of an opt-out link of this gateway; undefined for other links. */
export function ownToken(url: URL, host: string, facts: JudgeFacts): string | undefined {
  if (!facts.gatewayHosts.some((own) => own.toLowerCase() === host)) return undefined;
  const token = /\/u\/([\w-]{20,100})\/?$/.exec(url.pathname)?.[1];
  const isSpecimen = token !== undefined && facts.optOutLink?.endsWith(`/u/${token}`) === true;
  return isSpecimen ? undefined : token;
}

/** Lower case. The envelope knows best; without it, the only address in To. */
function recipientsOf({ facts, view }: Judged): readonly string[] | undefined {
  if (facts.recipients !== undefined) return facts.recipients.map((one) => one.toLowerCase());
  const { to, cc } = view.header;
  const [only] = to;
  return only === undefined || to.length > 1 || cc.length > 0
    ? undefined
    : [only.address.text.toLowerCase()];
}

function piecesOf(url: URL): readonly string[] {
  return [...url.searchParams.values(), ...url.pathname.split("/"), url.hash.slice(1)].slice(0, textsMax);
} // prettier-ignore

/** The same without the URL parser, for a text that it leaves as it is but for dots that lead up and down. */
function plainPieces({
  plain,
}: Extract<Destination, { kind: "web" }>): readonly string[] | undefined {
  if (plain === undefined || plain.includes("/.")) return undefined;
  const mark = plain.indexOf("?");
  const before = mark === -1 ? plain : plain.slice(0, mark);
  const pieces: string[] = [];
  for (const pair of mark === -1 ? [] : plain.slice(mark + 1).split("&")) {
    const equals = pair.indexOf("=");
    if (pair !== "") pieces.push(equals === -1 ? "" : pair.slice(equals + 1).replaceAll("+", " "));
  }
  const path = before.indexOf("/", before.indexOf("//") + 2);
  pieces.push(...(path === -1 ? [""] : before.slice(path).split("/")));
  return pieces.slice(0, textsMax);
}

/** Subject and body that the mail would have, and a person's address inside the mailbox's name (stop+a=b.test@…). */
function piecesOfMail(raw: string): readonly string[] {
  const [mailbox = "", query = ""] = raw.replace(/^mailto:/i, "").split("?", 2);
  const returned = /\+([^+@=]{1,64})=([^=@]{1,255})@/.exec(decode(mailbox));
  const inside = returned === null ? [] : [`${returned[1] ?? ""}@${returned[2] ?? ""}`];
  return [...new URLSearchParams(query).values(), ...inside].slice(0, textsMax);
}

function addressesIn(text: string, expected: readonly string[]): readonly string[] {
  const open = decode(decode(text));
  const inside = open.length <= encodedMax ? encodedIn(open) : undefined;
  const hides = inside?.includes(at) === true;
  if (!hides && !open.includes("@")) return none; // most are so
  const found = addressesOf(open);
  if (!hides) return found;
  const written = inside.toString("latin1").toLowerCase();
  if (isText(inside, written)) return [...found, ...addressesOf(written)];
  // What stands around an address in a frame of octets may look like a part of it.
  if (expected.some((who) => written.includes(who))) return found;
  const sure = addressesOf(written).filter(
    (one) => one.length >= amongOctetsMin && hasKnownSuffix(one.slice(one.lastIndexOf("@") + 1)),
  );
  return [...found, ...sure];
}

function addressesOf(text: string): readonly string[] {
  return Array.from(text.matchAll(address), ([found]) => found.toLowerCase());
}

const at = 0x40;
const none: readonly string[] = [];
const encodedMin = 8; // characters: shorter ones hold no address
/**
 * Characters. A random token is octets too, and four in a million of 62 octets have something like `^@f.plp` in them: in a
 * campaign to a million people as many were refused. So long and under a domain that exists, 4 · 10^9 octets had none.
 */
const amongOctetsMin = 12;

/** Whether it is all text: then nothing in it is there by chance. */
function isText(octets: Buffer, latin1: string): boolean {
  // oxlint-disable-next-line no-control-regex -- that is what no text has
  return isUtf8(octets) && !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(latin1);
}

/** What hexadecimal or base64 stands for; undefined for what is neither. */
function encodedIn(text: string): Buffer | undefined {
  if (text.length < encodedMin) return undefined;
  if (/^(?:[0-9a-f]{2}){6,}$/i.test(text)) return Buffer.from(text, "hex");
  return /^[\w+/-]{8,}={0,2}$/.test(text) ? Buffer.from(text, "base64") : undefined;
}

function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray % stands for itself.
  }
}

function mask(text: string): string {
  const person = text.replace(/^.*[=/?&](?=[^@])/, "");
  return `${person.slice(0, 1)}***${person.slice(person.lastIndexOf("@"))}`;
}
