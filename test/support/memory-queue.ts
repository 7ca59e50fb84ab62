// A queue in memory for tests of delivery alone: the parts of QueueStore that a worker uses, and a record of all settled.
import type { AuditDraft } from "../../src/audit/event.ts";
import type {
  Lease,
  NewMessage,
  NewRecipient,
  QueueStore,
  Settlement,
} from "../../src/queue/store.ts";

type WorkerQueue = Pick<
  QueueStore,
  | "accept"
  | "lease"
  | "leaseThese"
  | "list"
  | "nextDue"
  | "content"
  | "begin"
  | "settle"
  | "beat"
  | "recover"
>;

export interface MemoryQueue extends WorkerQueue {
  /** Every settlement in the order of recording. */
  readonly settled: readonly Settlement[];
  /** Events in the order of recording. */
  readonly events: readonly AuditDraft[];
  /** Recipients whose attempts were noted before they began. */
  readonly begun: readonly string[];
  readonly states: () => Readonly<Record<string, number>>;
  readonly stateOf: (recipientId: string) => string | undefined;
  /** Resolves once `condition` holds; rejects after `deadlineMs`. */
  readonly waitFor: (condition: () => boolean, deadlineMs?: number) => Promise<void>;
  /** While set, every method rejects with it. */
  breakWith: Error | undefined;
}

interface Row {
  readonly message: NewMessage;
  readonly recipient: NewRecipient;
  state: string;
  owner: string;
  leaseUntil: number;
  due: number;
  attempts: number;
  uncertain: boolean;
  /** The end of the message was sent once, and nothing came back. */
  endSent: boolean;
}

