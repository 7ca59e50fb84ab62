// Which message was accepted before, and how it stands: only one that waits or arrived is the same as the one that comes again.
import { hash } from "node:crypto";

import type { Database } from "better-sqlite3";

import { isReason } from "../../policy/reasons.ts";
import type { KnownMessage, NewMessage, NewRecipient } from "../../queue/store.ts";
import type { StorageKeys } from "../sealing.ts";
import type { WriterContext } from "./context.ts";
import { readHeldSecret } from "./held-secret.ts";
import { parseRecipientId, stateNumber } from "./recipient-rows.ts";

/** The same message within a day is one message (`smtp.deduplicate`). */
export const fingerprintMilliseconds = 24 * 3600 * 1000;

export interface Fingerprints {
  /**
   * Keeps the fingerprints of message and recipients, if they have any; the message that stands for all of them already,
   * if one does. "in-part": one stands for some of them only, and nothing was kept.
   */
  readonly note: (
    message: NewMessage,
    recipients: readonly NewRecipient[],
  ) => KnownMessage | "in-part" | undefined;
  /** Takes back what was kept. */
  readonly forget: (message: NewMessage, recipients: readonly NewRecipient[]) => void;
}

/** The message that had this fingerprint within a day of `at`, unless that copy ended without reaching its recipient. */
export type Known = (fingerprint: string, at: Date) => KnownMessage | undefined;

interface StandingRow {
  readonly state: number;
  readonly uncertain: number;
  readonly reason: string | null;
  readonly sealed: Buffer | null;
}

export function createFingerprints({ db, keys }: WriterContext): Fingerprints {
  const keep = db.prepare<[Buffer, string, number, number]>(
    `INSERT INTO fingerprints (digest, message_id, n, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (digest) DO UPDATE SET message_id = excluded.message_id, n = excluded.n, at = excluded.at
     WHERE abs(excluded.at - at) >= ${fingerprintMilliseconds}`,
  );
  const replace = db.prepare<[string, number, number, Buffer]>(
    "UPDATE fingerprints SET message_id = ?, n = ?, at = ? WHERE digest = ?",
  );
  const remove = db.prepare<[Buffer]>("DELETE FROM fingerprints WHERE digest = ?");
  const isKnown = createKnown(db, keys);
  const earlierOf = createEarlier(db);
  const noteOne = ({ fingerprint, n }: Mark, message: NewMessage): KnownMessage | undefined => {
    const { messageId, receivedAt, notification } = message;
    const digest = digestOf(fingerprint);
    const at = receivedAt.getTime();
    if (keep.run(digest, messageId, n, at).changes > 0) return undefined;
    const known =
      notification === true ? earlierOf(fingerprint, receivedAt) : isKnown(fingerprint, receivedAt);
    // Rejected, dropped, or returned by every receiver: whoever sends it again means it.
    if (known === undefined) replace.run(messageId, n, at, digest);
    return known;
  };
  return {
    note: (message, recipients) => {
      const marks = marksOf(message, recipients);
      if (marks.length > 1) {
        const known = marks.map(({ fingerprint }) => isKnown(fingerprint, message.receivedAt));
        const [first] = known;
        if (first !== undefined && !known.includes(undefined)) return first;
        if (known.some((one) => one !== undefined)) return "in-part";
      }
      for (const mark of marks) {
        const known = noteOne(mark, message);
        if (known !== undefined) return known;
      }
      return undefined;
    },
    forget: (message, recipients) => {
      for (const { fingerprint } of marksOf(message, recipients)) remove.run(digestOf(fingerprint));
    },
  };
}

export function createKnown(db: Database, keys: Pick<StorageKeys, "content">): Known {
  const earlierOf = createEarlier(db);
  const selectStanding = db.prepare<[string, number], StandingRow>(
    `SELECT r.state, r.uncertain, h.reason, h.sealed
     FROM messages m JOIN recipients r ON r.message = m.no LEFT JOIN held h ON h.message = m.no
     WHERE m.message_id = +? AND r.n = +?`,
  );
  return (fingerprint, at) => {
    const earlier = earlierOf(fingerprint, at);
    if (earlier === undefined) return undefined;
    const { messageId, n } = earlier;
    const standing = selectStanding.get(messageId, n);
    if (standing === undefined) return { messageId };
    const { state, uncertain, reason, sealed } = standing;
    if (state > stateNumber.delivered && uncertain === 0) return undefined;
    if (reason === null || sealed === null || !isReason(reason)) return { messageId };
    return {
      messageId,
      held: { reason, detail: readHeldSecret(keys.content, messageId, sealed).detail },
    };
  };
}

/** However it ended. */
function createEarlier(
  db: Database,
): (
  fingerprint: string,
  at: Date,
) => { readonly messageId: string; readonly n: number } | undefined {
  const select = db.prepare<[Buffer, number], { readonly messageId: string; readonly n: number }>(
    `SELECT message_id AS messageId, n FROM fingerprints
     WHERE digest = ? AND abs(? - at) < ${fingerprintMilliseconds}`,
  );
  return (fingerprint, at) => select.get(digestOf(fingerprint), at.getTime());
}

interface Mark {
  readonly fingerprint: string;
  /** The recipient's number. */
  readonly n: number;
}

function marksOf(
  { fingerprint }: NewMessage,
  recipients: readonly NewRecipient[],
): readonly Mark[] {
  const own = fingerprint === undefined ? [] : [{ fingerprint, n: 1 }];
  return [
    ...own,
    ...recipients.flatMap((one) =>
      one.fingerprint === undefined
        ? []
        : [{ fingerprint: one.fingerprint, n: parseRecipientId(one.recipientId)?.n ?? 1 }],
    ),
  ];
}

function digestOf(fingerprint: string): Buffer {
  return Buffer.from(hash("sha256", fingerprint, "hex").slice(0, 32), "hex");
}
