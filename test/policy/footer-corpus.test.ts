// Every row of the footer corpus (law.md §3), judged against its fictional registry.
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { Basis } from "../../src/consent/event.ts";
import { readPage } from "../../src/pages/read-page.ts";
import type { LinkedPage, LinkedPages } from "../../src/policy/linked-page.ts";
import { namedPacks } from "../../src/policy/packs/packs.ts";
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
  /** What the sender's pages answer, where they are read: HTML, or a status other than 200. */
  readonly page?: Readonly<Record<string, string | number>>;
}

const rows = JSON.parse(
  readFileSync(new URL("../fixtures/footers/law-section-3.json", import.meta.url), "utf8"),
) as readonly Row[];

const judged = rows.filter((row) => row.awaits === undefined);

test.each(
  judged.map((row) => ({
    row,
    words: (row.text ?? row.html ?? "").replace(/\s+/g, " ").slice(0, 60),
  })),
)("$row.id: $row.rule is $row.expected for $words", ({ row }) => {
  const legal = {
    ...registry.legal,
    ...(row.names === undefined ? {} : { names: row.names }),
    ...(row.addresses === undefined ? {} : { addresses: row.addresses }),
    ...(row.contacts === undefined ? {} : { contacts: row.contacts }),
  };
  const read = row.page === undefined ? {} : { linkedPages: pagesOf(row.page) };
  const pages = row.page === undefined ? {} : { pages: "fetch" as const };
  const sender = { ...registry, legal: { ...legal, ...pages } };
  const facts = factsFor({ sender }, { bases: row.bases ?? [], ...read });
  const findings = judgeMail(row, facts);
  const note = findings.filter((one) => one.rule === row.rule).map((one) => one.evidence);
  expect({ is: outcomeOf(findings, row.rule), note }).toEqual({ is: row.expected, note });
});

function pagesOf(page: NonNullable<Row["page"]>): LinkedPages {
  const answers = Object.entries(page).map(([key, answer]): [string, LinkedPage] => [
    key,
    typeof answer === "string"
      ? readPage(Buffer.from(answer), "text/html; charset=utf-8")
      : { kind: "unusable", why: { en: `it answers ${answer}`, ja: `応答が ${answer} です` } },
  ]);
  return new Map(answers);
}

test("rows of other jurisdictions wait for packs that are not there yet", () => {
  const waiting = rows.filter((row) => row.awaits?.startsWith("rule pack") === true);
  const packs = new Set(namedPacks.map((pack) => pack.name));
  expect(waiting.map((row) => row.rule).filter((pack) => packs.has(pack))).toEqual([]);
});
