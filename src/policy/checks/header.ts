// Checks the header section before any rule: whose mail it is, whether it is well formed, whether it runs in a loop. Pure.
import { detach } from "../../mail/detach.ts";
import type { Domain } from "../../mail/domain.ts";
import type { HeaderField } from "../../mail/header.ts";
import { parseMailboxes, type Mailbox } from "../../mail/mailbox.ts";
import type { Parsed } from "../../mail/parsed.ts";
import { remember } from "../../mail/remember.ts";
import type { Reason } from "../reasons.ts";

const receivedMax = 30; // threats.md row 35; RFC 5321 §6.3 asks for a threshold of at least 100 hops for relays at large
const addressesMax = 500; // threats.md row 28, over all address fields together

/** RFC 5322 §3.6: at most once. The MIME and List fields: what two programs could read differently is refused. */
const singleFields = new Set([
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "bcc",
  "date",
  "message-id",
  "in-reply-to",
  "references",
  "subject",
  "mime-version",
  "content-type",
  "content-transfer-encoding",
  "content-disposition",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "list-id",
]);

const addressFields = new Set(["from", "sender", "reply-to", "to", "cc", "bcc"]);

export type HeaderVerdict =
  | {
      readonly kind: "ok";
      /** The one From's domain, of the sender's own: it chooses the signing key. */
      readonly fromDomain: Domain;
      /** As written, angle brackets included; absent where the message has none. */
      readonly messageId?: string;
    }
  | { readonly kind: "refuse"; readonly reason: Reason; readonly detail: string };

export interface HeaderFacts {
  readonly fields: readonly HeaderField[];
  /** Lines that are no field. */
  readonly malformed: readonly string[];
  /** From and Sender must be of one of these, exactly (`senders[].domains`). */
  readonly domains: readonly Domain[];
  /** This gateway's name in Received fields: mail that carries it has been here before. */
  readonly hostname: string;
}

/** The first failure wins; order: form, loop, sender. None of these may be held or observed instead. */
export function checkHeader(facts: HeaderFacts): HeaderVerdict {
  return wellFormed(facts) ?? noLoop(facts) ?? permitted(facts);
}

type Refusal = Extract<HeaderVerdict, { kind: "refuse" }>;

function refuse(reason: Reason, detail: string): Refusal {
  return { kind: "refuse", reason, detail };
}

function wellFormed(facts: HeaderFacts): Refusal | undefined {
  const [stray] = facts.malformed;
  if (stray !== undefined) return refuse("malformed-header", notField(stray));
  const counts = new Map<string, number>();
  let addresses = 0;
  for (const { key, name, raw, value } of facts.fields) {
    // RFC 5322 §4.5 calls it obsolete; some readers see the field and some do not.
    if (raw[name.length] !== ":")
      return refuse("malformed-header", `white space before the colon of ${name}`);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (addressFields.has(key)) addresses += countAddresses(value);
  }
  if ((counts.get("from") ?? 0) > 1) return refuse("sender-not-permitted", "several From fields");
  for (const [key, count] of counts) {
    if (count > 1 && singleFields.has(key))
      return refuse("malformed-header", `${count} ${key} fields`);
  }
  if (!counts.has("from")) return refuse("malformed-header", "no From field");
  const date = find(facts.fields, "date");
  if (date !== undefined && !isDate(date.value))
    return refuse("malformed-header", "the Date is not of the form Mon, 1 Jun 2026 09:00:00 +0900");
  const id = find(facts.fields, "message-id");
  if (id !== undefined && !isMessageId(id.value)) {
    return refuse(
      "malformed-header",
      "the Message-ID is not of the form <left@right>, without spaces",
    );
  }
  return addresses > addressesMax
    ? refuse("too-complex", `more than ${addressesMax} addresses in the header`)
    : undefined;
}

/** An address in it is left out: replies are logged. */
function notField(line: string): string {
  const shown = line.slice(0, 200).replace(/[^\s<>"]*@[^\s<>"]*/g, "(address)");
  return `a line is not a header field, and no empty line stands before it: ${shown.slice(0, 60)}`;
}

function countAddresses(value: string): number {
  let count = 0;
  for (let at = value.indexOf("@"); at !== -1; at = value.indexOf("@", at + 1)) count += 1;
  return count;
}

