// Stores consents that arrive as octets: finds out which are new, admits their people, inserts them many to a statement.
import type { Database } from "better-sqlite3";

import { seal } from "../sealing.ts";
import { absent, type PackedConsent } from "./consent-pack.ts";
import { consentColumns, consentKinds, evidencePlace, type ConsentRow } from "./consent-rows.ts";
import type { WriterContext } from "./context.ts";
import type { WritableNames } from "./names.ts";

export type InsertConsents = (
  records: readonly PackedConsent[],
  texts: readonly string[],
  first: number,
  now: number,
) => readonly ConsentRow[];

/**
 * Stores those of `records` that no stored one equals, under ids from `first` on, and gives them as they stand in the
 * table. Records of one person must follow one another.
 */
export function createInsertConsents(context: WriterContext): InsertConsents {
  const { db, names, subjects } = context;
  const known = createKnown(db);
  const insert = createInsert(db);
  const latestOwnAct = createLatestOwnAct(db);
  return (records, texts, first, now) => {
    const drafts = createDrafts(names, texts, now)(records);
    for (const { record, row } of drafts)
      if (record.atOnce) row.at = Math.max(row.at, latestOwnAct(row) ?? row.at);
    for (const { rows, common } of groupsOf(drafts.filter(isFirst)))
      for (const draft of known(rows, common)) draft.isKnown = true;
    const fresh = drafts.filter((draft, place) => isFirst(draft, place, drafts) && !draft.isKnown);
    admit(context, fresh);
    for (const [place, { row, record }] of fresh.entries()) {
      row.id = first + place;
      if (record.personal === null) continue;
      const { key } = subjects.ensure(record.subject, record.address());
      row.sealed = seal(key, evidencePlace(row.id), Buffer.from(record.personal));
    }
    for (const { rows, common } of groupsOf(fresh)) insert(rows, common);
    return fresh.map(({ row }) => row);
  };
}

/** What many rows of a table have in common; the rest of a plain row is who and when. */
interface Common {
  readonly sender: number;
  readonly topic: number | null;
  readonly kind: number;
  readonly basis: number | null;
  readonly by_person: number | null;
  readonly recorded_at: number;
  readonly actor: number;
  readonly evidence: number | null;
}

/** A row on its way into the table. */
interface Draft {
  readonly record: PackedConsent;
  readonly common: Common;
  readonly row: { -readonly [Column in keyof ConsentRow]: ConsentRow[Column] };
  isKnown: boolean;
}

/** Gives numbers to names, each asked for once; rows alike share what they have in common. */
function createDrafts(
  names: WritableNames,
  texts: readonly string[],
  now: number,
): (records: readonly PackedConsent[]) => readonly Draft[] {
  const numbers = new Int32Array(texts.length);
  const number = (place: number): number | null => {
    const given = numbers[place];
    if (given !== undefined && given > 0) return given;
    const name = texts[place];
    return name === undefined ? null : (numbers[place] = names.give(name));
  };
  const commons = new Map<string, Common>();
  return (records) =>
    records.map((record) => {
      const { sender, topic, kind, basis, byPerson, actor, evidence } = record;
      const alike = `${sender} ${topic} ${kind} ${basis} ${byPerson} ${actor} ${evidence}`;
      let common = commons.get(alike);
      if (common === undefined) {
        common = {
          kind,
          basis,
          by_person: byPerson,
          recorded_at: now,
          sender: number(sender) ?? absent,
          topic: number(topic),
          actor: number(actor) ?? absent,
          evidence: number(evidence),
        };
        commons.set(alike, common);
      }
      const row = {
        id: absent,
        subject: record.subject,
        at: record.at,
        until_at: record.until,
        ...common,
        message_id: record.messageId,
        sealed: null,
      };
      return { record, common, row, isKnown: false };
    });
}

/** Whether none before it, of the same person, says the same. */
function isFirst({ row, record }: Draft, place: number, drafts: readonly Draft[]): boolean {
  for (let before = place - 1; before >= 0; before -= 1) {
    const other = drafts[before];
    if (other?.record.subject.equals(record.subject) !== true) return true;
    if (saysTheSame(other.row, row)) return false;
  }
  return true;
}

