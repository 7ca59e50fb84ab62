// What people do to queued and held mail: retry, hold, release, drop; release or reject what is held.
import { heldDecided, recipientChanged, type QueueAct } from "../../audit/from-queue.ts";
import type { Change, EntryStanding, RecipientState } from "../../queue/store.ts";
import type { WriterContext } from "./context.ts";
import type { Lanes } from "./lanes.ts";
import { createFind } from "./queue-settle.ts";
import { selectRecipient, type RecipientEnder, type RecipientRow } from "./recipient-end.ts";
import { formatRecipientId, stateName, stateNumber } from "./recipient-rows.ts";

/** From which states a change leads where. A leased recipient is in an attempt's hands: only that attempt settles it. */
const changes = {
  retry: { from: ["waiting", "paused"], to: "waiting" },
  hold: { from: ["waiting"], to: "paused" },
  release: { from: ["paused"], to: "waiting" },
  drop: { from: ["held", "waiting", "paused"], to: "dropped" },
} as const satisfies Record<
  Change,
  { readonly from: readonly RecipientState[]; readonly to: RecipientState }
>;

export interface ChangeVerbs {
  /** `ids` name recipients, or messages: then all their recipients. */
  readonly change: (
    ids: readonly string[],
    change: Change,
    act: QueueAct,
    was?: EntryStanding,
  ) => readonly string[];
  readonly heldDecide: (id: string, verdict: "release" | "reject", act: QueueAct) => boolean;
}

export function createChangeVerbs(
  context: WriterContext,
  lanes: Lanes,
  recipients: RecipientEnder,
): ChangeVerbs {
  const { db, names, audit } = context;
  const find = createFind(context);
  const move = createMove(context, lanes);
  const ofMessage = db.prepare<[string], RecipientRow>(
    `${selectRecipient} WHERE m.message_id = +? ORDER BY r.n`,
  );
  const stands = createStands(context);
  const removeHeld = db.prepare<[number]>("DELETE FROM held WHERE message = ?");
  return {
    change: (ids, change, act, was) => {
      const changed: string[] = [];
      for (const id of ids) {
        const one = find(id);
        for (const row of one === undefined ? ofMessage.all(id) : [one]) {
          const { from, to } = changes[change];
          if (!from.some((state) => stateNumber[state] === row.state)) continue;
          if (was !== undefined && !stands(row, was)) continue;
          if (to === "dropped") recipients.end(row, to, null, 0);
          else move(row, to, act.at);
          audit.append(recipientChanged(recipients.about(row), change, act));
          changed.push(formatRecipientId(row.message_id, row.n));
        }
      }
      return changed;
    },
    heldDecide: (id, verdict, act) => {
      const rows = ofMessage.all(id).filter((row) => row.state === stateNumber.held);
      const [first] = rows;
      if (first === undefined) return false;
      for (const row of rows) {
        if (verdict === "release") move(row, "waiting", act.at);
        else recipients.end(row, "dropped", null, 0);
      }
      removeHeld.run(first.message);
      const message = {
        messageId: first.message_id,
        stream: names.of(first.stream),
        sender: names.of(first.sender),
      };
      audit.append(heldDecided(message, verdict, act, rows.length));
      return true;
    },
  };
}

function createStands({ db }: WriterContext): (row: RecipientRow, was: EntryStanding) => boolean {
  const select = db.prepare<
    [number, number],
    { readonly attempts: number; readonly next_attempt_at: number | null }
  >("SELECT attempts, next_attempt_at FROM recipients WHERE message = ? AND n = ?");
  return (row, was) => {
    const now = select.get(row.message, row.n);
    return (
      stateName(row.state) === was.state &&
      now?.attempts === was.attempts &&
      now.next_attempt_at === (was.nextAttemptAt?.getTime() ?? null)
    );
  };
}

function createMove(
  { db, counters }: WriterContext,
  lanes: Lanes,
): (row: RecipientRow, to: "waiting" | "paused", at: Date) => void {
  const update = db.prepare<[number, number | null, number, number]>(
    "UPDATE recipients SET state = ?, next_attempt_at = ? WHERE message = ? AND n = ?",
  );
  return (row, to, at) => {
    const dueAt = to === "waiting" ? at.getTime() : null;
    update.run(stateNumber[to], dueAt, row.message, row.n);
    if (dueAt !== null) lanes.add(row, dueAt);
    counters.add(`queue/${stateName(row.state)}`, -1);
    counters.add(`queue/${to}`, 1);
  };
}
