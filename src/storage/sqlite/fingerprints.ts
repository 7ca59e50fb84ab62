// Which message was accepted before, and how it stands: only one that waits or arrived is the same as the one that comes again.
import { hash } from "node:crypto";

import { isReason } from "../../policy/reasons.ts";
import type { KnownMessage, NewMessage } from "../../queue/store.ts";
import type { WriterContext } from "./context.ts";
import { readHeldSecret } from "./held-secret.ts";
import { stateNumber } from "./recipient-rows.ts";

/** The same message within a day is one message (`smtp.deduplicate`). */
export const fingerprintMilliseconds = 24 * 3600 * 1000;

export interface Fingerprints {
  /** Keeps the message's fingerprint, if it has one; the message that stands for it already, if one does. */
  readonly note: (message: NewMessage) => KnownMessage | undefined;
  /** Takes back what was kept. */
  readonly forget: (message: NewMessage) => void;
}

interface StandingRow {
  readonly open: number;
  readonly arrived: number;
  readonly reason: string | null;
  readonly sealed: Buffer | null;
}

function digestOf(fingerprint: string): Buffer {
  return Buffer.from(hash("sha256", fingerprint, "hex").slice(0, 32), "hex");
}

export function createFingerprints({ db, keys }: WriterContext): Fingerprints {
  const keep = db.prepare<[Buffer, string, number]>(
    `INSERT INTO fingerprints (digest, message_id, at) VALUES (?, ?, ?)
     ON CONFLICT (digest) DO UPDATE SET message_id = excluded.message_id, at = excluded.at
     WHERE abs(excluded.at - at) >= ${fingerprintMilliseconds}`,
  );
  const replace = db.prepare<[string, number, Buffer]>(
    "UPDATE fingerprints SET message_id = ?, at = ? WHERE digest = ?",
  );
  const select = db
    .prepare<[Buffer], string>("SELECT message_id FROM fingerprints WHERE digest = ?")
    .pluck();
  const selectStanding = db.prepare<[string], StandingRow>(
    `SELECT m.open, h.reason, h.sealed, EXISTS (SELECT 1 FROM recipients r
       WHERE r.message = m.no AND (r.state = ${stateNumber.delivered} OR r.uncertain > 0)) AS arrived
     FROM messages m LEFT JOIN held h ON h.message = m.no WHERE m.message_id = +?`,
  );
  const remove = db.prepare<[Buffer]>("DELETE FROM fingerprints WHERE digest = ?");
  return {
    note: ({ fingerprint, messageId, receivedAt, notification }) => {
      if (fingerprint === undefined) return undefined;
      const digest = digestOf(fingerprint);
      const at = receivedAt.getTime();
      if (keep.run(digest, messageId, at).changes > 0) return undefined;
      const earlier = select.get(digest);
      if (earlier === undefined) throw new Error("a fingerprint neither is new nor is there");
      const standing = notification === true ? undefined : selectStanding.get(earlier);
      if (standing === undefined) return { messageId: earlier };
      if (standing.open === 0 && standing.arrived === 0) {
        // Rejected, dropped, or returned by every receiver: whoever sends it again means it.
        replace.run(messageId, at, digest);
        return undefined;
      }
      const { reason, sealed } = standing;
      if (reason === null || sealed === null || !isReason(reason)) return { messageId: earlier };
      const { detail } = readHeldSecret(keys.content, earlier, sealed);
      return { messageId: earlier, held: { reason, detail } };
    },
    forget: ({ fingerprint }) => {
      if (fingerprint !== undefined) remove.run(digestOf(fingerprint));
    },
  };
}
