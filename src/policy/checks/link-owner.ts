// Whose opt-out a link is: a link that stops somebody else's mail is none for this reader (law.md U33).
import type { JudgeFacts } from "../judge.ts";
import type { Judged } from "../rule.ts";
import { strangersIn } from "./address-in-link.ts";
import type { Destination } from "./destination.ts";
import { isOptOutHost, isOwnMailDomain } from "./host.ts";

/** Whose token of this gateway it is: the one recipient's, somebody else's too, or none that was ever made. */
export type TokenOwner = "recipient" | "other" | "nobody";

const textsMax = 50; // pieces of one link that are looked into

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
  // A link of one person in a message to several stops the wrong one for all others.
  const own = expected.length === 1 ? expected[0] : undefined;
  for (const piece of pieces) {
    for (const found of strangersIn(piece, own)) {
      const domain = found.slice(found.lastIndexOf("@") + 1);
      if (!isOwnMailDomain(domain, judged.facts) && !isOptOutHost(domain, judged.facts))
        return mask(found);
    }
  }
  return undefined;
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

function piecesOf({ search, pathname, hash }: URL): readonly string[] {
  return [...valuesOf(search.slice(1)), ...pathname.split("/"), hash.slice(1)].slice(0, textsMax);
}

/** The same without the URL parser, for a text that it leaves as it is but for dots that lead up and down. */
function plainPieces({
  plain,
}: Extract<Destination, { kind: "web" }>): readonly string[] | undefined {
  if (plain === undefined || plain.includes("/.")) return undefined;
  const mark = plain.indexOf("?");
  const front = mark === -1 ? plain : plain.slice(0, mark);
  const path = front.indexOf("/", front.indexOf("//") + 2);
  return [
    ...(mark === -1 ? [] : valuesOf(plain.slice(mark + 1))),
    ...(path === -1 ? [""] : front.slice(path).split("/")),
  ].slice(0, textsMax);
}

/** As written: whether a + is one or a space is not known here. */
function valuesOf(query: string): string[] {
  return query.split("&").map((pair) => pair.slice(pair.indexOf("=") + 1));
}

/** Subject and body that the mail would have, and a person's address inside the mailbox's name (stop+a=b.test@…). */
function piecesOfMail(raw: string): readonly string[] {
  const [mailbox = "", query = ""] = raw.replace(/^mailto:/i, "").split("?", 2);
  // Other signs stay encoded: the mailbox may have a percent sign of its own.
  const marked = mailbox.replaceAll(/%2b/gi, "+").replaceAll(/%3d/gi, "=");
  const returned = /\+([^@=]{1,64})=([^=@]{1,255})@/.exec(marked);
  const inside = returned === null ? [] : [`${returned[1] ?? ""}@${returned[2] ?? ""}`];
  return [...valuesOf(query), ...inside].slice(0, textsMax);
}

/** The first letter, behind what is not of the mailbox's name by sense. */
function mask(text: string): string {
  const person = text
    .replace(/^.*[^a-z0-9._+'@-](?=[^@])/, "")
    .replace(/^(?:\d+[-._]|[^a-z0-9])+(?=[^@])/, "");
  return `${person.slice(0, 1)}***${person.slice(person.lastIndexOf("@"))}`;
}
