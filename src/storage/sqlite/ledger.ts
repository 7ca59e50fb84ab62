// The ledger's verbs that change something: record consents, erase a person.
import { consentRecorded, consentsImported, personErased } from "../../audit/from-consent.ts";
import type { AddressIndex } from "../../consent/address-index.ts";
import { erasureMethod, type ConsentEvent } from "../../consent/event.ts";
import type { Act, NewConsent } from "../../consent/ledger.ts";
import { parseAddress } from "../../mail/address.ts";
import { mentions } from "../mentions.ts";
import { createForgetApprovals } from "./approval-erasure.ts";
import { createInsertConsents } from "./consent-insert.ts";
import {
  createConsentPacker,
  joinRecords,
  readRecords,
  type PackedConsents,
} from "./consent-pack.ts";
import { createRowsDigest, rowsPerEventMax, type ConsentRow } from "./consent-rows.ts";
import type { WriterContext } from "./context.ts";
import type { RecipientEnder } from "./recipient-end.ts";
import { indexBytes } from "./subjects.ts";
import { wholly } from "./wholly.ts";

export interface LedgerVerbs {
  /** `events`: the same rows as they were given, where each is to have an audit event of its own; else none. */
  readonly recordConsents: (
    packed: PackedConsents,
    events: readonly ConsentEvent[],
    now: number,
  ) => { readonly recorded: number };
  readonly erase: (subject: AddressIndex, act: Act, now: number) => { readonly erased: boolean };
}

export function createLedgerVerbs(context: WriterContext, recipients: RecipientEnder): LedgerVerbs {
  const record = createRecord(context);
  const stop = createStop(context, record);
  const forgetApprovals = createForgetApprovals(context);
  return {
    recordConsents: (packed, events, now) => ({ recorded: record(packed, events, now) }),
    erase: (subject, act, now) => {
      const index = indexBytes(subject);
      const address = context.subjects.find(index)?.address;
      const forgotten = wholly(context.db, () => forgetApprovals(index));
      if (address === undefined && forgotten === 0) return { erased: false };
      const dropped = recipients.dropSubject(index, act.actor, now);
      stop(subject, address ?? "", act, now);
      context.subjects.erase(index);
      context.scrub = true;
      const sayable = act.reason !== undefined && !mentions(act.reason, address ?? "");
      context.audit.append(
        personErased({
          subject,
          actor: act.actor,
          ...(sayable ? { reason: act.reason } : {}),
          at: new Date(now),
          dropped,
        }),
      );
      return { erased: true };
    },
  };
}

type Record = (packed: PackedConsents, events: readonly ConsentEvent[], now: number) => number;

function createRecord(context: WriterContext): Record {
  const { audit, names } = context;
  const insert = createInsertConsents(context);
  return (packed, events, now) => {
    const step = events.length > 0 ? 1 : rowsPerEventMax;
    const records = readRecords(packed);
    const text = (place: number | undefined): string => packed.texts[place ?? -1] ?? "";
    let recorded = 0;
    for (let start = 0; start < records.length; start += step) {
      const some = records.slice(start, start + step);
      const rows = insert(some, packed.texts, audit.next() * rowsPerEventMax, now);
      if (rows.length === 0) continue;
      recorded += rows.length;
      const digest = createRowsDigest(names);
      for (const row of rows) digest.add(row);
      const at = new Date(now);
      const event = asStored(events[start], rows[0]);
      const senders = [...new Set(some.map(({ sender }) => sender))].map(text);
      audit.append(
        event === undefined
          ? consentsImported({ rows: rows.length, actor: text(some[0]?.actor), senders, at })
          : consentRecorded(event, at),
        { kind: "consents", rows: rows.length, digest: digest.end() },
      );
    }
    return recorded;
  };
}

/** The log tells the time that stands in the ledger. */
function asStored(
  event: ConsentEvent | undefined,
  row: ConsentRow | undefined,
): ConsentEvent | undefined {
  return event === undefined || row === undefined ? event : { ...event, at: new Date(row.at) };
}

/** What was granted to an erased person's senders must not let mail pass again: docs/decisions/0011. */
function createStop(
  { db, names }: WriterContext,
  record: Record,
): (subject: AddressIndex, address: string, act: Act, now: number) => void {
  const senders = db.prepare<[Buffer], { readonly sender: number; readonly latest: number }>(
    "SELECT sender, max(at) AS latest FROM consent_events WHERE subject = ? GROUP BY sender",
  );
  return (subject, text, { actor }, now) => {
    const address = parseAddress(text);
    if (address.kind === "bad") return; // A domain, or an index alone: neither has consents.
    const stops = senders.all(indexBytes(subject)).map(({ sender, latest }): NewConsent => ({
      address: address.value,
      event: {
        kind: "withdrawn",
        subject,
        sender: names.of(sender),
        topic: null,
        // A grant dated a little ahead must not outlast it, nor an equal refusal stand in for it.
        at: new Date(Math.max(now, latest + 1)),
        evidence: { method: erasureMethod },
        actor,
      },
    }));
    if (stops.length === 0) return;
    const { pack, texts } = createConsentPacker();
    const records = stops.map((stop) => Uint8Array.from(pack(stop)));
    const events = stops.map(({ event }) => event);
    record(joinRecords(records, texts), events, now);
  };
}
