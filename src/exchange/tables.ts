// The tables that can be imported: how a row is read, and how a chunk of rows reaches the ledger.
import type { Ledger, NewConsent } from "../consent/ledger.ts";
import { createEvidenceReader } from "./consent-evidence.ts";
import { consentSpecs, readConsentRow, requiredConsentColumns } from "./consent-row.ts";
import type { TableKind } from "./import-file.ts";
import type { RowContext } from "./row-problem.ts";
import {
  packSuppression,
  readSuppressionRow,
  suppressionSpecs,
  unpackSuppression,
  type NewSuppression,
} from "./suppression-row.ts";

/** Rows become events dated by the table; an event that stands in the ledger already is not stored again. */
export function consentTable(
  ledger: Pick<Ledger, "importConsents">,
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
    open: () => {
      const { pack, store } = ledger.importConsents();
      return { pack, store: async (rows) => (await store(rows)).recorded };
    },
  };
}

/** Rows add or lengthen suppressions; none is ever shortened, replaced by a weaker one, or cleared. */
export function suppressionTable(
  ledger: Pick<Ledger, "suppress">,
  context: Omit<RowContext, "actor">,
): TableKind<NewSuppression> {
  return {
    specs: suppressionSpecs,
    required: ["email"],
    reader: (origin) => {
      const withActor = { ...context, actor: origin };
      return (row) => readSuppressionRow(row, withActor);
    },
    open: () => ({
      pack: packSuppression,
      store: async (rows) =>
        (await ledger.suppress(rows.map(unpackSuppression), { onlyLonger: true })).recorded,
    }),
  };
}
