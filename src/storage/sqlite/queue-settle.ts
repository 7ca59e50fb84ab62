// Records what attempts came to, and gives back what a dead owner had leased.
import { leaseQuarantined, leaseRecovered } from "../../audit/from-queue.ts";
import type { QueueStore, Settlement } from "../../queue/store.ts";
import { formatReply } from "../../mail/reply.ts";
import type { WriterContext } from "./context.ts";
import { bareReply } from "./forgotten.ts";
import type { Lanes } from "./lanes.ts";
import type { Accept } from "./queue.ts";
import { selectRecipient, type RecipientEnder, type RecipientRow } from "./recipient-end.ts";
import { openRecipient, parseRecipientId, replyColumn, stateNumber } from "./recipient-rows.ts";
import type { SuppressionVerbs } from "./suppressions.ts";

export interface SettleParts {
  readonly context: WriterContext;
  readonly lanes: Lanes;
  readonly recipients: RecipientEnder;
  readonly accept: Accept;
  readonly suppressions: SuppressionVerbs;
}

const recoveredMax = 1000; // rows in one transaction; the caller asks again while there are more

export interface SettleVerbs {
  readonly settle: (
    owner: string,
    settlements: readonly Settlement[],
    now: number,
  ) => { readonly lost: readonly string[] };
  readonly begin: (owner: string, recipientId: string) => void;
  readonly recover: (request: Parameters<QueueStore["recover"]>[0]) => {
    readonly recovered: number;
    readonly quarantined: number;
  };
}

export function createSettleVerbs(parts: SettleParts): SettleVerbs {
  const find = createFind(parts.context);
  const wait = createWait(parts);
  const finish = createFinish(parts);
  const { leasedRows } = parts.context;
  /** False where another process has taken the lease away since the row was read. */
  const record = (row: RecipientRow, settlement: Settlement, now: number): boolean =>
    settlement.kind === "deferred" ? wait(row, settlement) : finish(row, settlement, now);
  return {
    settle: (owner, settlements, now) => {
      const lost: string[] = [];
      for (const settlement of settlements) {
        const { recipientId } = settlement;
        const row = leasedRows.take(recipientId) ?? find(recipientId);
        const isOurs = row?.state === stateNumber.leased && row.owner === owner;
        if (!isOurs || !record(row, settlement, now)) lost.push(recipientId);
      }
      return { lost };
    },
    begin: createBegin(parts),
    recover: createRecover(parts),
  };
}

/** Finds a recipient by its public id. */
export function createFind({ db }: WriterContext): (id: string) => RecipientRow | undefined {
  const select = db.prepare<[string, number], RecipientRow>(
    `${selectRecipient} WHERE m.message_id = +? AND r.n = +?`,
  );
  return (id) => {
    const parsed = parseRecipientId(id);
    return parsed === undefined ? undefined : select.get(parsed.messageId, parsed.n);
  };
}

function createWait({
  context,
  lanes,
  accept,
}: SettleParts): (
  row: RecipientRow,
  outcome: Settlement & { readonly kind: "deferred" },
) => boolean {
  const { db, counters, audit } = context;
  const wordsOf = createWordsOf(context);
  const update = db.prepare<
    [number, number, number, number, string | Buffer | null, number, number, string | null]
  >(
    `UPDATE recipients SET state = 1, next_attempt_at = ?, attempts = attempts + ?,
       uncertain = CASE ? WHEN 0 THEN uncertain & ~${begun} ELSE uncertain & ${endSent} | ? END,
       owner = NULL, leased_until = NULL, last_reply = coalesce(?, last_reply)
     WHERE message = ? AND n = ? AND state = 3 AND owner IS ?`,
  );
  return (row, outcome) => {
    const at = outcome.nextAttemptAt.getTime();
    const { address, column: reply } = wordsOf(row, outcome);
    const { changes } = update.run(
      at,
      Number(outcome.counted),
      Number(outcome.counted),
      outcome.uncertain === true ? endSent : 0,
      reply,
      row.message,
      row.n,
      row.owner,
    );
    if (changes === 0) return false;
    lanes.add(row, at);
    counters.add("queue/leased", -1);
    counters.add("queue/waiting", 1);
    if (outcome.event !== undefined) audit.append(outcome.event, undefined, address);
    const { report } = outcome;
    if (report !== undefined) accept(report.message, [report.recipient], [report.event]);
    return true;
  };
}

