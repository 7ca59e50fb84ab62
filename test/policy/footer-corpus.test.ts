// Every row of the footer corpus (law.md §3), judged against its fictional registry.
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { Basis } from "../../src/consent/event.ts";
import { factsFor, judgeMail, outcomeOf, registry, type Mail } from "../support/judged-mail.ts";

interface Row extends Mail {
  readonly id: string;
  readonly rule: string;
  readonly expected: string;
  readonly note?: string;
  /** What is not built yet; the row waits for it. */
  readonly awaits?: string;
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly contacts?: readonly string[];
  readonly bases?: readonly Basis[];
}

const rows = JSON.parse(
  readFileSync(new URL("../fixtures/footers/law-section-3.json", import.meta.url), "utf8"),
) as readonly Row[];

for (const row of rows) {
  const title = `${row.id}: ${row.rule} is ${row.expected} for ${(row.text ?? row.html ?? "").replace(/\s+/g, " ").slice(0, 60)}`;
  if (row.awaits !== undefined) {
    test.todo(`${title} (awaits ${row.awaits})`);
    continue;
  }
  test(title, () => {
    const legal = {
      ...registry.legal,
      ...(row.names === undefined ? {} : { names: row.names }),
      ...(row.addresses === undefined ? {} : { addresses: row.addresses }),
      ...(row.contacts === undefined ? {} : { contacts: row.contacts }),
    };
    const facts = factsFor({ sender: { ...registry, legal } }, { bases: row.bases ?? [] });
    const findings = judgeMail(row, facts);
    const evidence = findings.filter((one) => one.rule === row.rule).map((one) => one.evidence);
    expect({ is: outcomeOf(findings, row.rule), note: evidence.join(" / ") }).toEqual({
      is: row.expected,
      note: evidence.join(" / "),
    });
  });
}
