// One returned message read whole: what it is, which addresses of ours it carries, and what a person would want to see.
import { unprintable } from "../mail/reply.ts";
import { explainReturned, type Returned } from "./explain.ts";
import { readSigns, type Signs } from "./opt-out-mailbox.ts";
import { roughText } from "./report-text.ts";
import type { ReplyClassifier } from "./reply-class.ts";
import { fieldText, readReturnedMessage } from "./returned-message.ts";

export interface Reading {
  readonly returned: Returned;
  readonly signs: Signs;
  /** Addresses in the form of our return paths and opt-out mailboxes that stand anywhere in it; not yet proved ours. */
  readonly mailboxes: readonly string[];
  /** What stands behind `/u/` in links, as in our opt-out links; not yet proved ours. */
  readonly tokens: readonly string[];
  readonly excerpt: Excerpt;
}

/** For whoever must judge by eye; each at most 512 characters. */
export interface Excerpt {
  readonly from: string;
  readonly subject: string;
  readonly text: string;
}

const searchedOctets = 512 * 1024;
const foundMax = 50;
const excerptCharacters = 512;
const ownMailbox = /\b((?:b-|unsubscribe\+)[0-9a-z-]{20,60}@[a-z0-9.-]{1,255})/gi;
const ownLink = /\/u\/([\w-]{40,100})/g; // a quoted link may be broken over lines

/** Pure and bounded; never throws. */
export function readReturned(content: Buffer, classifier: ReplyClassifier): Reading {
  const message = readReturnedMessage(content);
  const [first] = message.parts;
  const shown = message.parts.find((part) => part.type === "text/plain") ?? first;
  const text = shown?.type === "text/html" ? roughText(shown.text) : (shown?.text ?? "");
  const raw = content.toString("latin1", 0, searchedOctets).replace(/=\r?\n/g, "");
  const texts = message.parts.map((part) => part.text).join("\n");
  // What was encoded for the way, though a returned mail must not be (RFC 2046 §5.2.1), cannot be seen in the octets.
  const decoded = `${texts}\n${message.originals.join("\n").replace(/=\n/g, "")}`;
  return {
    returned: explainReturned(content, classifier),
    signs: readSigns(message, text),
    mailboxes: find(`${raw}\n${decoded}`, ownMailbox),
    tokens: find(`${raw}\n${decoded}\n${texts.replace(/\n(?:> ?)*/g, "")}`, ownLink),
    excerpt: {
      from: clip(fieldText(message.fields, "from")),
      subject: clip(fieldText(message.fields, "subject")),
      text: clip(text),
    },
  };
}

/** What is known of a message that could not be read in time: a person must look at it, and nothing is learned of it. */
export const unreadable: Reading = {
  returned: { kind: "unclear", recipients: [] },
  signs: { report: false, automatic: false, wish: "none" },
  mailboxes: [],
  tokens: [],
  excerpt: { from: "", subject: "", text: "" },
};

function find(text: string, form: RegExp): readonly string[] {
  const found = new Set<string>();
  for (const [, inner = ""] of text.matchAll(form)) {
    found.add(inner);
    if (found.size >= foundMax) break;
  }
  return [...found];
}

function clip(text: string): string {
  return text
    .slice(0, excerptCharacters * 4)
    .replace(unprintable, " ")
    .trim()
    .slice(0, excerptCharacters);
}
