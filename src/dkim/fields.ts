// Which header fields a signature covers, and how often (RFC 6376 §5.4, RFC 8058 §4).
import type { HeaderField } from "../mail/header.ts";
import { remember } from "../mail/remember.ts";

/**
 * Signed once an instance and once more: the extra entry stands for a field that is not there, so that one put on top
 * later breaks the signature (RFC 6376 §8.15). Mailing lists that add List-* fields break it too, which is right for
 * mail that is meant for one person.
 */
const oversigned = [
  "From",
  "To",
  "Cc",
  "Subject",
  "Date",
  "Reply-To",
  "Message-ID",
  "MIME-Version",
  "Content-Type",
  "Content-Transfer-Encoding",
  "List-Id",
  "List-Help",
  "List-Unsubscribe",
  "List-Unsubscribe-Post",
  "List-Subscribe",
  "List-Post",
  "List-Owner",
  "List-Archive",
] as const;

/** Signed where present. CFBL fields must be signed to count (RFC 9477 §3.1). */
const signedWherePresent = [
  "Sender",
  "In-Reply-To",
  "References",
  "Feedback-ID",
  "CFBL-Address",
  "CFBL-Feedback-ID",
  "Auto-Submitted",
] as const;

/** Each message has its own: what was made of one is not worth keeping for the next. */
const hardlyRecurring: ReadonlySet<string> = new Set([
  "to",
  "cc",
  "date",
  "message-id",
  "in-reply-to",
  "references",
  "list-unsubscribe",
]);

/** A canonicaliser of fields that remembers what it made of those that come again with a campaign's next message. */
export function rememberRecurring(
  relax: (raw: string) => string,
): (field: Pick<HeaderField, "key" | "raw">) => string {
  const remembered = remember(relax);
  return ({ key, raw }) => (hardlyRecurring.has(key) ? relax(raw) : remembered(raw));
}

const considered = [
  ...oversigned.map((name) => ({ name, key: name.toLowerCase(), once: false })),
  ...signedWherePresent.map((name) => ({ name, key: name.toLowerCase(), once: true })),
];

const signedFieldsMax = 500; // a signature of more is no mail's (libraries.md 1.4, 8: 100 000 fields made one of 925 KB)

export interface SignedFields {
  /** Names for `h=`, oversigned ones included. */
  readonly names: readonly string[];
  /** The fields that are there, in the order of `names`. */
  readonly present: readonly HeaderField[];
}

/** Of several instances the lowest comes first (RFC 6376 §5.4.2). undefined: too many to sign, or no From. */
export function chooseFields(fields: readonly HeaderField[]): SignedFields | undefined {
  const byKey = Map.groupBy(fields, ({ key }) => key);
  const names: string[] = [];
  const present: HeaderField[] = [];
  for (const { name, key, once } of considered) {
    const instances = byKey.get(key) ?? [];
    for (const field of instances.toReversed()) {
      names.push(name);
      present.push(field);
    }
    if (!once) names.push(name);
  }
  if (!byKey.has("from") || present.length > signedFieldsMax) return undefined;
  return { names, present };
}
