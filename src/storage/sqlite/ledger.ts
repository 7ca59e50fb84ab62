// The ledger's verbs that change something: record consents, erase a person.
import { consentRecorded, consentsImported, personErased } from "../../audit/from-consent.ts";
import type { AddressIndex } from "../../consent/address-index.ts";
import { bases } from "../../consent/event.ts";
import type { Act, NewConsent } from "../../consent/ledger.ts";
import { mentions } from "../mentions.ts";
import { seal } from "../sealing.ts";
import {
  consentColumns,
  consentKinds,
  evidencePlace,
  foldRow,
  rowsPerEventMax,
  splitEvidence,
  type ConsentRow,
} from "./consent-rows.ts";
import type { WriterContext } from "./context.ts";
import type { RecipientEnder } from "./recipient-end.ts";
import { indexBytes } from "./subjects.ts";

const singlesMax = 8; // up to here each row gets an event of its own, above one event covers all rows of the call
const zero = Buffer.alloc(32);

export interface LedgerVerbs {
  readonly recordConsents: (
    consents: readonly NewConsent[],
    now: number,
  ) => { readonly recorded: number };
  readonly erase: (subject: AddressIndex, act: Act, now: number) => { readonly erased: boolean };
}

export function createLedgerVerbs(context: WriterContext, recipients: RecipientEnder): LedgerVerbs {
  const insert = createInsert(context);
  return {
    recordConsents: (consents, now) => {
      const groups =
        consents.length <= singlesMax ? consents.map((consent) => [consent]) : inGroups(consents);
      let recorded = 0;
      for (const group of groups) recorded += recordGroup(context, insert, group, now);
      return { recorded };
    },
    erase: (subject, act, now) => {
      const index = indexBytes(subject);
      const address = context.subjects.find(index)?.address;
      if (address === undefined) return { erased: false };
      const dropped = recipients.dropSubject(index, act.actor, now);
      context.subjects.erase(index);
      context.scrub = true;
      const sayable = act.reason !== undefined && !mentions(act.reason, address);
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

/** Rows of one person side by side keep their order; persons in the table's order are kind to its pages. */
function inGroups(consents: readonly NewConsent[]): readonly (readonly NewConsent[])[] {
  const sorted = consents.toSorted((left, right) =>
    left.event.subject < right.event.subject
      ? -1
      : left.event.subject > right.event.subject
        ? 1
        : 0,
  );
  const groups: NewConsent[][] = [];
  for (let start = 0; start < sorted.length; start += rowsPerEventMax)
    groups.push(sorted.slice(start, start + rowsPerEventMax));
  return groups;
}

type Insert = (consent: NewConsent, id: number, now: number) => ConsentRow | undefined;

function recordGroup(
  context: WriterContext,
  insert: Insert,
  group: readonly NewConsent[],
  now: number,
): number {
  const first = context.audit.next() * rowsPerEventMax;
  const senders = new Set<string>();
  let rows = 0;
  let digest: Buffer = zero;
  for (const consent of group) {
    const row = insert(consent, first + rows, now);
    if (row === undefined) continue;
    rows += 1;
    senders.add(consent.event.sender);
    digest = foldRow(digest, row, context.names);
  }
  const [only] = group;
  if (rows === 0 || only === undefined) return 0;
  const proof = digest.toString("hex");
  const at = new Date(now);
  context.audit.append(
    group.length === 1
      ? consentRecorded(only.event, at, proof)
      : consentsImported({
          rows,
          digest: proof,
          actor: only.event.actor,
          senders: [...senders],
          at,
        }),
  );
  return rows;
}

/** Stores one event unless an equal one is there; gives the row as it stands in the table. */
function createInsert(context: WriterContext): Insert {
  const { db, names, subjects } = context;
  const equal = db
    .prepare<[Buffer, number, number | null, number, number], number>(
      "SELECT 1 FROM consent_events WHERE subject = ? AND sender = ? AND topic IS ? AND kind = ? AND at = ?",
    )
    .pluck();
  const insert = db.prepare(
    `INSERT INTO consent_events (${consentColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ address, event }, id, now) => {
    const subject = indexBytes(event.subject);
    const sender = names.give(event.sender);
    const topic = event.topic === null ? null : names.give(event.topic);
    const kind = consentKinds.indexOf(event.kind);
    const at = event.at.getTime();
    if (equal.get(subject, sender, topic, kind, at) !== undefined) return undefined;
    const person = subjects.ensure(subject, address.text);
    const { shared, personal } = splitEvidence(event.evidence, address.text);
    const row: ConsentRow = {
      subject,
      id,
      sender,
      topic,
      kind,
      basis: event.kind === "granted" ? bases.indexOf(event.basis) : null,
      by_person: event.kind === "granted" ? Number(event.byPerson) : null,
      at,
      until_at:
        event.kind === "granted"
          ? (event.expiresAt?.getTime() ?? null)
          : event.kind === "paused"
            ? event.until.getTime()
            : null,
      recorded_at: now,
      actor: names.give(event.actor),
      message_id: event.messageId ?? null,
      evidence: shared === undefined ? null : names.give(shared),
      sealed:
        personal === undefined ? null : seal(person.key, evidencePlace(id), Buffer.from(personal)),
    };
    insert.run(
      row.subject,
      row.id,
      row.sender,
      row.topic,
      row.kind,
      row.basis,
      row.by_person,
      row.at,
      row.until_at,
      row.recorded_at,
      row.actor,
      row.message_id,
      row.evidence,
      row.sealed,
    );
    return row;
  };
}
