// The queue on SQLite: changes through the writer, lists on a reading connection in the calling thread.
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Database, Statement } from "better-sqlite3";

import type { AuditDraft } from "../../audit/event.ts";
import type { QueueAct } from "../../audit/from-queue.ts";
import type { Page } from "../../consent/ledger.ts";
import {
  recipientStates,
  type Change,
  type EntryStanding,
  type Claim,
  type HeldEntry,
  type Lease,
  type NewMessage,
  type NewRecipient,
  type NodeBeat,
  type QueueEntry,
  type QueueFilter,
  type QueueStore,
  type RecipientState,
  type Settlement,
} from "../../queue/store.ts";
import type { StorageKeys } from "../sealing.ts";
import { unseal } from "../sealing.ts";
import type { WriterClient } from "./client.ts";
import { readCounters } from "./counters.ts";
import { reading } from "./database.ts";
import { createKnown, type Known } from "./fingerprints.ts";
import { createLaneStreams } from "./lanes.ts";
import type { Names } from "./names.ts";
import { listHeld, listRecipients, showHeld, type QueueReader } from "./queue-lists.ts";
import type { LeaseRequest, LeaseTheseRequest } from "./queue-lease.ts";
import { contentPlace, type Accepted } from "./queue.ts";
import { createSubjects } from "./subjects.ts";

const knownAtOnce = 100; // looked up in one go by the thread that takes mail
const recipientBytes = 400; // about what one recipient or settlement weighs on its way to the writer

export class SqliteQueue implements QueueStore {
  readonly #writer: WriterClient;
  readonly #reader: QueueReader;
  readonly #clock: () => Date;
  readonly #known: Known;
  readonly #selectContent: Statement<[string], Buffer>;
  readonly #selectEarliest: Statement<[number], number>;

  constructor(parts: {
    readonly db: Database;
    readonly writer: WriterClient;
    readonly names: Names;
    readonly keys: StorageKeys;
    readonly clock: () => Date;
  }) {
    const { db, writer, names, keys, clock } = parts;
    this.#writer = writer;
    this.#clock = clock;
    this.#known = createKnown(db, keys);
    this.#selectContent = db
      .prepare<[string], Buffer>(
        "SELECT c.sealed FROM contents c JOIN messages m ON m.no = c.message WHERE m.message_id = ?",
      )
      .pluck();
    this.#selectEarliest = db
      .prepare<[number], number>("SELECT min(due_at) FROM lanes WHERE stream = ?")
      .pluck();
    this.#reader = {
      db,
      names,
      subjects: createSubjects(db, keys.seal),
      contentKey: keys.content,
    };
  }

  async accept(
    message: NewMessage,
    recipients: readonly NewRecipient[],
    events: readonly AuditDraft[],
    claim?: Claim,
  ): Promise<Accepted> {
    const bytes = message.content.length + (recipients.length + events.length) * recipientBytes;
    if (claim !== undefined)
      return this.#writer.post("accept", [message, recipients, events, claim], { bytes });
    const { buffer, transfer } = handOver(message.content);
    const given = { ...message, content: buffer };
    return this.#writer.post("accept", [given, recipients, events], { bytes, transfer });
  }

  async known(fingerprints: readonly string[], at: Date): Promise<readonly boolean[]> {
    const known: boolean[] = [];
    for (let from = 0; from < fingerprints.length; from += knownAtOnce) {
      if (from > 0) await nextTurn();
      const some = fingerprints.slice(from, from + knownAtOnce);
      known.push(...reading(() => some.map((one) => this.#known(one, at) !== undefined)));
    }
    return known;
  }

  async lease(request: LeaseRequest): Promise<readonly Lease[]> {
    return this.#writer.post("lease", [request]);
  }

  async leaseThese(request: LeaseTheseRequest): Promise<readonly Lease[]> {
    return this.#writer.post("leaseThese", [request]);
  }

  async nextDue(): Promise<Date | undefined> {
    return reading(() => {
      const times = createLaneStreams(this.#reader.db)()
        .map((stream) => this.#selectEarliest.get(stream))
        .filter((time) => time !== undefined);
      return times.length === 0 ? undefined : new Date(Math.min(...times));
    });
  }

  async content(messageId: string): Promise<Buffer | undefined> {
    return reading(() => {
      const sealed = this.#selectContent.get(messageId);
      return sealed === undefined
        ? undefined
        : unseal(this.#reader.contentKey, contentPlace(messageId), sealed);
    });
  }

  async begin(owner: string, recipientId: string): Promise<void> {
    await this.#writer.post("begin", [owner, recipientId]);
  }

  async settle(
    owner: string,
    settlements: readonly Settlement[],
  ): Promise<{ readonly lost: readonly string[] }> {
    return this.#writer.post("settle", [owner, settlements, this.#clock().getTime()], {
      bytes: settlements.length * recipientBytes,
    });
  }

  async beat(owner: string, now: Date): Promise<readonly NodeBeat[]> {
    return this.#writer.post("beat", [owner, now.getTime()]);
  }

  async recover(request: Parameters<QueueStore["recover"]>[0]): ReturnType<QueueStore["recover"]> {
    let recovered = 0;
    let quarantined = 0;
    for (;;) {
      const step = await this.#writer.post("recover", [request]);
      recovered += step.recovered;
      quarantined += step.quarantined;
      if (step.recovered === 0) return { recovered, ...(quarantined > 0 ? { quarantined } : {}) };
    }
  }

  async list(filter: QueueFilter): Promise<Page<QueueEntry>> {
    return reading(() => listRecipients(this.#reader, filter));
  }

  async change(
    ids: readonly string[],
    change: Change,
    act: QueueAct,
    was?: EntryStanding,
  ): Promise<readonly string[]> {
    return this.#writer.post(
      "change",
      was === undefined ? [ids, change, act] : [ids, change, act, was],
    );
  }

  async heldList(filter: Parameters<QueueStore["heldList"]>[0]): Promise<Page<HeldEntry>> {
    return reading(() => listHeld(this.#reader, filter));
  }

  async heldShow(id: string): Promise<(HeldEntry & { readonly content: Buffer }) | undefined> {
    const content = await this.content(id);
    const entry = reading(() => showHeld(this.#reader, id));
    return entry === undefined || content === undefined ? undefined : { ...entry, content };
  }

  async heldDecide(id: string, verdict: "release" | "reject", act: QueueAct): Promise<boolean> {
    return this.#writer.post("heldDecide", [id, verdict, act]);
  }

  async counts(): Promise<{
    readonly states: Readonly<Record<RecipientState, number>>;
    readonly contentBytes: number;
  }> {
    return reading(() => {
      const found = readCounters(this.#reader.db, "queue/");
      const count = (state: RecipientState): [RecipientState, number] => [
        state,
        found.get(state) ?? 0,
      ];
      return {
        states: Object.fromEntries(recipientStates.map(count)) as Record<RecipientState, number>,
        contentBytes: readCounters(this.#reader.db, "content/").get("bytes") ?? 0,
      };
    });
  }
}

/** A buffer that owns its memory changes threads as it is; a slice of a larger one must be copied first. */
function handOver(content: Buffer): { readonly buffer: Buffer; readonly transfer: ArrayBuffer } {
  const { buffer } = content;
  if (
    buffer instanceof ArrayBuffer &&
    buffer.byteLength === content.byteLength &&
    buffer.byteLength > 0
  )
    return { buffer: content, transfer: buffer };
  const copy = new ArrayBuffer(content.byteLength);
  const view = Buffer.from(copy);
  content.copy(view);
  return { buffer: view, transfer: copy };
}
