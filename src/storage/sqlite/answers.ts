// The verbs of kept answers: claim a key, keep its answer, give it up. Hashes and sealed answers only reach the writer.
import { claimSeconds, keptOfOneActorMax, keptSeconds } from "../../identity/kept-answers.ts";
import type { WriterContext } from "./context.ts";

const trimEvery = 64; // claims between two looks at how many one caller has: a bound need not be exact

export interface HashedClaim {
  readonly name: Uint8Array;
  readonly request: Uint8Array;
  readonly actor: string;
  readonly at: Date;
}

export type ClaimedRow =
  | { readonly kind: "first" | "under-way" | "unknown" | "other-request" }
  | { readonly kind: "answered"; readonly sealed: Uint8Array };

export interface AnswerVerbs {
  readonly claimAnswer: (claim: HashedClaim) => ClaimedRow;
  readonly keepAnswer: (name: Uint8Array, sealed: Uint8Array | undefined) => void;
  readonly releaseAnswer: (name: Uint8Array) => void;
}

interface AnswerRow {
  readonly request: Buffer;
  readonly at: number;
  readonly ended: number;
  readonly sealed: Buffer | null;
}

export function createAnswerVerbs({ db }: WriterContext): AnswerVerbs {
  const select = db.prepare<[Uint8Array], AnswerRow>(
    "SELECT request, at, ended, sealed FROM kept_answers WHERE name = ?",
  );
  const insert = db.prepare<[Uint8Array, string, Uint8Array, number]>(
    "INSERT INTO kept_answers (name, actor, request, at) VALUES (?, ?, ?, ?)",
  );
  const end = db.prepare<[Uint8Array | null, Uint8Array]>(
    "UPDATE kept_answers SET ended = 1, sealed = ? WHERE name = ?",
  );
  const remove = db.prepare<[Uint8Array]>("DELETE FROM kept_answers WHERE name = ? AND ended = 0");
  const removeOld = db.prepare<[number]>("DELETE FROM kept_answers WHERE at <= ?");
  const trim = db.prepare<[string, string, number]>(
    `DELETE FROM kept_answers WHERE actor = ? AND no IN
       (SELECT no FROM kept_answers WHERE actor = ? ORDER BY at DESC, no DESC LIMIT -1 OFFSET ?)`,
  );
  return {
    claimAnswer: ({ name, request, actor, at }) => {
      const now = at.getTime();
      removeOld.run(now - keptSeconds * 1000);
      const row = select.get(name);
      if (row !== undefined) return claimedBefore(row, request, now);
      insert.run(name, actor, request, now);
      if (Math.random() * trimEvery < 1) trim.run(actor, actor, keptOfOneActorMax);
      return { kind: "first" };
    },
    keepAnswer: (name, sealed) => {
      end.run(sealed ?? null, name);
    },
    releaseAnswer: (name) => {
      remove.run(name);
    },
  };
}

function claimedBefore(row: AnswerRow, request: Uint8Array, now: number): ClaimedRow {
  if (!row.request.equals(request)) return { kind: "other-request" };
  if (row.sealed !== null) return { kind: "answered", sealed: row.sealed };
  const isUnderWay = row.ended === 0 && now - row.at < claimSeconds * 1000;
  return { kind: isUnderWay ? "under-way" : "unknown" };
}
