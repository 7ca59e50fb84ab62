// The tables that can be imported: how a row is read, and how a chunk of rows reaches the ledger.
import type { Ledger, NewConsent } from "../consent/ledger.ts";
import { formatScope, type Suppression } from "../consent/suppression.ts";
import { consentPacking } from "./consent-packing.ts";
import { createEvidenceReader } from "./consent-evidence.ts";
import { consentSpecs, readConsentRow, requiredConsentColumns } from "./consent-row.ts";
import type { TableKind } from "./import-file.ts";
import type { RowContext } from "./row-problem.ts";
import {
  readSuppressionRow,
  suppressionPacking,
  suppressionSpecs,
  type NewSuppression,
} from "./suppression-row.ts";

/** Rows become events dated by the table; an event that stands in the ledger already is not stored again. */
export function consentTable(
  ledger: Pick<Ledger, "recordConsents">,
  context: Omit<RowContext, "actor">,
): TableKind<NewConsent> {
  return {
    specs: consentSpecs,
    required: requiredConsentColumns,
    reader: (origin) => {
      const withActor = { ...context, actor: origin };
      const evidenceOf = createEvidenceReader();
      return (row) => readConsentRow(row, withActor, evidenceOf);
    },
    packing: consentPacking,
    store: async (rows) => (await ledger.recordConsents(rows)).recorded,
  };
}

/** Rows add or lengthen suppressions; none is ever shortened, replaced by a weaker one, or cleared. */
export function suppressionTable(
  ledger: Pick<Ledger, "listSuppressions" | "suppress">,
  context: Omit<RowContext, "actor">,
): TableKind<NewSuppression> {
  return {
    specs: suppressionSpecs,
    required: ["email"],
    reader: (origin) => {
      const withActor = { ...context, actor: origin };
      return (row) => readSuppressionRow(row, withActor);
    },
    packing: () => suppressionPacking,
    store: async (rows) => {
      const longest = new Map<string, NewSuppression>();
      for (const row of rows) {
        const { subject, kind, scope } = row.suppression;
        const key = `${subject} ${kind} ${formatScope(scope)}`;
        const other = longest.get(key);
        if (other === undefined || outlasts(row.suppression, other.suppression)) {
          longest.set(key, row);
        }
      }
      const wanted = await Promise.all(
        [...longest.values()].map(async (row) => {
          const { subject, kind, scope } = row.suppression;
          const { items } = await ledger.listSuppressions({ subject, kind, scope, limit: 10 });
          return items.every((stored) => outlasts(row.suppression, stored)) ? [row] : [];
        }),
      );
      const fresh = wanted.flat();
      if (fresh.length > 0) await ledger.suppress(fresh);
      return fresh.length;
    },
  };
}

function outlasts(a: Suppression, b: Suppression): boolean {
  if (b.expiresAt === undefined) return false;
  return a.expiresAt === undefined || a.expiresAt > b.expiresAt;
}
