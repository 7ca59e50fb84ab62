// Consents on their way to the writer thread as columns: a few typed arrays cross over for far less than many objects.
import type { KeyObject } from "node:crypto";

import type { NewConsent } from "../../consent/ledger.ts";
import { bases, type ConsentEvent, type Evidence } from "../../consent/event.ts";
import { consentKinds, splitEvidence, type SplitEvidence } from "./consent-rows.ts";
import { sealRecord } from "./subjects.ts";

/** In place of a number or text that a row has not. */
export const absent = -1;
export const subjectOctets = 16;

/** One entry a row in each. Texts that rows share are told once and named by their place in `texts`. */
export interface ConsentColumns {
  readonly count: number;
  readonly subjects: Uint8Array;
  readonly addresses: readonly string[];
  /** Records sealed ahead, one after the other: the thread that stores has more to do than the one that asks. */
  readonly records?: PackedRecords;
  readonly kinds: Int8Array;
  readonly bases: Int8Array;
  readonly byPerson: Int8Array;
  /** Milliseconds. */
  readonly at: Float64Array;
  /** NaN where there is none: every other number is a time. */
  readonly until: Float64Array;
  readonly senders: Int32Array;
  readonly topics: Int32Array;
  readonly actors: Int32Array;
  readonly messageIds: Int32Array;
  readonly sharedEvidence: Int32Array;
  readonly personalEvidence: Int32Array;
  readonly texts: readonly string[];
}

export interface PackedRecords {
  readonly sealed: Uint8Array;
  /** Where each record ends. */
  readonly ends: Uint32Array;
}

/** The record of one row, if there are any. */
export function readyRecord(
  records: PackedRecords | undefined,
  row: number,
): Uint8Array | undefined {
  if (records === undefined) return undefined;
  const start = row === 0 ? 0 : records.ends[row - 1];
  return records.sealed.subarray(start, records.ends[row]);
}

export function packRecords(columns: ConsentColumns, sealKey: KeyObject): PackedRecords {
  const ends = new Uint32Array(columns.count);
  let end = 0;
  const records = columns.addresses.map((address, row) => {
    const index = columns.subjects.subarray(row * subjectOctets, (row + 1) * subjectOctets);
    const sealed = sealRecord(sealKey, index, address);
    end += sealed.length;
    ends[row] = end;
    return sealed;
  });
  return { sealed: Buffer.concat(records), ends };
}

export function packConsents(consents: readonly NewConsent[]): ConsentColumns {
  const count = consents.length;
  const texts = createTexts();
  const numbers = (): Int32Array => new Int32Array(count);
  const columns = {
    count,
    subjects: Buffer.from(consents.map(({ event }) => event.subject).join(""), "hex"),
    addresses: consents.map(({ address }) => address.text),
    kinds: new Int8Array(count),
    bases: new Int8Array(count),
    byPerson: new Int8Array(count),
    at: new Float64Array(count),
    until: new Float64Array(count),
    senders: numbers(),
    topics: numbers(),
    actors: numbers(),
    messageIds: numbers(),
    sharedEvidence: numbers(),
    personalEvidence: numbers(),
  };
  const evidenceOf = createEvidenceSplitter();
  for (const [row, { address, event }] of consents.entries()) {
    const { shared, personal } = evidenceOf(event.evidence, address.text);
    const isGrant = event.kind === "granted";
    columns.kinds[row] = consentKinds.indexOf(event.kind);
    columns.bases[row] = isGrant ? bases.indexOf(event.basis) : absent;
    columns.byPerson[row] = isGrant ? Number(event.byPerson) : absent;
    columns.at[row] = event.at.getTime();
    columns.until[row] = untilOf(event)?.getTime() ?? NaN;
    columns.senders[row] = texts.place(event.sender);
    columns.topics[row] = texts.place(event.topic ?? undefined);
    columns.actors[row] = texts.place(event.actor);
    columns.messageIds[row] = texts.place(event.messageId);
    columns.sharedEvidence[row] = texts.place(shared);
    columns.personalEvidence[row] = texts.place(personal);
  }
  return { ...columns, texts: texts.all };
}

function untilOf(event: ConsentEvent): Date | undefined {
  switch (event.kind) {
    case "granted":
      return event.expiresAt;
    case "paused":
      return event.until;
    case "withdrawn":
    case "expired":
      return undefined;
  }
}

function createTexts(): {
  readonly all: readonly string[];
  readonly place: (text: string | undefined) => number;
} {
  const all: string[] = [];
  const places = new Map<string, number>();
  return {
    all,
    place: (text) => {
      if (text === undefined) return absent;
      const known = places.get(text);
      if (known !== undefined) return known;
      places.set(text, all.length);
      return all.push(text) - 1;
    },
  };
}

/** Rows of an import share their evidence object; what it says of no address whatever is split once. */
function createEvidenceSplitter(): (evidence: Evidence, address: string) => SplitEvidence {
  let last: { readonly evidence: Evidence; readonly split: SplitEvidence } | undefined;
  return (evidence, address) => {
    if (last?.evidence === evidence) {
      const { split } = last;
      // What was shared may name this person, though it did not name the one before.
      if (split.shared === undefined || !namesLocalPart(split.shared, address)) return split;
    }
    const split = splitEvidence(evidence, address);
    last = { evidence, split };
    return split;
  };
}

function namesLocalPart(text: string, address: string): boolean {
  return text.toLowerCase().includes(address.slice(0, address.lastIndexOf("@")).toLowerCase());
}
