// The suppression verbs that change something: add or replace, remove.
import { isDeepStrictEqual } from "node:util";

import { suppressionAdded, suppressionRemoved } from "../../audit/from-consent.ts";
import type { AddressIndex } from "../../consent/address-index.ts";
import type { Act, SuppressionsSeen } from "../../consent/ledger.ts";
import {
  outlasts,
  suppressionKinds,
  type Suppression,
  type SuppressionScope,
} from "../../consent/suppression.ts";
import type { Address } from "../../mail/address.ts";
import type { Domain } from "../../mail/domain.ts";
import { seal } from "../sealing.ts";
import type { WriterContext } from "./context.ts";
import { indexBytes } from "./subjects.ts";
import {
  reasonPlace,
  rowToSuppression,
  scopeColumns,
  suppressionColumns,
  suppressionDigest,
  type SuppressionRow,
} from "./suppression-rows.ts";

export interface SuppressionEntry {
  /** Absent: recorded by index alone. */
  readonly target?: Address | Domain;
  readonly suppression: Suppression;
}

export interface SuppressionVerbs {
  /** How many were stored: see consent/ledger.ts. */
  readonly suppress: (
    entries: readonly SuppressionEntry[],
    now: number,
    onlyLonger?: boolean,
  ) => number;
  readonly unsuppress: (
    subject: AddressIndex,
    scope: SuppressionScope,
    act: Act,
    now: number,
    was?: SuppressionsSeen,
  ) => readonly Suppression[];
}

export function createSuppressionVerbs(context: WriterContext): SuppressionVerbs {
  const { db, names, subjects, audit } = context;
  const put = createPut(context);
  const selectScope = db.prepare<[Buffer, number, number], SuppressionRow>(
    `SELECT ${suppressionColumns} FROM suppressions WHERE subject = ? AND scope_kind = ? AND scope_name = ?`,
  );
  const listOf = createListOf(context);
  const remove = db.prepare<[number]>("DELETE FROM suppressions WHERE sequence = ?");
  return {
    suppress: (entries, now, onlyLonger = false) =>
      entries.filter((entry) => put(entry, now, onlyLonger)).length,
    unsuppress: (subject, scope, act, now, was) => {
      if (was !== undefined && !isDeepStrictEqual(was.subjects.flatMap(listOf), was.listed))
        return [];
      const columns = scopeColumns(scope, names.find);
      if (columns === undefined) return [];
      const index = indexBytes(subject);
      const key = subjects.find(index)?.key;
      return selectScope.all(index, columns.kind, columns.name).map((row) => {
        const suppression = rowToSuppression(row, names, key);
        remove.run(row.sequence);
        audit.append(suppressionRemoved(suppression, act, new Date(now)), {
          kind: "removal",
          removes: row.sequence,
        });
        return suppression;
      });
    },
  };
}

/** Of one subject, as listings have them. */
function createListOf({
  db,
  names,
  subjects,
}: WriterContext): (subject: AddressIndex) => readonly Suppression[] {
  const select = db.prepare<[Buffer], SuppressionRow>(
    `SELECT ${suppressionColumns} FROM suppressions WHERE subject = ? ORDER BY sequence`,
  );
  return (subject) => {
    const index = indexBytes(subject);
    const key = subjects.find(index)?.key;
    return select.all(index).map((row) => rowToSuppression(row, names, key));
  };
}

type Put = (entry: SuppressionEntry, now: number, onlyLonger: boolean) => boolean;

/** Whoever reads before the write lock is held may miss an opt-out that comes in between: what stands is read here. */
function createPut(context: WriterContext): Put {
  const { db, names, subjects, audit } = context;
  const select = db.prepare<[Buffer, number, number, number], SuppressionRow>(
    `SELECT ${suppressionColumns} FROM suppressions WHERE subject = ? AND scope_kind = ? AND scope_name = ? AND kind = ?`,
  );
  const replace = db.prepare(
    `REPLACE INTO suppressions (${suppressionColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ target, suppression }, now, onlyLonger) => {
    const index = indexBytes(suppression.subject);
    const scope = scopeColumns(suppression.scope, names.give);
    if (scope === undefined) throw new Error("a name could not be given a number");
    const kind = suppressionKinds.indexOf(suppression.kind);
    const text = typeof target === "string" ? target : (target?.text ?? "");
    const person = subjects.ensure(index, text);
    const present = select.get(index, scope.kind, scope.name, kind);
    if (present !== undefined) {
      const stored = rowToSuppression(present, names, person.key);
      if (onlyLonger ? !outlasts(suppression, stored) : outlasts(stored, suppression)) return false;
      if (says(stored, suppression)) return false;
    }
    const sequence = audit.next();
    const { reason } = suppression;
    const row: SuppressionRow = {
      subject: index,
      scope_kind: scope.kind,
      scope_name: scope.name,
      kind,
      of_domain: Number(suppression.ofDomain),
      origin: names.give(suppression.origin),
      created_at: suppression.createdAt.getTime(),
      expires_at: suppression.expiresAt?.getTime() ?? null,
      message_id: suppression.messageId ?? null,
      reason:
        reason === undefined ? null : seal(person.key, reasonPlace(sequence), Buffer.from(reason)),
      sequence,
    };
    replace.run(
      row.subject,
      row.scope_kind,
      row.scope_name,
      row.kind,
      row.of_domain,
      row.origin,
      row.created_at,
      row.expires_at,
      row.message_id,
      row.reason,
      row.sequence,
    );
    audit.append(suppressionAdded(suppression, new Date(now)), {
      kind: "suppression",
      digest: suppressionDigest(row, names),
      replaces: present?.sequence,
    });
    return true;
  };
}

/** Whether the stored one says the same already: a repeated import leaves no trace. */
function says(stored: Suppression, wanted: Suppression): boolean {
  return (
    stored.origin === wanted.origin &&
    stored.reason === wanted.reason &&
    stored.messageId === wanted.messageId &&
    stored.ofDomain === wanted.ofDomain &&
    stored.expiresAt?.getTime() === wanted.expiresAt?.getTime()
  );
}
