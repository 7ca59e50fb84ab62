// The kill switch on SQLite: its verbs, and its list.
import { isDeepStrictEqual } from "node:util";

import type { Database } from "better-sqlite3";

import { operation } from "../../audit/from-people.ts";
import type { Act } from "../../queue/act.ts";
import {
  formatTarget,
  type Freeze,
  type FreezeTarget,
  type Pause,
  type PauseTarget,
} from "../../queue/freeze.ts";
import type { WriterContext } from "./context.ts";

export interface FreezeVerbs {
  readonly freeze: (target: FreezeTarget, reason: string, act: Act) => void;
  readonly liftFreeze: (target: FreezeTarget, act: Act, was?: Freeze) => boolean;
  readonly pause: (target: PauseTarget, reason: string, act: Act) => void;
  readonly resume: (target: PauseTarget, act: Act, was?: Pause) => boolean;
}

interface FreezeRow {
  readonly kind: Freeze["kind"];
  readonly name: string;
  readonly reason: string;
  readonly actor: string;
  readonly at: number;
}

export function createFreezeVerbs({ db, audit }: WriterContext): FreezeVerbs {
  const put = db.prepare(
    `INSERT INTO freezes (kind, name, reason, actor, at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (kind, name) DO UPDATE SET reason = excluded.reason, actor = excluded.actor`,
  );
  const select = db.prepare<[string, string], FreezeRow>(
    "SELECT * FROM freezes WHERE kind = ? AND name = ?",
  );
  /** Whether what stands under this kind in the table is what was seen. */
  const isAs = (kind: string, was: Freeze | Pause): boolean => {
    const row = select.get(kind, was.name);
    return row !== undefined && isDeepStrictEqual({ ...toFreeze(row), kind: was.kind }, was);
  };
  const remove = db.prepare<[string, string]>("DELETE FROM freezes WHERE kind = ? AND name = ?");
  return {
    freeze: (target, reason, act) => {
      put.run(target.kind, target.name, reason, act.actor, act.at.getTime());
      audit.append({
        ...operation({ ...act, reason }, { change: "freeze", target: formatTarget(target) }),
        ...namesOf(target),
      });
    },
    liftFreeze: (target, act, was) => {
      if (was !== undefined && !isAs(target.kind, was)) return false;
      if (remove.run(target.kind, target.name).changes === 0) return false;
      audit.append({
        ...operation(act, { change: "unfreeze", target: formatTarget(target) }),
        ...namesOf(target),
      });
      return true;
    },
    pause: (target, reason, act) => {
      put.run(`${pausePrefix}${target.kind}`, target.name, reason, act.actor, act.at.getTime());
      audit.append(pauseEvent("pause", target, { ...act, reason }));
    },
    resume: (target, act, was) => {
      if (was !== undefined && !isAs(`${pausePrefix}${target.kind}`, was)) return false;
      if (remove.run(`${pausePrefix}${target.kind}`, target.name).changes === 0) return false;
      audit.append(pauseEvent("resume", target, act));
      return true;
    },
  };
}

const pausePrefix = "pause-"; // of its kind in the table that freezes and pauses share

function pauseEvent(
  change: "pause" | "resume",
  target: PauseTarget,
  act: Act,
): ReturnType<typeof operation> {
  return {
    ...operation(act, { change, target: formatTarget(target) }),
    ...(target.kind === "destination" ? {} : { [target.kind]: target.name }),
  };
}

function namesOf({ kind, name }: FreezeTarget): { readonly [key in "sender" | "stream"]?: string } {
  return kind === "all" ? {} : { [kind]: name };
}

/** Asked at each MAIL: one prepared statement on a table of a few rows. */
export function createFreezeList(db: Database): () => readonly Freeze[] {
  const select = db.prepare<[], FreezeRow>(
    "SELECT * FROM freezes WHERE kind NOT LIKE 'pause-%' ORDER BY at, kind, name",
  );
  return () => select.all().map(toFreeze);
}

function toFreeze({ at, ...row }: FreezeRow): Freeze {
  return { ...row, at: new Date(at) };
}

export function createPauseList(db: Database): () => readonly Pause[] {
  const select = db.prepare<[], Omit<FreezeRow, "kind"> & { readonly kind: Pause["kind"] }>(
    `SELECT substr(kind, ${pausePrefix.length + 1}) AS kind, name, reason, actor, at FROM freezes
     WHERE kind LIKE '${pausePrefix}%' ORDER BY at, kind, name`,
  );
  return () => select.all().map(({ at, ...row }) => ({ ...row, at: new Date(at) }));
}
