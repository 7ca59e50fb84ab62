// Hands out due recipients: the lanes that waited longest first, each its share, whatever lies behind them.
import { recipientErased } from "../../audit/from-queue.ts";
import type { Lease, QueueStore } from "../../queue/store.ts";
import type { WriterContext } from "./context.ts";
import type { Lane, Lanes } from "./lanes.ts";
import type { RecipientEnder, RecipientRow } from "./recipient-end.ts";
import {
  formatRecipientId,
  openEnvelope,
  openRecipient,
  parseRecipientId,
  storedDomain,
} from "./recipient-rows.ts";
import { indexText } from "./subjects.ts";

export type LeaseRequest = Parameters<QueueStore["lease"]>[0];
export type LeaseTheseRequest = Parameters<QueueStore["leaseThese"]>[0];

interface LeaseRow extends RecipientRow {
  readonly attempts: number;
  readonly uncertain: number;
  readonly sealed: Buffer | null;
  readonly envelope: Buffer | null;
  readonly from_domain: number;
  readonly received_at: number;
  readonly notification: number;
}

export function createLease(
  context: WriterContext,
  lanes: Lanes,
  recipients: RecipientEnder,
): (request: LeaseRequest) => readonly Lease[] {
  const take = createTake(context, recipients);
  return (request) => {
    const now = request.now.getTime();
    const due = dueLanes(context, lanes, request, now);
    const perDestination = request.perDestination ?? request.limit;
    const taken = new Map<number, number>();
    const leases: Lease[] = [];
    const served = new Set<Lane>();
    // First each lane its equal share, then whatever is still wanted from those that have more.
    let share = Math.max(1, Math.floor(request.limit / Math.max(1, due.length)));
    let open = due;
    while (leases.length < request.limit && open.length > 0) {
      const more: Lane[] = [];
      for (const lane of open) {
        const room = perDestination - (taken.get(lane.destination) ?? 0);
        const wanted = Math.min(share, room, request.limit - leases.length);
        if (wanted <= 0) continue;
        const got = take(lane, wanted, request, leases);
        taken.set(lane.destination, (taken.get(lane.destination) ?? 0) + got);
        served.add(lane);
        if (got === wanted) more.push(lane);
      }
      open = more;
      share = request.limit;
    }
    for (const lane of served) lanes.serve(lane, now);
    return leases;
  };
}

/** The lanes whose turn it is, over all streams that are not left out. */
function dueLanes(
  { names }: WriterContext,
  lanes: Lanes,
  request: LeaseRequest,
  now: number,
): readonly Lane[] {
  const numbers = (list: readonly string[] | undefined): ReadonlySet<number> =>
    new Set((list ?? []).map((name) => names.find(name)).filter((id) => id !== undefined));
  const exceptDestinations = numbers(request.except?.destinations);
  const exceptStreams = numbers(request.except?.streams);
  const exceptSenders = numbers(request.except?.senders);
  return lanes
    .streams()
    .filter((stream) => !exceptStreams.has(stream))
    .flatMap((stream) => lanes.due(stream, now, request.limit + exceptDestinations.size))
    .filter((lane) => !exceptDestinations.has(lane.destination) && !exceptSenders.has(lane.sender))
    .toSorted((left, right) => left.due_at - right.due_at || left.turn - right.turn)
    .slice(0, request.limit);
}

type Take = (lane: Lane, wanted: number, request: LeaseRequest, leases: Lease[]) => number;

/** Leases up to `wanted` recipients of a lane; gives how many rows it went through. */
function createTake(context: WriterContext, recipients: RecipientEnder): Take {
  const select = context.db.prepare<[number, number, number, number], LeaseRow>(
    `SELECT ${leaseColumns}
     FROM recipients r INDEXED BY recipients_waiting JOIN messages m ON m.no = r.message
     WHERE r.state = 1 AND r.stream = +? AND r.destination = +? AND r.next_attempt_at <= ?
     ORDER BY r.next_attempt_at LIMIT +?`,
  );
  const takeRow = createTakeRow(context, recipients);
  return (lane, wanted, request, leases) => {
    const rows = select.all(lane.stream, lane.destination, request.now.getTime(), wanted);
    for (const row of rows) {
      const lease = takeRow(row, request);
      if (lease !== undefined) leases.push(lease);
    }
    return rows.length;
  };
}

/** `leaseThese`: their lanes find out at their next turn. */
export function createLeaseThese(
  context: WriterContext,
  recipients: RecipientEnder,
): (request: LeaseTheseRequest) => readonly Lease[] {
  const select = context.db.prepare<[string, number], LeaseRow>(
    `SELECT ${leaseColumns}
     FROM messages m JOIN recipients r ON r.message = m.no
     WHERE m.message_id = +? AND r.n = +? AND r.state = 1`,
  );
  const takeRow = createTakeRow(context, recipients);
  return (request) =>
    request.ids.flatMap((id) => {
      const parsed = parseRecipientId(id);
      const row = parsed === undefined ? undefined : select.get(parsed.messageId, parsed.n);
      return (row === undefined ? undefined : takeRow(row, request)) ?? [];
    });
}

const leaseColumns = `r.message, r.n, m.message_id, r.subject, r.stream, m.sender, r.destination, r.state, r.owner,
       r.attempts, r.uncertain, r.sealed, m.sealed AS envelope, m.from_domain, m.received_at, m.notification`;

/** Leases the row; undefined where the person was erased, and it is dropped. */
function createTakeRow(
  context: WriterContext,
  recipients: RecipientEnder,
): (
  row: LeaseRow,
  request: Pick<LeaseRequest, "owner" | "now" | "leaseUntil">,
) => Lease | undefined {
  const { db, counters } = context;
  const update = db.prepare<[string, number, number, number]>(
    `UPDATE recipients SET state = 3, owner = ?, leased_until = ?, next_attempt_at = NULL
     WHERE message = ? AND n = ?`,
  );
  return (row, { owner, now, leaseUntil }) => {
    const lease = toLease(context, row);
    if (lease === undefined) {
      // Without a readable address nobody can be written to; left in the lane it would come up for ever.
      recipients.end(row, "dropped", null, 0);
      context.audit.append(recipientErased(recipients.about(row), "gateway", now));
      return undefined;
    }
    update.run(owner, leaseUntil.getTime(), row.message, row.n);
    counters.add("queue/waiting", -1);
    counters.add("queue/leased", 1);
    return lease;
  };
}

function toLease({ names, subjects, keys }: WriterContext, row: LeaseRow): Lease | undefined {
  const recipientId = formatRecipientId(row.message_id, row.n);
  const person = subjects.find(row.subject);
  if (person === undefined || row.envelope === null) return undefined;
  const { address, dsn } = openRecipient(recipientId, person, row.sealed);
  const { envelope, trace, purpose } = openEnvelope(keys.content, row.message_id, row.envelope);
  return {
    recipientId,
    messageId: row.message_id,
    address,
    subject: indexText(row.subject),
    destination: storedDomain(names.of(row.destination)),
    ...(dsn === undefined ? {} : { dsn }),
    attempts: row.attempts,
    stream: names.of(row.stream),
    sender: names.of(row.sender),
    envelope,
    fromDomain: storedDomain(names.of(row.from_domain)),
    receivedAt: new Date(row.received_at),
    trace,
    ...(purpose && { purpose }),
    notification: row.notification === 1,
    uncertain: row.uncertain > 0,
  };
}
