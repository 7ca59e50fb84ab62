// A finding in few ASCII words for an SMTP reply (RFC 5321 §4.2): what is wrong and why, without quoting Japanese.
import type { Finding } from "./finding.ts";
import type { Sender } from "./stream.ts";

const briefMaxCharacters = 160; // leaves room in one reply line for the reason's own text and the link to its page

/** Names of what the sender registered stand for the values, which replies could not carry. */
export function briefOf(finding: Finding, legal: Sender["legal"]): string {
  let text = finding.evidence;
  for (const [what, values] of [
    ["the registered name", legal.names],
    ["the registered address", legal.addresses],
    ["the registered contact", legal.contacts],
  ] as const) {
    for (const value of values) if (!isAscii(value)) text = text.replaceAll(value, what);
    text = text.replaceAll(`${what} / ${what}`, what).replaceAll(`"${what}"`, what);
  }
  const plain = text
    // "サンプル" is part of …: the words themselves are in the log and on the explain page.
    .replace(/\b(link|placeholder|words?|after|behind) "[^"]*[^\x20-\x7e"][^"]*"/g, "$1")
    .replace(/"[^"]*[^\x20-\x7e"][^"]*"?/g, "the text found")
    .replace(/[^\x20-\x7e]+(?:[ ,/]+[^\x20-\x7e]+)*/g, "(Japanese text)")
    .replace(/\s+/g, " ")
    .trim();
  return plain.length <= briefMaxCharacters
    ? plain
    : `${plain.slice(0, briefMaxCharacters - 3).trimEnd()}...`;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
