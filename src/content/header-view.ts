// The header facts that rules need, decoded; doubtful ones are named and never used as headers again.
import type { HeaderField } from "../mail/header.ts";
import { parseAddress } from "../mail/address.ts";
import { parseMailboxes, type Mailbox } from "../mail/mailbox.ts";
import { decodeHeader } from "./encoded-word.ts";
import { remember } from "../mail/remember.ts";
import type { Ambiguity, HeaderView } from "./view.ts";

/** Fields that a message may have once (RFC 5322 §3.6, RFC 2369, RFC 8058): of two, each client picks its own. */
const singles = new Set([
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "bcc",
  "subject",
  "date",
  "message-id",
  "in-reply-to",
  "references",
  "mime-version",
  "list-unsubscribe",
  "list-unsubscribe-post",
]);

export function viewHeader(fields: readonly HeaderField[]): {
  readonly header: HeaderView;
  readonly ambiguities: readonly Ambiguity[];
} {
  const ambiguities: Ambiguity[] = [];
  const note = (problem: string): void => void ambiguities.push({ part: "header", problem });
  const seen = new Map<string, HeaderField>();
  const repeated = new Set<string>();
  for (const field of fields) {
    if (!singles.has(field.key)) continue;
    if (!seen.has(field.key)) seen.set(field.key, field);
    else if (!repeated.has(field.key)) {
      repeated.add(field.key);
      note(`has several ${field.name} fields`);
    }
  }
  const text = (key: string): string => {
    const field = seen.get(key);
    if (field === undefined) return "";
    const decoded = decodeKnown(field.value);
    for (const problem of decoded.problems) note(`${field.name} ${problem}`);
    return decoded.text;
  };
  const boxes = (key: string, read = readMailboxes): readonly Mailbox[] => {
    const field = seen.get(key);
    if (field === undefined) return [];
    const { mailboxes, problems } = read(field.value);
    for (const problem of problems) note(`${field.name} ${problem}`);
    return mailboxes;
  };
  const header: HeaderView = {
    subject: text("subject"),
    from: boxes("from", readKnownMailboxes),
    to: boxes("to"),
    cc: boxes("cc"),
    replyTo: boxes("reply-to", readKnownMailboxes),
    inReplyTo: seen.get("in-reply-to")?.value ?? "",
    listUnsubscribe: seen.get("list-unsubscribe")?.value ?? "",
    listUnsubscribePost: seen.get("list-unsubscribe-post")?.value ?? "",
    eightBit: fields.find(({ raw }) => /[\x80-\xff]/.test(raw))?.name ?? "",
  };
  return { header, ambiguities };
}

// Encoded words are not words of RFC 5322: they may hold commas and dots in practice. A private-use pair stands for each.
const open = "\ue000";
const close = "\ue001";
const word = /=\?[^\s?]{1,60}\?[bBqQ]\?[^?\r\n]{0,2000}\?=/g;

interface Boxes {
  readonly mailboxes: readonly Mailbox[];
  readonly problems: readonly string[];
}

/** An address without a name, which is what most To fields are: no more than an address has to be read. */
const bare = /^(?:<([\w.+-]+@[\w.-]+)>|([\w.+-]+@[\w.-]+))$/;

function readMailboxes(value: string): Boxes {
  const alone = bare.exec(value);
  return alone === null ? readNamedMailboxes(value) : readBareAddress(alone[1] ?? alone[2] ?? "");
}

function readBareAddress(text: string): Boxes {
  const address = parseAddress(text);
  return address.kind === "bad"
    ? { mailboxes: [], problems: [`has an address that ${address.problem}`] }
    : { mailboxes: [{ displayName: "", address: address.value }], problems: [] };
}

function readNamedMailboxes(value: string): Boxes {
  const words: string[] = [];
  const masked = value.replace(word, (found) => `${open}${words.push(found) - 1}${close}`);
  const parsed = parseMailboxes(masked);
  if (parsed.kind === "bad") return { mailboxes: [], problems: [parsed.problem] };
  const problems: string[] = [];
  const mailboxes = parsed.value.map((mailbox) => {
    const written = mailbox.displayName.replace(
      /\ue000(\d{1,5})\ue001/g,
      (_all, index: string) => words[Number(index)] ?? "",
    );
    const decoded = decodeHeader(written);
    problems.push(...decoded.problems);
    return { displayName: decoded.text, address: mailbox.address };
  });
  return { mailboxes, problems };
}

// The same in all messages of a campaign; To and Cc are not.
const decodeKnown = remember(decodeHeader);
const readKnownMailboxes = remember(readMailboxes);
