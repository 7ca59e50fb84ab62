// Takes away what has had its time: fingerprints after a day, settled messages after a month. The audit log keeps what happened.
import type { WriterContext } from "./context.ts";
import { fingerprintMilliseconds } from "./queue.ts";
import { stateName } from "./recipient-rows.ts";

const settledKeptMilliseconds = 30 * 24 * 3600 * 1000; // long enough to answer "where is my mail" from the queue alone
const rowsMax = 500; // in one transaction, so that nobody waits for it

/** One bounded step, to be taken inside a transaction. */
export function createMaintenance(context: WriterContext): (now: number) => void {
  const { db, counters } = context;
  const removeFingerprints = db.prepare<[number, number]>(
    `DELETE FROM fingerprints WHERE digest IN
       (SELECT digest FROM fingerprints WHERE at < ? ORDER BY at LIMIT ?)`,
  );
  const settled = db
    .prepare<[number, number], number>(
      "SELECT no FROM messages WHERE open = 0 AND received_at < ? ORDER BY received_at LIMIT ?",
    )
    .pluck();
  const removeRecipients = db
    .prepare<[number], number>("DELETE FROM recipients WHERE message = ? RETURNING state")
    .pluck();
  const removeMessage = db.prepare<[number]>("DELETE FROM messages WHERE no = ?");
  return (now) => {
    removeFingerprints.run(now - fingerprintMilliseconds, rowsMax);
    for (const no of settled.all(now - settledKeptMilliseconds, rowsMax)) {
      for (const state of removeRecipients.all(no)) counters.add(`queue/${stateName(state)}`, -1);
      removeMessage.run(no);
    }
  };
}
