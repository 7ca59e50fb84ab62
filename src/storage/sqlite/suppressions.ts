// The suppression verbs that change something: add or replace, remove.
import { suppressionAdded, suppressionRemoved } from "../../audit/from-consent.ts";
import type { AddressIndex } from "../../consent/address-index.ts";
import type { Act } from "../../consent/ledger.ts";
import {
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
  readonly target: Address | Domain;
  readonly suppression: Suppression;
}

export interface SuppressionVerbs {
  readonly suppress: (entries: readonly SuppressionEntry[], now: number) => void;
  readonly unsuppress: (
    subject: AddressIndex,
    scope: SuppressionScope,
    act: Act,
    now: number,
  ) => readonly Suppression[];
}

export function createSuppressionVerbs(context: WriterContext): SuppressionVerbs {
  const { db, names, subjects, audit } = context;
  const put = createPut(context);
  const selectScope = db.prepare<[Buffer, number, number], SuppressionRow>(
    `SELECT ${suppressionColumns} FROM suppressions WHERE subject = ? AND scope_kind = ? AND scope_name = ?`,
  );
  const remove = db.prepare<[number]>("DELETE FROM suppressions WHERE sequence = ?");
  return {
    suppress: (entries, now) => {
      for (const entry of entries) put(entry, now);
    },
    unsuppress: (subject, scope, act, now) => {
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

function createPut(context: WriterContext): (entry: SuppressionEntry, now: number) => void {
  const { db, names, subjects, audit } = context;
  const select = db.prepare<[Buffer, number, number, number], SuppressionRow>(
    `SELECT ${suppressionColumns} FROM suppressions WHERE subject = ? AND scope_kind = ? AND scope_name = ? AND kind = ?`,
  );
  const replace = db.prepare(
    `REPLACE INTO suppressions (${suppressionColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ target, suppression }, now) => {
    const index = indexBytes(suppression.subject);
    const scope = scopeColumns(suppression.scope, names.give);
    if (scope === undefined) throw new Error("a name could not be given a number");
    const kind = suppressionKinds.indexOf(suppression.kind);
    const person = subjects.ensure(index, typeof target === "string" ? target : target.text);
    const present = select.get(index, scope.kind, scope.name, kind);
    if (present !== undefined && says(rowToSuppression(present, names, person.key), suppression))
      return;
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
