// Leaves out of a message to several whoever has it already: a 250 that was lost on its way, and a recipient fewer at the
// next try, must not send it to the others twice (`smtp.deduplicate`).
import type { AddressIndex } from "../consent/address-index.ts";
import type { NewRecipient, QueueStore } from "../queue/store.ts";
import { fingerprint } from "./fingerprint.ts";

/** Of each recipient, what tells a copy for this one from any other. */
export type Marks = ReadonlyMap<AddressIndex, string>;

export function marksOf(
  subjects: Iterable<AddressIndex>,
  facts: Omit<Parameters<typeof fingerprint>[0], "subject">,
): Marks {
  return new Map(Array.from(subjects, (subject) => [subject, fingerprint({ ...facts, subject })]));
}

/** Of a message to several; one alone has its mark with the message. */
export function markOf(subject: AddressIndex, marks: Marks): Pick<NewRecipient, "fingerprint"> {
  const mark = marks.size > 1 ? marks.get(subject) : undefined;
  return mark === undefined ? {} : { fingerprint: mark };
}

/**
 * The recipients to whom it goes for the first time; all of them where it goes to none for the first time, since then the
 * whole message is a repetition, and the store answers so. One alone is not asked for: the store knows it as it stores it.
 */
export async function withoutKnown<Recipient>(
  queue: Pick<QueueStore, "known">,
  recipients: ReadonlyMap<AddressIndex, Recipient>,
  marks: Marks,
  at: Date,
): Promise<ReadonlyMap<AddressIndex, Recipient>> {
  if (marks.size < 2) return recipients;
  const known = await queue.known([...marks.values()], at);
  const knownSubjects = new Set([...marks.keys()].filter((_, index) => known[index] === true));
  if (knownSubjects.size === 0 || knownSubjects.size === marks.size) return recipients;
  return new Map([...recipients].filter(([subject]) => !knownSubjects.has(subject)));
}
