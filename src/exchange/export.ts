// Writes the ledger's lists as CSV, page by page, safe to open in a spreadsheet (threats.md row 80).
import { setImmediate as breathe } from "node:timers/promises";

import type { RecordedConsentEvent } from "../consent/event.ts";
import type { Ledger, ListedSuppression, Page } from "../consent/ledger.ts";
import { formatScope } from "../consent/suppression.ts";
import { csvRow } from "./cell.ts";
import { consentColumns, everyTopic } from "./consent-row.ts";
import { suppressionColumns } from "./suppression-row.ts";

const pageRows = 1000;

/**
 * Every consent event with its address, oldest first, as `readConsentRow` reads it back. Withdrawals are rows too: a
 * list of consents without them would lead its next reader to write to people who said stop. Erased people have no
 * address and are left out.
 */
export async function* exportConsents(
  ledger: Pick<Ledger, "listConsents">,
  filter: { readonly sender?: string },
): AsyncGenerator<string> {
  yield csvRow(consentColumns);
  for await (const event of pages((cursor) =>
    ledger.listConsents({ ...filter, ...cursor, limit: pageRows }),
  )) {
    if (event.address !== undefined) yield csvRow(consentCells(event, event.address));
  }
}

/** Every suppression that has a readable target, as `readSuppressionRow` reads it back. */
export async function* exportSuppressions(
  ledger: Pick<Ledger, "listSuppressions">,
): AsyncGenerator<string> {
  yield csvRow(suppressionColumns);
  for await (const entry of pages((cursor) =>
    ledger.listSuppressions({ ...cursor, limit: pageRows }),
  )) {
    if (entry.address !== undefined) yield csvRow(suppressionCells(entry, entry.address));
  }
}

/**
 * Walks a paged list to its end. Stores that read at once leave what their statements held to be freed in a turn of the
 * event loop: without one a walk over millions would fill the memory.
 */
export async function* pages<T>(
  fetch: (cursor: { readonly cursor?: string }) => Promise<Page<T>>,
): AsyncGenerator<T> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await fetch(cursor === undefined ? {} : { cursor });
    yield* page.items;
    cursor = page.next;
    if (cursor !== null) await breathe();
  }
}

function consentCells(event: RecordedConsentEvent, address: string): readonly string[] {
  const { method = "", source = "", wording = "" } = event.evidence;
  const fixed = [method, source, wording, evidenceCell(event)];
  const head = [address, event.sender, event.topic ?? everyTopic];
  const at = event.at.toISOString();
  switch (event.kind) {
    case "granted":
      return [...head, event.basis, at, ...fixed, event.expiresAt?.toISOString() ?? ""];
    case "paused":
      return [...head, event.kind, at, ...fixed, event.until.toISOString()];
    case "withdrawn":
    case "expired":
      return [...head, event.kind, at, ...fixed, ""];
  }
}

/** Free text stays as it is; several entries become one JSON object. */
function evidenceCell({ evidence }: RecordedConsentEvent): string {
  const entries = Object.entries(evidence.more ?? {});
  if (evidence.policyVersion !== undefined)
    entries.push(["policy_version", evidence.policyVersion]);
  const [first] = entries;
  if (first === undefined) return "";
  const plain = entries.length === 1 && first[0] === "evidence" && !first[1].startsWith("{");
  return plain ? first[1] : JSON.stringify(Object.fromEntries(entries));
}

function suppressionCells(entry: ListedSuppression, target: string): readonly string[] {
  return [
    entry.ofDomain ? `*@${target}` : target,
    entry.kind,
    formatScope(entry.scope),
    entry.reason ?? "",
    entry.expiresAt?.toISOString() ?? "",
  ];
}