function createFinish({
  context,
  recipients,
  accept,
  suppressions,
}: SettleParts): (
  row: RecipientRow,
  outcome: Exclude<Settlement, { readonly kind: "deferred" }>,
  now: number,
) => boolean {
  const wordsOf = createWordsOf(context);
  return (row, outcome, now) => {
    const { address, column } = wordsOf(row, outcome);
    if (!recipients.end(row, outcome.kind, column, 1)) return false;
    context.audit.append(outcome.event, undefined, address);
    // By index: a failure is no act of the person's, and admits nobody who was erased.
    if (outcome.kind !== "delivered" && outcome.suppress !== undefined)
      suppressions.suppress([{ suppression: outcome.suppress.suppression }], now);
    const { report } = outcome;
    if (report !== undefined) accept(report.message, [report.recipient], [report.event]);
    return true;
  };
}

/**
 * `uncertain` of a recipient holds three facts. The low bits count leases in a row that ended without an outcome; an outcome
 * begins anew. The bit above them is set once the end of the message was sent and nothing came back, and stays. The highest
 * is set while an attempt that was noted is under way.
 */
const endSent = 8;
const inARow = endSent - 1;
const begun = 16;

/** The remote's words as the row keeps them; the address of a person who was erased, which the row alone still tells. */
function createWordsOf({
  db,
  subjects,
}: WriterContext): (
  row: RecipientRow,
  outcome: Pick<Settlement, "recipientId" | "reply">,
) => { readonly address?: string; readonly column: string | Buffer | null } {
  const select = db
    .prepare<[number, number], Buffer | null>(
      "SELECT sealed FROM recipients WHERE message = ? AND n = ?",
    )
    .pluck();
  return (row, { recipientId, reply }) => {
    const person = subjects.find(row.subject);
    if (person?.address !== "") return { column: replyColumn(recipientId, reply, person) };
    const sealed = select.get(row.message, row.n) ?? null;
    const address = openRecipient(recipientId, person, sealed).address.text;
    return { address, column: reply === undefined ? null : formatReply(bareReply(reply, address)) };
  };
}

function createBegin({ context }: SettleParts): SettleVerbs["begin"] {
  const mark = context.db.prepare<[number, number, string]>(
    `UPDATE recipients SET uncertain = uncertain | ${begun}
     WHERE message = ? AND n = ? AND state = 3 AND owner = ?`,
  );
  const find = createFind(context);
  return (owner, recipientId) => {
    const row = find(recipientId);
    if (row !== undefined) mark.run(row.message, row.n, owner);
  };
}

/** A copy whose attempts ended in three crashes in a row may be what causes them: a person looks at it (row 49). */
const crashesMax = 3;

function createRecover({ context, lanes, recipients }: SettleParts): SettleVerbs["recover"] {
  const { db, counters, audit } = context;
  const select = db.prepare<
    [string, number, string, number],
    RecipientRow & { readonly uncertain: number }
  >(
    `${selectRecipient.replace("SELECT ", "SELECT r.uncertain, ")} WHERE r.state = 3 AND r.state < 4
       AND (r.owner = +? OR r.leased_until < ? OR r.owner IN (SELECT value FROM json_each(?))) LIMIT +?`,
  );
  const update = db.prepare<[number, number, number, number, number, number]>(
    `UPDATE recipients SET state = ?, next_attempt_at = ?, attempts = attempts + ?, uncertain = ?,
       owner = NULL, leased_until = NULL
     WHERE message = ? AND n = ?`,
  );
  return ({ owner, now, retryAt, silent = [], endedBefore = now }) => {
    const rows = select.all(owner, endedBefore.getTime(), JSON.stringify(silent), recoveredMax);
    let quarantined = 0;
    for (const row of rows) {
      const before = row.uncertain & inARow;
      // Which of the first time were in an attempt, nobody knows; from then on those were noted.
      const counts = before === 0 || (row.uncertain & begun) > 0;
      const crashes = Math.min(before + Number(counts), inARow);
      const poison = counts && crashes >= crashesMax;
      const state = poison ? "paused" : "waiting";
      update.run(
        stateNumber[state],
        retryAt.getTime(),
        Number(counts),
        (row.uncertain & endSent) | crashes,
        row.message,
        row.n,
      );
      if (!poison) lanes.add(row, retryAt.getTime());
      counters.add("queue/leased", -1);
      counters.add(`queue/${state}`, 1);
      audit.append(leaseRecovered(recipients.about(row), now));
      if (poison) audit.append(leaseQuarantined(recipients.about(row), now, crashesMax));
      quarantined += Number(poison);
    }
    return { recovered: rows.length, quarantined };
  };
}