/** As `known` asks the table: who recorded it, when, and by what evidence makes no other event of it. */
function saysTheSame(one: ConsentRow, other: ConsentRow): boolean {
  return (
    one.at === other.at &&
    one.until_at === other.until_at &&
    one.kind === other.kind &&
    one.topic === other.topic &&
    one.sender === other.sender &&
    one.basis === other.basis &&
    one.by_person === other.by_person
  );
}

interface Group {
  readonly common: Common;
  readonly rows: readonly Draft[];
}

function groupsOf(drafts: readonly Draft[]): readonly Group[] {
  const groups = Map.groupBy(drafts, ({ common }) => common);
  return [...groups].map(([common, rows]) => ({ common, rows }));
}

/** Person by person, as the records come: those with a record made ahead all at once. */
function admit({ subjects }: WriterContext, fresh: readonly Draft[]): void {
  const people = fresh
    .map(({ record }) => record)
    .filter(({ subject }, place, all) => all[place - 1]?.subject.equals(subject) !== true);
  const ready = people.filter(({ sealed }) => sealed.length > 0);
  if (ready.length > 0)
    subjects.admitAll(
      ready.map(({ subject, address, sealed }) => ({ index: subject, address, record: sealed })),
    );
  for (const { subject, address, sealed } of people)
    if (sealed.length === 0) subjects.admit(subject, address());
}

/** Of the topic, or of any where the row is of all. */
function createLatestOwnAct(db: Database): (row: ConsentRow) => number | null | undefined {
  const granted = consentKinds.indexOf("granted");
  const select = db
    .prepare<ConsentRow, number | null>(
      `SELECT max(at) FROM consent_events
       WHERE subject = @subject AND sender = @sender AND kind = ${granted} AND by_person = 1
         AND (@topic IS NULL OR topic = @topic)`,
    )
    .pluck();
  return (row) => select.get(row);
}

const subjectAt = "substr(@subjects, key * 16 + 1, 16)";

/** Those that an equal row of the table stands for already. Ends are compared here: taking each out of JSON costs more. */
function createKnown(db: Database): (drafts: readonly Draft[], common: Common) => readonly Draft[] {
  const select = db
    .prepare<
      Common & { readonly subjects: Buffer; readonly times: string },
      readonly [key: number, until: number | null]
    >(
      `SELECT key, until_at FROM json_each(@times) CROSS JOIN consent_events
       WHERE subject = ${subjectAt} AND sender = @sender AND topic IS @topic AND kind = @kind AND at = value
         AND basis IS @basis AND by_person IS @by_person`,
    )
    .raw();
  return (drafts, common) => {
    const times = JSON.stringify(drafts.map(({ row }) => row.at));
    const stored = select.all({ ...common, subjects: joinSubjects(drafts), times });
    return stored.flatMap(([place, until]) => {
      const draft = drafts[place];
      return draft?.row.until_at === until ? [draft] : [];
    });
  };
}

/** Rows alike but for person and times go in by one statement: a call for each would cost as much as the storing. */
function createInsert(db: Database): (drafts: readonly Draft[], common: Common) => void {
  const one = db.prepare(
    `INSERT INTO consent_events (${consentColumns}) VALUES (@id, @subject, @sender, @topic, @kind, @basis, @by_person, @at,
       @until_at, @recorded_at, @actor, @message_id, @evidence, @sealed)`,
  );
  const many = db.prepare<Common & { readonly subjects: Buffer; readonly times: string }>(
    `INSERT INTO consent_events (${consentColumns})
     SELECT value ->> 0, ${subjectAt}, @sender, @topic, @kind, @basis, @by_person, value ->> 1, value ->> 2, @recorded_at,
       @actor, NULL, @evidence, NULL
     FROM json_each(@times)`,
  );
  return (drafts, common) => {
    const plain = drafts.filter(isPlain);
    for (const draft of drafts) if (!isPlain(draft)) one.run(draft.row);
    if (plain.length === 0) return;
    const times = JSON.stringify(plain.map(({ row }) => [row.id, row.at, row.until_at]));
    many.run({ ...common, subjects: joinSubjects(plain), times });
  };
}

function isPlain({ row }: Draft): boolean {
  return row.sealed === null && row.message_id === null;
}

function joinSubjects(drafts: readonly Draft[]): Buffer {
  return Buffer.concat(drafts.map(({ record }) => record.subject));
}
