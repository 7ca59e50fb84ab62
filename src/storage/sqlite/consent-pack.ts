// Consents as octets: what an import keeps while its table is judged, and what crosses over to the writer thread.
//
// A record: 64 octets at fixed places, then address, message id, personal evidence (canonical JSON) and, where the posting
// side has made one ahead, the person's sealed record. Texts that rows share are told once, beside the records.
import type { KeyObject } from "node:crypto";

import { endOf } from "../../consent/basis.ts";
import { bases, type Evidence } from "../../consent/event.ts";
import type { NewConsent } from "../../consent/ledger.ts";
import { consentKinds, ownTexts, splitEvidence, type SplitEvidence } from "./consent-rows.ts";
import { recordOctets, sealRecordInto } from "./subjects.ts";

/** In place of a number or text that a row has not. */
export const absent = -1;
export const subjectOctets = 16;
const headOctets = 64;
const sharedEvidenceMax = 1000; // distinct ones of a table; where nearly every row has its own, it tells of the person
const scratchOctets = 4096; // of the buffer that records are made in; it grows with the first larger one

/** Offsets in a record. */
const at = {
  time: 16,
  until: 24, // NaN where there is none: every other number is a time
  sender: 32,
  topic: 36,
  actor: 40,
  evidence: 44,
  kind: 48,
  basis: 49,
  byPerson: 50,
  atOnce: 51,
  address: 52, // from here on: lengths in octets
  message: 54,
  personal: 56,
  sealed: 60,
} as const;

export interface PackedConsents {
  readonly count: number;
  /** The records, one after the other. */
  readonly octets: Uint8Array;
  readonly texts: readonly string[];
}

/** One record, opened. Places of names are in `texts`; the buffers are windows into the octets. */
export interface PackedConsent {
  readonly subject: Buffer;
  readonly at: number;
  readonly until: number | null;
  readonly sender: number;
  readonly topic: number;
  readonly actor: number;
  readonly evidence: number;
  readonly kind: number;
  readonly basis: number | null;
  readonly byPerson: number | null;
  /** {@link NewConsent.atOnce} */
  readonly atOnce: boolean;
  readonly address: () => string;
  readonly messageId: string | null;
  readonly personal: string | null;
  /** The person's record, made ahead; empty where it was not. */
  readonly sealed: Buffer;
}

export interface ConsentPacker {
  /** A record, valid until the next call. Its first 16 octets are the subject. */
  readonly pack: (consent: NewConsent) => Uint8Array;
  /** Those that the records so far name by their place. */
  readonly texts: readonly string[];
}

/** `singly`: records of single people, whose texts are less likely to be shared than a table's. */
export function createConsentPacker({ singly = false } = {}): ConsentPacker {
  const texts = createTexts();
  const evidenceOf = createEvidenceSplitter(sharedEvidenceMax);
  let scratch = Buffer.alloc(scratchOctets);
  let view = new DataView(scratch.buffer, scratch.byteOffset);
  const makeRoom = (octets: number): void => {
    if (octets <= scratch.length) return;
    scratch = Buffer.alloc(octets);
    view = new DataView(scratch.buffer, scratch.byteOffset);
  };
  return {
    texts: texts.all,
    pack: ({ address: { text: address } = { text: "" }, event, atOnce = false }) => {
      const { shared, personal = "" } = singly
        ? splitEvidence(event.evidence, address, ownTexts(event))
        : evidenceOf(event.evidence, address);
      const message = event.messageId ?? "";
      makeRoom(headOctets + 3 * (address.length + message.length + personal.length));
      const isGrant = event.kind === "granted";
      scratch.write(event.subject, 0, "hex");
      view.setFloat64(at.time, event.at.getTime(), true);
      view.setFloat64(at.until, endOf(event)?.getTime() ?? NaN, true);
      view.setInt32(at.sender, texts.place(event.sender), true);
      view.setInt32(at.topic, texts.place(event.topic ?? undefined), true);
      view.setInt32(at.actor, texts.place(event.actor), true);
      view.setInt32(at.evidence, texts.place(shared), true);
      view.setInt8(at.kind, consentKinds.indexOf(event.kind));
      view.setInt8(at.basis, isGrant ? bases.indexOf(event.basis) : absent);
      view.setInt8(at.byPerson, isGrant ? Number(event.byPerson) : absent);
      view.setInt8(at.atOnce, Number(atOnce));
      const addressOctets = scratch.write(address, headOctets);
      let end = headOctets + addressOctets;
      const messageOctets = message === "" ? 0 : scratch.write(message, end);
      end += messageOctets;
      const personalOctets = personal === "" ? 0 : scratch.write(personal, end);
      end += personalOctets;
      view.setUint16(at.address, addressOctets, true);
      view.setUint16(at.message, messageOctets, true);
      view.setUint32(at.personal, personalOctets, true);
      view.setUint16(at.sealed, 0, true);
      return scratch.subarray(0, end);
    },
  };
}

