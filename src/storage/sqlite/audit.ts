// Appends events to the chain, inside the transaction of whatever they tell of.
import type { KeyObject } from "node:crypto";

import type { Database } from "better-sqlite3";

import { chainStart, linkHash, type ChainPosition } from "../../audit/chain.ts";
import type { AuditDraft } from "../../audit/event.ts";
import { storedEvent, type Proof } from "./audit-rows.ts";
import type { Counters } from "./counters.ts";
import { withoutPerson } from "./forgotten.ts";
import type { WritableNames } from "./names.ts";
import { indexBytes, type Subject, type WritableSubjects } from "./subjects.ts";

export interface AuditWriter {
  /** Reads the chain's head: once in each transaction, since other processes append too. */
  readonly begin: () => void;
  /**
   * `proof`: of the rows that the same verb stored. `address`: of the person, where the verb knows it; of one who was
   * erased the event then leaves out what names them.
   */
  readonly append: (draft: AuditDraft, proof?: Proof, address?: string) => number;
  /** The sequence that the next event will get. */
  readonly next: () => number;
  readonly mark: () => ChainPosition;
  readonly back: (mark: ChainPosition) => void;
}

export function createAuditWriter(parts: {
  readonly db: Database;
  readonly names: WritableNames;
  readonly subjects: WritableSubjects;
  readonly counters: Counters;
  readonly sealKey: KeyObject;
}): AuditWriter {
  const { db, names, subjects, counters, sealKey } = parts;
  let head: ChainPosition = chainStart;
  const selectHead = db.prepare<[], ChainPosition>(
    "SELECT sequence, hash FROM audit_events ORDER BY sequence DESC LIMIT 1",
  );
  const insert = db.prepare(
    `INSERT INTO audit_events (sequence, at, type, message_id, subject, stream, sender, rest, sealed, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    begin: () => {
      head = selectHead.get() ?? chainStart;
    },
    append: (given, proof, address = "") => {
      const index = given.subject === undefined ? undefined : indexBytes(given.subject);
      const isErased = index !== undefined && hasWords(given) && subjects.isErased(index);
      const draft = isErased ? withoutPerson(given, address) : given;
      const subject = index === undefined ? undefined : subjectOf(draft, index, subjects, isErased);
      const event = storedEvent(draft, head.sequence + 1, subject, sealKey, proof);
      const hash = linkHash(head.hash, event);
      insert.run(
        event.sequence,
        event.at,
        event.type,
        event.messageId,
        index ?? null,
        event.stream === null ? null : names.give(event.stream),
        event.sender === null ? null : names.give(event.sender),
        event.rest,
        event.sealed,
        hash,
      );
      counters.add(`audit/${event.type}`, 1);
      head = { sequence: event.sequence, hash };
      return event.sequence;
    },
    next: () => head.sequence + 1,
    mark: () => head,
    back: (mark) => {
      head = mark;
    },
  };
}

function hasWords({ personal, reply, detail }: AuditDraft): boolean {
  return personal !== undefined || reply !== undefined || detail !== undefined;
}

/** The record whose key seals what the event says of the person; made where words need one, so that erasing works. */
function subjectOf(
  draft: AuditDraft,
  index: Buffer,
  subjects: WritableSubjects,
  isErased: boolean,
): Subject | undefined {
  if (draft.personal !== undefined)
    return subjects.ensure(index, isErased ? "" : (draft.personal["address"] ?? ""));
  if (!hasWords(draft)) return undefined;
  const known = subjects.find(index);
  if (known !== undefined) return known;
  return draft.reply?.text.includes("@") === true ? subjects.ensure(index, "") : undefined;
}