export function createMemoryQueue(): MemoryQueue {
  const rows = new Map<string, Row>();
  const settled: Settlement[] = [];
  const events: AuditDraft[] = [];
  const begun: string[] = [];
  const watchers = new Set<() => void>();
  const happened = (): void => {
    for (const watcher of watchers) watcher();
  };
  const store = (message: NewMessage, recipient: NewRecipient): void => {
    rows.set(recipient.recipientId, {
      message,
      recipient,
      state: message.held === undefined ? "waiting" : "held",
      owner: "",
      leaseUntil: 0,
      due: message.receivedAt.getTime(),
      attempts: 0,
      uncertain: false,
      endSent: false,
    });
  };
  const fingerprints = new Set<string>();
  const apply = (row: Row, settlement: Settlement): void => {
    if (settlement.event !== undefined) events.push(settlement.event);
    if (settlement.kind === "deferred") {
      row.state = "waiting";
      row.due = settlement.nextAttemptAt.getTime();
      row.attempts += settlement.counted ? 1 : 0;
      if (settlement.counted) row.uncertain &&= row.endSent;
      if (settlement.uncertain === true) row.uncertain = row.endSent = true;
    } else row.state = settlement.kind;
    const { report } = settlement;
    const fingerprint = report?.message.fingerprint;
    if (report === undefined || (fingerprint !== undefined && fingerprints.has(fingerprint)))
      return;
    if (fingerprint !== undefined) fingerprints.add(fingerprint);
    store(report.message, report.recipient);
    events.push(report.event);
  };

  const takeRow = (row: Row, owner: string, leaseUntil: Date): Lease => {
    const { message } = row;
    row.state = "leased";
    row.owner = owner;
    row.leaseUntil = leaseUntil.getTime();
    const { dsn, ...named } = row.recipient;
    return {
      ...named,
      ...(dsn === undefined ? {} : { dsn }),
      messageId: message.messageId,
      attempts: row.attempts,
      stream: message.stream,
      sender: message.sender,
      envelope: message.envelope,
      fromDomain: message.fromDomain,
      receivedAt: message.receivedAt,
      trace: message.trace,
      notification: message.notification ?? false,
      uncertain: row.uncertain,
    };
  };

  const queue: MemoryQueue = {
    breakWith: undefined,
    settled,
    events,
    begun,
    accept: async (message, recipients, _events, claim) => {
      await Promise.resolve();
      const own = { ...message, content: Buffer.from(message.content) };
      for (const recipient of recipients) {
        store(own, recipient);
        const row = rows.get(recipient.recipientId);
        if (row === undefined || claim === undefined) continue;
        row.state = "leased";
        row.owner = claim.owner;
        row.leaseUntil = claim.leaseUntil.getTime();
      }
      return { kind: "stored" };
    },
    lease: async ({ owner, now, leaseUntil, limit, except, perDestination = Infinity }) => {
      await Promise.resolve();
      if (queue.breakWith !== undefined) throw queue.breakWith;
      const counts = new Map<string, number>();
      const leases: Lease[] = [];
      for (const row of rows.values()) {
        const { recipient, message } = row;
        const count = counts.get(recipient.destination) ?? 0;
        if (leases.length >= limit) break;
        if (row.state !== "waiting" || row.due > now.getTime() || count >= perDestination) continue;
        if (except?.destinations?.includes(recipient.destination) === true) continue;
        if (except?.streams?.includes(message.stream) === true) continue;
        if (except?.senders?.includes(message.sender) === true) continue;
        counts.set(recipient.destination, count + 1);
        leases.push(takeRow(row, owner, leaseUntil));
      }
      return leases;
    },
    leaseThese: async ({ owner, leaseUntil, ids }) => {
      await Promise.resolve();
      if (queue.breakWith !== undefined) throw queue.breakWith;
      return ids.flatMap((id) => {
        const row = rows.get(id);
        return row?.state === "waiting" ? [takeRow(row, owner, leaseUntil)] : [];
      });
    },
    /** Of those that wait; one page. */
    list: async () => {
      await Promise.resolve();
      if (queue.breakWith !== undefined) throw queue.breakWith;
      const waiting = [...rows.values()].filter(({ state }) => state === "waiting");
      return {
        items: waiting.map(({ message, recipient, due, attempts }) => ({
          id: recipient.recipientId,
          messageId: message.messageId,
          destination: recipient.destination,
          stream: message.stream,
          sender: message.sender,
          state: "waiting",
          attempts,
          nextAttemptAt: new Date(due),
          lastReply: null,
          receivedAt: message.receivedAt,
        })),
        next: null,
      };
    },
    nextDue: async () => {
      await Promise.resolve();
      const due = [...rows.values()].flatMap((row) => (row.state === "waiting" ? [row.due] : []));
      return due.length === 0 ? undefined : new Date(Math.min(...due));
    },
    content: async (messageId) => {
      await Promise.resolve();
      if (queue.breakWith !== undefined) throw queue.breakWith;
      const found = [...rows.values()].find(({ message }) => message.messageId === messageId);
      return found === undefined ? undefined : Buffer.from(found.message.content);
    },
    begin: async (_owner, recipientId) => {
      await Promise.resolve();
      if (queue.breakWith !== undefined) throw queue.breakWith;
      begun.push(recipientId);
    },
    settle: async (owner, settlements) => {
      await Promise.resolve();
      if (queue.breakWith !== undefined) throw queue.breakWith;
      const lost: string[] = [];
      for (const settlement of settlements) {
        const row = rows.get(settlement.recipientId);
        if (row?.state !== "leased" || row.owner !== owner) lost.push(settlement.recipientId);
        else {
          apply(row, settlement);
          settled.push(settlement);
        }
      }
      happened();
      return { lost };
    },
    beat: async () => {
      await Promise.resolve();
      if (queue.breakWith !== undefined) throw queue.breakWith;
      return [];
    },
    recover: async ({ owner, now, retryAt, endedBefore = now }) => {
      await Promise.resolve();
      let recovered = 0;
      for (const row of rows.values()) {
        if (row.state !== "leased") continue;
        if (row.owner !== owner && row.leaseUntil >= endedBefore.getTime()) continue;
        Object.assign(row, { state: "waiting", due: retryAt.getTime(), uncertain: true });
        row.attempts += 1;
        recovered += 1;
      }
      return { recovered };
    },
    states: () => {
      const counts: Record<string, number> = {};
      for (const { state } of rows.values()) counts[state] = (counts[state] ?? 0) + 1;
      return counts;
    },
    stateOf: (recipientId) => rows.get(recipientId)?.state,
    waitFor: (condition, deadlineMs = 10_000) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!condition()) return;
          clearTimeout(timer);
          watchers.delete(look);
          resolve();
        };
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(
            new Error(`queue waited in vain: ${JSON.stringify(settled.slice(-5), undefined, 1)}`),
          );
        }, deadlineMs);
        watchers.add(look);
        look();
      }),
  };
  return queue;
}
