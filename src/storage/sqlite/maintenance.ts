// Takes away what has had its time: fingerprints after a day, settled messages after a month. The audit log keeps what happened.
//
// It walks the tables step by step. An index by age would find the same, but each message would have to enter and leave it.
import type { WriterContext } from "./context.ts";
import { fingerprintMilliseconds } from "./fingerprints.ts";
import { stateName } from "./recipient-rows.ts";

/** How often a step is to be taken while something is written. */
export const maintenanceMilliseconds = 1000;

const settledKeptMilliseconds = 30 * 24 * 3600 * 1000; // long enough to answer "where is my mail" from the queue alone
const fingerprintsWalked = 1000; // in one step: some 80 million a day, and no more than a millisecond
const messagesWalked = 300; // in one step: 25 million a day; removing so many takes some milliseconds

/** One bounded step, to be taken inside a transaction. */
export function createMaintenance(context: WriterContext): (now: number) => void {
  const forget = createForgetFingerprints(context);
  const remove = createRemoveSettled(context);
  return (now) => {
    forget(now - fingerprintMilliseconds);
    remove(now - settledKeptMilliseconds, now);
  };
}

/** Goes through them in their order, again and again. */
function createForgetFingerprints({ db }: WriterContext): (before: number) => void {
  const first = Buffer.alloc(0);
  const beyond = Buffer.alloc(17, 0xff); // a digest has 16 octets
  const endOfStep = db
    .prepare<[Buffer], Buffer>(
      `SELECT digest FROM fingerprints WHERE digest > ? ORDER BY digest LIMIT 1 OFFSET ${fingerprintsWalked - 1}`,
    )
    .pluck();
  const remove = db.prepare<[Buffer, Buffer, number]>(
    "DELETE FROM fingerprints WHERE digest > ? AND digest <= ? AND at < ?",
  );
  let walked: Buffer = first;
  return (before) => {
    const end = endOfStep.get(walked);
    remove.run(walked, end ?? beyond, before);
    walked = end ?? first;
  };
}

/** Goes from the oldest on, past those that are not settled, and begins again where they are too young. */
function createRemoveSettled({
  db,
  counters,
  leasedRows,
}: WriterContext): (before: number, now: number) => void {
  const next = db.prepare<
    [number, number],
    { readonly no: number; readonly open: number; readonly received_at: number }
  >("SELECT no, open, received_at FROM messages WHERE no > ? ORDER BY no LIMIT +?");
  const removeRecipients = db
    .prepare<[number], number>("DELETE FROM recipients WHERE message = ? RETURNING state")
    .pluck();
  const removeMessage = db.prepare<[number]>("DELETE FROM messages WHERE no = ?");
  let walked = 0;
  return (before, now) => {
    const due: number[] = [];
    let last = 0;
    for (const row of next.iterate(walked, messagesWalked)) {
      // Numbers follow time. What a clock that was wrong has dated ahead does not end the walk.
      const isYoung = row.received_at >= before && row.received_at <= now;
      last = isYoung ? 0 : row.no;
      if (isYoung) break;
      if (row.open === 0 && row.received_at < before) due.push(row.no);
    }
    walked = last;
    if (due.length > 0) leasedRows.forget();
    for (const no of due) {
      for (const state of removeRecipients.all(no)) counters.add(`queue/${stateName(state)}`, -1);
      removeMessage.run(no);
    }
  };
}
