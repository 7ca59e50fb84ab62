// Ends a recipient's time in the queue; with a message's last one its content and envelope go, in the same commit.
import { recipientErased, type QueuedRecipient } from "../../audit/from-queue.ts";
import type { WriterContext } from "./context.ts";
import { formatRecipientId, stateName, stateNumber } from "./recipient-rows.ts";
import { indexText } from "./subjects.ts";

type FinalState = "delivered" | "failed" | "expired" | "dropped";

export interface RecipientRow {
  readonly message: number;
  readonly n: number;
  readonly message_id: string;
  readonly subject: Buffer;
  readonly stream: number;
  readonly sender: number;
  readonly destination: number;
  readonly state: number;
  readonly owner: string | null;
}

/** To be followed by WHERE …; every verb sees a recipient in this one form. */
export const selectRecipient = `SELECT r.message, r.n, m.message_id, r.subject, r.stream, m.sender, r.destination, r.state, r.owner
  FROM recipients r JOIN messages m ON m.no = r.message`;

export interface RecipientEnder {
  /** False, and nothing is done, where state or owner are not what the row says any more. */
  readonly end: (
    row: RecipientRow,
    state: FinalState,
    reply: string | Buffer | null,
    attempts: number,
  ) => boolean;
  /** Takes whatever waits for an erased person out of the queue; gives how many that were. */
  readonly dropSubject: (subject: Buffer, actor: string, now: number) => number;
  /** Whom the events about this row are about. */
  readonly about: (row: RecipientRow) => QueuedRecipient;
}

export function createRecipientEnder(context: WriterContext): RecipientEnder {
  const { db, names, counters, audit } = context;
  const update = db.prepare<
    [number, string | Buffer | null, number, number, number, number, string | null]
  >(
    `UPDATE recipients SET state = ?, last_reply = coalesce(?, last_reply), attempts = attempts + ?,
       next_attempt_at = NULL, owner = NULL, leased_until = NULL, sealed = NULL
     WHERE message = ? AND n = ? AND state = ? AND owner IS ?`,
  );
  const less = db
    .prepare<[number], number>(
      `UPDATE messages SET open = open - 1, sealed = CASE open WHEN 1 THEN NULL ELSE sealed END
       WHERE no = ? RETURNING open`,
    )
    .pluck();
  const removeContent = db
    .prepare<[number], number>("DELETE FROM contents WHERE message = ? RETURNING length(sealed)")
    .pluck();
  const removeHeld = db.prepare<[number]>("DELETE FROM held WHERE message = ?");
  const ofSubject = db.prepare<[Buffer], RecipientRow>(
    `${selectRecipient} WHERE r.subject = +? AND r.state < 4`,
  );
  const about = (row: RecipientRow): QueuedRecipient => ({
    messageId: row.message_id,
    recipientId: formatRecipientId(row.message_id, row.n),
    subject: indexText(row.subject),
    stream: names.of(row.stream),
    sender: names.of(row.sender),
  });
  const end: RecipientEnder["end"] = (row, state, reply, attempts) => {
    const { message, n, owner } = row;
    const { changes } = update.run(
      stateNumber[state],
      reply,
      attempts,
      message,
      n,
      row.state,
      owner,
    );
    if (changes === 0) return false;
    counters.add(`queue/${stateName(row.state)}`, -1);
    counters.add(`queue/${state}`, 1);
    if (less.get(message) !== 0) return true;
    counters.add("content/bytes", -(removeContent.get(message) ?? 0));
    if (row.state === stateNumber.held) removeHeld.run(message);
    return true;
  };
  return {
    end,
    about,
    dropSubject: (subject, actor, now) => {
      const rows = ofSubject.all(subject);
      for (const row of rows) {
        end(row, "dropped", null, 0);
        audit.append(recipientErased(about(row), actor, new Date(now)));
      }
      return rows.length;
    },
  };
}
