// The ledger on SQLite: look-ups on a reading connection in the calling thread, changes through the writer.
import { setImmediate as nextTurn } from "node:timers/promises";

import assert from "node:assert";
import type { KeyObject } from "node:crypto";

import type { Database } from "better-sqlite3";

import type { AddressIndex } from "../../consent/address-index.ts";
import type { ConsentEvent, RecordedConsentEvent } from "../../consent/event.ts";
import type {
  Act,
  ConsentFilter,
  ConsentImport,
  ConsentRequest,
  Ledger,
  ListedSuppression,
  NewConsent,
  Page,
  RecipientRecord,
  RecordedStop,
  RecordQuery,
  SuppressionFilter,
  SuppressionsSeen,
} from "../../consent/ledger.ts";
import {
  suppressionKinds,
  type Suppression,
  type SuppressionScope,
} from "../../consent/suppression.ts";
import type { StorageKeys } from "../sealing.ts";
import type { WriterClient } from "./client.ts";
import { createReadRequest } from "./consent-requests.ts";
import {
  consentColumns,
  consentKinds,
  rowsPerEventMax,
  rowToRecorded,
  type ConsentRow,
} from "./consent-rows.ts";
import { createConsentPacker, joinRecords, type PackedConsents } from "./consent-pack.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { reading } from "./database.ts";
import { createPacedWrite } from "./import-pace.ts";
import { createLookUp } from "./look-up.ts";
import type { Names } from "./names.ts";
import { createSubjects, indexBytes, type Subjects } from "./subjects.ts";
import {
  rowToSuppression,
  scopeColumns,
  suppressionColumns,
  type SuppressionRow,
} from "./suppression-rows.ts";
import type { SuppressionEntry } from "./suppressions.ts";
import { rememberUnanswered, type Asked } from "./unanswered.ts";

const eventsOfTheirOwnMax = 8; // up to here each consent gets an audit event of its own, above one covers the whole call
const stopKinds = (["withdrawn", "paused"] as const).map((kind) => consentKinds.indexOf(kind));
const stopsAtOnce = 200;
const suppressionBytes = 400; // about what one weighs on its way to the writer

export class SqliteLedger implements Ledger {
  readonly #db: Database;
  readonly #writer: WriterClient;
  readonly #names: Names;
  readonly #subjects: Subjects;
  readonly #clock: () => Date;
  readonly #request: ReturnType<typeof createReadRequest>;
  readonly #sealKey: KeyObject;
  readonly #records: Asked<RecordQuery, RecipientRecord>;
  readonly #addPaced: (entries: readonly SuppressionEntry[]) => Promise<number>;

  constructor(parts: {
    readonly db: Database;
    readonly writer: WriterClient;
    readonly names: Names;
    readonly keys: StorageKeys;
    readonly clock: () => Date;
  }) {
    this.#db = parts.db;
    this.#writer = parts.writer;
    this.#names = parts.names;
    this.#subjects = createSubjects(parts.db, parts.keys.seal);
    this.#clock = parts.clock;
    this.#request = createReadRequest(parts.db, parts.names, this.#subjects);
    this.#sealKey = parts.keys.seal;
    this.#records = rememberUnanswered(createLookUp(parts.db, parts.names));
    this.#addPaced = createPacedWrite((some) => this.#suppress(some, true));
  }

  /** What keeps the door from looking people up; undefined: nothing that is known. */
  problem(): string | undefined {
    return this.#records.problem();
  }

  // oxlint-disable-next-line require-await -- the read is synchronous, its failure must still be a rejection
  async lookUp(query: RecordQuery): Promise<RecipientRecord> {
    return this.#records.ask(query);
  }