/** One after the other and, where `sealKey` is given, each with its person's record: the thread that stores has more to do. */
export function joinRecords(
  records: readonly Uint8Array[],
  texts: readonly string[],
  sealKey?: KeyObject,
): PackedConsents {
  const room = (record: Uint8Array): number =>
    sealKey === undefined ? 0 : recordOctets(addressOctetsOf(record));
  const total = records.reduce((sum, record) => sum + record.length + room(record), 0);
  // Of its own, as it is handed over to the writer.
  const octets = Buffer.from(new ArrayBuffer(total));
  let end = 0;
  for (const [place, record] of records.entries()) {
    octets.set(record, end);
    const start = end;
    end += record.length;
    if (sealKey === undefined || isSamePerson(records[place - 1], record)) continue;
    const address = octets.subarray(
      start + headOctets,
      start + headOctets + addressOctetsOf(record),
    );
    const subject = octets.subarray(start, start + subjectOctets);
    const sealed = sealRecordInto(octets.subarray(end), sealKey, subject, address);
    octets.writeUInt16LE(sealed, start + at.sealed);
    end += sealed;
  }
  return { count: records.length, octets: octets.subarray(0, end), texts: [...texts] };
}

function isSamePerson(before: Uint8Array | undefined, record: Uint8Array): boolean {
  if (before === undefined) return false;
  for (let place = 0; place < subjectOctets; place += 1)
    if (before[place] !== record[place]) return false;
  return true;
}

function addressOctetsOf(record: Uint8Array): number {
  return (record[at.address] ?? 0) | ((record[at.address + 1] ?? 0) << 8);
}

export function readRecords({ count, octets }: PackedConsents): readonly PackedConsent[] {
  const records: PackedConsent[] = [];
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  let start = 0;
  for (let row = 0; row < count; row += 1) {
    const place = start;
    const address = place + headOctets;
    const message = address + view.getUint16(place + at.address, true);
    const personal = message + view.getUint16(place + at.message, true);
    const sealed = personal + view.getUint32(place + at.personal, true);
    start = sealed + view.getUint16(place + at.sealed, true);
    const until = view.getFloat64(place + at.until, true);
    records.push({
      subject: buffer.subarray(place, place + subjectOctets),
      at: view.getFloat64(place + at.time, true),
      until: Number.isNaN(until) ? null : until,
      sender: view.getInt32(place + at.sender, true),
      topic: view.getInt32(place + at.topic, true),
      actor: view.getInt32(place + at.actor, true),
      evidence: view.getInt32(place + at.evidence, true),
      kind: view.getInt8(place + at.kind),
      basis: orNull(view.getInt8(place + at.basis)),
      byPerson: orNull(view.getInt8(place + at.byPerson)),
      atOnce: view.getInt8(place + at.atOnce) === 1,
      address: () => buffer.toString("utf8", address, message),
      messageId: message === personal ? null : buffer.toString("utf8", message, personal),
      personal: personal === sealed ? null : buffer.toString("utf8", personal, sealed),
      sealed: buffer.subarray(sealed, start),
    });
  }
  return records;
}

function orNull(value: number): number | null {
  return value === absent ? null : value;
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

/**
 * Rows that follow one another share their evidence object; what it says of no address whatever is split once. After
 * `sharedMax` distinct ones nothing more is shared: names of the table are kept for ever, and would be one a person.
 */
function createEvidenceSplitter(
  sharedMax: number,
): (evidence: Evidence, address: string) => SplitEvidence {
  const shared = new Set<string>();
  let last: { evidence: Evidence; split: SplitEvidence; lowerCase: string } | undefined;
  return (evidence, address) => {
    if (last?.evidence === evidence) {
      // What was shared may name this person, though it did not name the one before.
      const at = address.lastIndexOf("@");
      const isSame = last.lowerCase === "" || !last.lowerCase.includes(local(address, at));
      if (isSame) return last.split;
    }
    let split = splitEvidence(evidence, address);
    if (split.shared !== undefined && !shared.has(split.shared)) {
      if (shared.size < sharedMax) shared.add(split.shared);
      else split = splitEvidence(evidence, address, "all");
    }
    last = { evidence, split, lowerCase: split.shared?.toLowerCase() ?? "" };
    return split;
  };
}

function local(address: string, at: number): string {
  return address.slice(0, at).toLowerCase();
}