function noLoop(facts: HeaderFacts): Refusal | undefined {
  const received = facts.fields.filter((field) => field.key === "received");
  if (received.length > receivedMax) {
    return refuse("mail-loop", `${received.length} Received fields`);
  }
  const own = received.some((field) => isOwnTrace(field.value, facts.hostname.toLowerCase()));
  return own ? refuse("mail-loop", "it was at this gateway before") : undefined;
}

/**
 * Our own Received field (RFC 5321 §4.4): `by` this host with an id of our form (mail/message-id.ts). The host alone
 * would not do: the tool's own mail server may run on the same machine under the same name. Comments are not searched.
 */
function isOwnTrace(value: string, hostname: string): boolean {
  const bare = value.replace(/\([^()]*\)/g, " ");
  const by = /(?:^|\s)by\s+([^\s;]+)/i.exec(bare)?.[1]?.toLowerCase();
  return by === hostname && /\sid\s+[0-9a-hjkmnp-tv-z]{26}(?:[\s;]|$)/.test(bare);
}

function permitted(facts: HeaderFacts): HeaderVerdict {
  const from = mailboxesOf(facts.fields, "from");
  if (from.kind === "bad") return refuse("malformed-header", `From ${from.problem}`);
  const [author, ...others] = from.value;
  if (author === undefined) return refuse("malformed-header", "From has no address");
  if (others.length > 0) return refuse("sender-not-permitted", "From has more than one address");
  const fromDomain = author.address.domain;
  if (!facts.domains.includes(fromDomain)) {
    return refuse("sender-not-permitted", `From is of ${fromDomain}`);
  }
  if (find(facts.fields, "sender") !== undefined) {
    const sender = mailboxesOf(facts.fields, "sender");
    if (sender.kind === "bad") return refuse("malformed-header", `Sender ${sender.problem}`);
    const [agent, ...more] = sender.value;
    if (agent === undefined || more.length > 0) {
      return refuse("malformed-header", "Sender must have exactly one address");
    }
    if (!facts.domains.includes(agent.address.domain)) {
      return refuse("sender-not-permitted", `Sender is of ${agent.address.domain}`);
    }
  }
  for (const { key, name, value } of facts.fields) {
    const authors = key === "from" || key === "sender" ? readAuthors(value) : undefined;
    if (authors?.kind === "bad") return refuse("malformed-header", `${name} ${authors.problem}`);
  }
  const messageId = find(facts.fields, "message-id")?.value;
  return messageId === undefined
    ? { kind: "ok", fromDomain }
    : { kind: "ok", fromDomain, messageId };
}

function find(fields: readonly HeaderField[], key: string): HeaderField | undefined {
  return fields.find((field) => field.key === key);
}

function mailboxesOf(fields: readonly HeaderField[], key: string): Parsed<readonly Mailbox[]> {
  return readMailboxes(find(fields, key)?.value ?? "");
}

/** From and Sender are the same in each message of a campaign. */
const readMailboxes = remember((value) => parseMailboxes(detach(value)));
const readAuthors = remember((value) => parseMailboxes(detach(value), { groups: false }));

/** RFC 5322 §3.3 date-time with the obsolete zones; a calendar date that exists. */
function isDate(value: string): boolean {
  const bare = value.replace(/\([^()]*\)/g, " ").trim();
  const match =
    /^(?:[A-Za-z]{3}\s*,\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{2,4})\s+(\d{2}):(\d{2})(?::(\d{2}))?\s+([+-]\d{4}|[A-Za-z]{1,5})$/.exec(
      bare,
    );
  if (match === null) return false;
  const [, day = "", month = "", , hour = "", minute = "", second = "0"] = match;
  const days = daysOf[month.toLowerCase()];
  return (
    days !== undefined &&
    Number(day) >= 1 &&
    Number(day) <= days &&
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 60
  );
}

const daysOf: Readonly<Record<string, number>> = {
  jan: 31,
  feb: 29,
  mar: 31,
  apr: 30,
  may: 31,
  jun: 30,
  jul: 31,
  aug: 31,
  sep: 30,
  oct: 31,
  nov: 30,
  dec: 31,
};

/** One `<left@right>` of printable ASCII (RFC 5322 §3.6.4, read loosely: tools write odd left sides). */
function isMessageId(value: string): boolean {
  return /^<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>$/.test(value) && value.includes("@");
}