  async recordConsents(consents: readonly NewConsent[]): Promise<{ readonly recorded: number }> {
    if (consents.length === 0) return { recorded: 0 };
    const singly = consents.length <= eventsOfTheirOwnMax;
    const { pack, texts } = createConsentPacker({ singly });
    if (singly) {
      const packed = joinRecords(
        consents.map((one) => Uint8Array.from(pack(one))),
        texts,
      );
      return this.#record(
        packed,
        consents.map(({ event }) => event),
      );
    }
    // Persons in the order of the table's index are kind to its pages; one person's rows keep their order.
    const records = consents.toSorted(bySubject).map((one) => Uint8Array.from(pack(one)));
    return this.#record(joinRecords(records, texts, this.#sealKey));
  }

  importConsents(): ConsentImport {
    const { pack, texts } = createConsentPacker();
    const write = createPacedWrite<Uint8Array>(
      async (rows) => (await this.#record(joinRecords(rows, texts, this.#sealKey))).recorded,
    );
    return { pack, store: async (rows) => ({ recorded: await write(rows) }) };
  }

  async #record(
    packed: PackedConsents,
    events: readonly ConsentEvent[] = [],
  ): Promise<{ readonly recorded: number }> {
    const { buffer: transfer, length: bytes } = packed.octets;
    assert(transfer instanceof ArrayBuffer);
    const args = [packed, events, this.#clock().getTime()] as const;
    return this.#writer.post("recordConsents", [...args], { bytes, transfer });
  }

  async events(subject: AddressIndex): Promise<readonly RecordedConsentEvent[]> {
    return reading(() => {
      const index = indexBytes(subject);
      const key = this.#subjects.find(index)?.key;
      return this.#db
        .prepare<[Buffer], ConsentRow>(
          `SELECT ${consentColumns} FROM consent_events WHERE subject = ? ORDER BY id`,
        )
        .all(index)
        .map((row) => rowToRecorded(row, this.#names, key));
    });
  }

  async *stopsOf(auditSequence: number): AsyncGenerator<RecordedStop, void> {
    const select = this.#db.prepare<[number, number, number], ConsentRow>(
      `SELECT ${consentColumns} FROM consent_events
       WHERE id >= ? AND id < ? AND kind IN (${stopKinds.join(", ")}) ORDER BY id LIMIT ?`,
    );
    const end = (auditSequence + 1) * rowsPerEventMax;
    let from = auditSequence * rowsPerEventMax;
    for (;;) {
      const rows = reading(() => select.all(from, end, stopsAtOnce));
      for (const row of rows) {
        const event = this.#withAddress(row);
        if (event.kind === "withdrawn" || event.kind === "paused") yield event;
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < stopsAtOnce) return;
      from = last.id + 1;
      await nextTurn(); // an import may hold thousands: others have their turn between two pages
    }
  }

  #withAddress(row: ConsentRow): RecordedConsentEvent & { readonly address?: string } {
    const person = this.#subjects.find(row.subject);
    return {
      ...rowToRecorded(row, this.#names, person?.key),
      ...(person === undefined || person.address === "" ? {} : { address: person.address }),
    };
  }

  async listConsents(
    filter: ConsentFilter,
  ): Promise<Page<RecordedConsentEvent & { readonly address?: string }>> {
    return reading(() => {
      const [after] = decodeCursor(filter.cursor, 1) ?? [-1];
      const sender = filter.sender === undefined ? null : this.#names.find(filter.sender);
      if (sender === undefined) return { items: [], next: null };
      const rows = this.#db
        .prepare<[number, number | null, number], ConsentRow>(
          `SELECT ${consentColumns} FROM consent_events
           WHERE id > ? AND sender = coalesce(?, sender) ORDER BY id LIMIT ?`,
        )
        .all(after ?? -1, sender, filter.limit);
      const last = rows.at(-1);
      return {
        items: rows.map((row) => this.#withAddress(row)),
        next: last === undefined || rows.length < filter.limit ? null : encodeCursor([last.id]),
      };
    });
  }

  async consentRequest(subject: AddressIndex, sender: string): Promise<ConsentRequest | undefined> {
    return reading(() => this.#request(indexBytes(subject), sender));
  }

  async suppress(
    entries: readonly SuppressionEntry[],
    wish: { readonly onlyLonger?: boolean } = {},
  ): Promise<{ readonly recorded: number }> {
    if (entries.length === 0) return { recorded: 0 };
    // What never shortens anything can be done in pieces and again: an import's does not keep others from the lock.
    if (wish.onlyLonger === true) return { recorded: await this.#addPaced(entries) };
    return { recorded: await this.#suppress(entries, false) };
  }

  #suppress(entries: readonly SuppressionEntry[], onlyLonger: boolean): Promise<number> {
    return this.#writer.post("suppress", [entries, this.#clock().getTime(), onlyLonger], {
      bytes: entries.length * suppressionBytes,
    });
  }

  async unsuppress(
    subject: AddressIndex,
    scope: SuppressionScope,
    act: Act,
    was?: SuppressionsSeen,
  ): Promise<readonly Suppression[]> {
    const args = [subject, scope, act, this.#clock().getTime()] as const;
    return this.#writer.post("unsuppress", was === undefined ? [...args] : [...args, was]);
  }

  async listSuppressions(filter: SuppressionFilter): Promise<Page<ListedSuppression>> {
    return reading(() => this.#listSuppressions(filter));
  }

  async addressOf(subject: AddressIndex): Promise<string | undefined> {
    return reading(() => {
      const address = this.#subjects.find(indexBytes(subject))?.address;
      return address === "" ? undefined : address;
    });
  }

  async erase(subject: AddressIndex, act: Act): Promise<{ readonly erased: boolean }> {
    return this.#writer.post("erase", [subject, act, this.#clock().getTime()]);
  }

  #listSuppressions(filter: SuppressionFilter): Page<ListedSuppression> {
    const scope =
      filter.scope === undefined ? undefined : scopeColumns(filter.scope, this.#names.find);
    if (filter.scope !== undefined && scope === undefined) return { items: [], next: null };
    const [after] = decodeCursor(filter.cursor, 1) ?? [0];
    const conditions = ["sequence > ?"];
    const values: (number | Buffer)[] = [after ?? 0];
    if (filter.subject !== undefined) {
      conditions.push("subject = ?");
      values.push(indexBytes(filter.subject));
    }
    if (filter.kind !== undefined) {
      conditions.push("kind = ?");
      values.push(suppressionKinds.indexOf(filter.kind));
    }
    if (scope !== undefined) {
      conditions.push("scope_kind = ?", "scope_name = ?");
      values.push(scope.kind, scope.name);
    }
    const rows = this.#db
      .prepare<(number | Buffer)[], SuppressionRow>(
        `SELECT ${suppressionColumns} FROM suppressions WHERE ${conditions.join(" AND ")}
         ORDER BY sequence LIMIT ?`,
      )
      .all(...values, filter.limit);
    const items = rows.map((row) => {
      const person = this.#subjects.find(row.subject);
      return {
        ...rowToSuppression(row, this.#names, person?.key),
        ...(person === undefined || person.address === "" ? {} : { address: person.address }),
      };
    });
    const last = rows.at(-1);
    return {
      items,
      next: last === undefined || rows.length < filter.limit ? null : encodeCursor([last.sequence]),
    };
  }
}

function bySubject({ event: left }: NewConsent, { event: right }: NewConsent): number {
  return left.subject < right.subject ? -1 : left.subject > right.subject ? 1 : 0;
}
