// Mailboxes of an address header field (RFC 5322 §3.4), read strictly: what two clients could read differently is refused.
import type { Address } from "./address.ts";
import { parseAddress } from "./address.ts";
import { bad, ok, type Parsed } from "./parsed.ts";

export interface Mailbox {
  /** As written, quotes and comments removed, encoded words not decoded. */
  readonly displayName: string;
  readonly address: Address;
}

type Token =
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "quoted"; readonly text: string }
  | { readonly kind: "special"; readonly text: string };

const mailboxesMax = 500; // threats.md row 28
const commentDepthMax = 10;

/**
 * `value` is the unfolded field body, octets as latin1 characters or decoded UTF-8. Groups give their members, where
 * they may stand: in From and Sender they may not (RFC 5322 §3.6.2), and a colon there is one of a name without quotes.
 * The display name is never searched for addresses: only what stands in angle brackets, or alone, counts.
 */
export function parseMailboxes(
  value: string,
  { groups = true }: { readonly groups?: boolean } = {},
): Parsed<readonly Mailbox[]> {
  const tokens = tokenize(value);
  if (tokens.kind === "bad") return tokens;
  if (!groups && tokens.value.some(({ kind, text }) => kind === "special" && text === ":"))
    return bad('has a colon outside quotes: write a name with one as "Sample: News" <address>');
  const mailboxes: Mailbox[] = [];
  for (const item of splitItems(tokens.value)) {
    if (item.length === 0) continue;
    const mailbox = toMailbox(item);
    if (mailbox.kind === "bad") return mailbox;
    mailboxes.push(mailbox.value);
    if (mailboxes.length > mailboxesMax) return bad(`has more than ${mailboxesMax} addresses`);
  }
  return ok(mailboxes);
}

function toMailbox(tokens: readonly Token[]): Parsed<Mailbox> {
  const open = tokens.findIndex((token) => token.kind === "special" && token.text === "<");
  const inner = open === -1 ? tokens : tokens.slice(open + 1, -1);
  const last = tokens.at(-1);
  if (open !== -1 && !(last?.kind === "special" && last.text === ">")) {
    return bad("has text behind an address in angle brackets");
  }
  if (inner.some((token) => token.kind === "special" && "<>,;:".includes(token.text))) {
    return bad("has an address that is not well formed");
  }
  const name = open === -1 ? [] : tokens.slice(0, open);
  if (open === -1 && !tokens.some((token) => token.kind === "special" && token.text === "@"))
    return bad(
      'has a name without an address: write a name with a comma as "Sample, Inc." <address>',
    );
  if (open === -1 && tokens.length !== joinedLength(tokens))
    return bad("has an address that is not well formed");
  const text = inner
    .map((token) => (token.kind === "quoted" ? `"${token.text}"` : token.text))
    .join("");
  const address = parseAddress(text);
  if (address.kind === "bad") {
    const isRaw = /@.*[\x80-\xff]/.test(text); // octets as characters: no name in any script
    return bad(
      `has an address that ${isRaw ? "has a domain not in ASCII: write it as xn--..." : address.problem}`,
    );
  }
  return ok({ displayName: name.map((token) => token.text).join(" "), address: address.value });
}

/** A bare address is local "@" domain with dots between words; two words side by side are two things. */
function joinedLength(tokens: readonly Token[]): number {
  let previousIsWord = false;
  for (const token of tokens) {
    const isWord = token.kind !== "special";
    if (isWord && previousIsWord) return -1;
    previousIsWord = isWord;
  }
  return tokens.length;
}

function splitItems(tokens: readonly Token[]): Token[][] {
  const items: Token[][] = [[]];
  let inAngle = false;
  for (const token of tokens) {
    if (token.kind === "special" && token.text === "<") inAngle = true;
    if (token.kind === "special" && token.text === ">") inAngle = false;
    if (!inAngle && token.kind === "special" && (token.text === "," || token.text === ";"))
      items.push([]);
    else if (!inAngle && token.kind === "special" && token.text === ":")
      items[items.length - 1] = [];
    else items.at(-1)?.push(token);
  }
  return items;
}

function tokenize(value: string): Parsed<readonly Token[]> {
  const tokens: Token[] = [];
  let index = 0;
  while (index < value.length) {
    const character = value.charAt(index);
    if (character === " " || character === "\t") index += 1;
    else if (character === "(") {
      const end = skipComment(value, index);
      if (end === -1) return bad("has a comment that does not end");
      index = end;
    } else if (character === '"') {
      const match = /^"((?:[^"\\]|\\.)*)"/.exec(value.slice(index));
      if (match === null) return bad("has a quoted string that does not end");
      tokens.push({ kind: "quoted", text: match[1] ?? "" });
      index += match[0].length;
    } else if ("<>,;:@.[]".includes(character)) {
      tokens.push({ kind: "special", text: character });
      index += 1;
    } else {
      const word = /^[^ \t()<>,;:@."[\]\\]+/.exec(value.slice(index))?.[0];
      if (word === undefined || hasControl(word))
        return bad("has a character that is not allowed there");
      tokens.push({ kind: "word", text: word });
      index += word.length;
    }
  }
  return ok(tokens);
}

function skipComment(value: string, start: number): number {
  let depth = 0;
  for (let index = start; index < value.length; index += 1) {
    const character = value.charAt(index);
    if (character === "\\") index += 1;
    else if (character === "(") depth += 1;
    else if (character === ")") depth -= 1;
    if (depth > commentDepthMax) return -1;
    if (depth === 0) return index + 1;
  }
  return -1;
}

/** ASCII controls only: octets of raw UTF-8 come as latin1 characters, and 0x80–0xA0 are among them. */
function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
