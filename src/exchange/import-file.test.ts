// Imports of whole files: charsets, habits of real tools, all or nothing, and running again.
import { writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import iconv from "iconv-lite";
import { afterEach, beforeEach, expect, test } from "vitest";

import { createIndexer } from "../consent/address-index.ts";
import type { NewConsent } from "../consent/ledger.ts";
import { importFile, type ImportWish, type TableKind } from "./import-file.ts";
import { consentTable } from "./tables.ts";

let folder = "";
let stored: NewConsent[][] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sekisho-import-"));
  stored = [];
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A ledger that knows an event by its person and time, as the real one does. */
const table: TableKind<NewConsent> = consentTable(
  {
    importConsents: () => {
      const packed: NewConsent[] = [];
      return {
        pack: (consent) => {
          const octets = Buffer.alloc(20, consent.event.subject, "hex");
          octets.writeUInt32LE(packed.push(consent) - 1, 16);
          return octets;
        },
        store: async (rows) => {
          const consents = rows.flatMap((row) => packed[Buffer.from(row).readUInt32LE(16)] ?? []);
          const known = new Set(stored.flat().map(keyOf));
          const fresh = consents.filter((consent) => !known.has(keyOf(consent)));
          stored.push([...fresh]);
          return { recorded: fresh.length };
        },
      };
    },
  },
  {
    indexer: createIndexer(Buffer.alloc(32, 1)),
    senders: [{ id: "sample", topics: ["news"] }],
    streams: [],
    zone: 540,
    now: new Date("2026-06-01T00:00:00Z"),
    trusted: new Set(),
  },
);
const keyOf = ({ event }: NewConsent): string => `${event.subject} ${event.at.toISOString()}`;
const plain: ImportWish = { map: {}, set: {}, dryRun: false, skipBadRows: false };

async function run(
  content: string | Buffer,
  wish: Partial<ImportWish> = {},
): Promise<Awaited<ReturnType<typeof importFile>>> {
  const path = join(folder, "list.csv");
  await writeFile(path, content);
  return importFile(path, table, { ...plain, ...wish });
}
const errors = async (): Promise<string> => readFile(join(folder, "list.csv.errors.csv"), "utf8");

const header = "email,sender,topic,basis,granted_at,method,source,wording,evidence,expires_at";
const line = (n: number | string): string =>
  `p${n}@example.jp,sample,news,consent,2026-01-05,web-form,https://example.jp/form,,,`;
const lines = (count: number): string =>
  [header, ...Array.from({ length: count }, (_, n) => line(n))].join("\n");

test.each([
  ["LF", "\n", "", "utf8"],
  ["CRLF and no end of the last line", "\r\n", "", "utf8"],
  ["CR", "\r", "", "utf8"],
  ["a byte order mark", "\r\n", "\ufeff", "utf8"],
  ["Shift_JIS", "\r\n", "", "cp932"],
] as const)("reads a table with %s", async (_name, newline, mark, charset) => {
  const text = [
    "メールアドレス,送信者,トピック,根拠,同意日時,同意方法,同意元,同意文言,会社名",
    `taro@example.jp,sample,news,同意,2026年1月5日,web-form,https://example.jp/,"「配信に同意する」,①髙﨑",株式会社ソ表能`,
    `hanako@example.jp,sample,news,名刺,2026/1/5 9:03,paper,展示会,,`,
  ].join(newline);
  const report = await run(iconv.encode(mark + text, charset), { set: { refusal_on_card: "no" } });
  expect(report).toMatchObject({
    kind: "ok",
    value: { charset: charset === "utf8" ? "utf-8" : "shift_jis", rows: 2, good: 2, recorded: 2 },
  });
  expect(stored.flat().map(({ event }) => event.evidence)).toEqual([
    {
      method: "web-form",
      source: "https://example.jp/",
      wording: "「配信に同意する」,①髙﨑",
      more: { 会社名: "株式会社ソ表能", refusal_on_card: "no" },
    },
    { method: "paper", source: "展示会", more: { refusal_on_card: "no" } },
  ]);
});

test("reads what Excel makes of a table", async () => {
  const text = [
    "email\tsender\ttopic\tbasis\tgranted_at\tmethod\tsource\t電話",
    "",
    `'taro@example.jp \tsample\tnews\tconsent\t="2026/1/5 9:03"\tweb-form\t"a ""quoted"" page"\t="09012345678"`,
    "\t\t\t\t\t\t\t",
  ].join("\r\n");
  expect(await run(`\ufeff${text}`)).toMatchObject({ kind: "ok", value: { rows: 1, recorded: 1 } });
  expect(stored.flat()[0]?.event.evidence).toEqual({
    method: "web-form",
    source: 'a "quoted" page',
    more: { 電話: "09012345678" },
  });
});

test("stores nothing of a table with one bad row, and says which and why", async () => {
  const report = await run([header, line(1), "", line("x y"), line(2)].join("\n"));
  expect(report).toMatchObject({
    kind: "ok",
    value: { rows: 3, good: 2, bad: 1, recorded: 0, stored: false },
  });
  expect(stored).toEqual([]);
  const [mark, head, problem] = [(await errors())[0], ...(await errors()).slice(1).split("\r\n")];
  expect(mark).toBe("\ufeff");
  expect(head).toBe("row,column,value,problem,remedy");
  // The row's number is the one that a spreadsheet shows, empty rows counted.
  expect(problem).toMatch(/^4,email,.*one address a row/);
  expect((await stat(join(folder, "list.csv.errors.csv"))).mode & 0o077).toBe(0);
});

test("stores the good rows with skipBadRows", async () => {
  const report = await run([header, line(1), line("x y"), line(2)].join("\n"), {
    skipBadRows: true,
  });
  expect(report).toMatchObject({ kind: "ok", value: { good: 2, bad: 1, recorded: 2 } });
});

test("stores nothing in a dry run", async () => {
  expect(await run(lines(3), { dryRun: true })).toMatchObject({
    kind: "ok",
    value: { good: 3, bad: 0, recorded: 0, stored: false },
  });
  expect(stored).toEqual([]);
});

test("a corrected table leaves no error file behind", async () => {
  await run([header, line("x y")].join("\n"));
  expect(await errors()).toMatch(/email/);
  await run([header, line(1)].join("\n"));
  await expect(errors()).rejects.toThrow(/ENOENT/);
});

test("stores in chunks, and what an interrupted run left out when run again", async () => {
  const failing: TableKind<NewConsent> = {
    ...table,
    open: (origin) => {
      const { pack, store } = table.open(origin);
      return {
        pack,
        store: async (rows) => {
          if (stored.length === 2) throw new Error("power cut");
          return store(rows);
        },
      };
    },
  };
  const path = join(folder, "list.csv");
  await writeFile(path, lines(7500));
  await expect(importFile(path, failing, plain)).rejects.toThrow("power cut");
  expect(stored.map((chunk) => chunk.length)).toEqual([2000, 2000]);
  expect(await importFile(path, table, plain)).toMatchObject({ value: { recorded: 3500 } });
  expect(await importFile(path, table, plain)).toMatchObject({
    value: { recorded: 0, good: 7500 },
  });
  expect(new Set(stored.flat().map(keyOf)).size).toBe(7500);
});

test("a table that changes while it is read is told, and nothing is stored", async () => {
  const path = join(folder, "list.csv");
  await writeFile(path, lines(10));
  let readings = 0;
  const report = await importFile(path, table, {
    ...plain,
    onProgress: () => {
      readings += 1;
      if (readings === 1) writeFileSync(path, `${lines(11)}\n`);
    },
  });
  expect(report).toEqual({
    kind: "bad",
    problem: "was changed while it was read: run the import again",
  });
  expect(stored).toEqual([]);
});

test("reports progress over both readings, up to the whole", async () => {
  const seen: { bytes: number; totalBytes: number }[] = [];
  await run(lines(5), {
    onProgress: (progress) => {
      seen.push(progress);
    },
  });
  const last = seen.at(-1);
  expect(last?.bytes).toBe(last?.totalBytes);
  expect(last?.totalBytes).toBe(2 * Buffer.byteLength(lines(5)));
});

test.each([
  ["UTF-16", Buffer.from("\ufeffemail", "utf16le"), /UTF-16.*UTF-8/],
  ["a spreadsheet", Buffer.from("PK\u0003\u0004rest"), /spreadsheet/],
  ["octets of no text", Buffer.from("email\n\0"), /no text/],
  ["octets of neither charset", Buffer.from([0x65, 0xff, 0xfd, 0xa0, 0x0a]), /neither/],
  [
    "ISO-2022-JP",
    Buffer.from(
      [header, line(1), line(2).replace(/,,,$/, ",\u001b$B$*CN$i$;\u001b(B,,")].join("\n"),
    ),
    /ISO-2022-JP.*save it as CSV UTF-8 or Shift_JIS/,
  ],
  ["half a character at its end", Buffer.from([0x65, 0x0a, 0x83]), /cut/],
])("a file of %s is refused with a remedy", async (_name, content, problem) => {
  const report = await run(content);
  expect(report.kind === "bad" ? report.problem : "").toMatch(problem);
  expect(stored).toEqual([]);
});

test("a folder or device is no table", async () => {
  const report = await importFile("/dev/null", table, plain);
  expect(report).toEqual({ kind: "bad", problem: "is not a regular file" });
});

test.each([
  ["nothing", "", /is empty/],
  ["no header that we know", "a,b\n1,2", /email.*is missing.*--map email=HEADER/],
  ["a quote that does not end", `${header}\n"p1@example.jp,sample\n${line(2)}`, /does not end/],
  ["a header alone that misses a column", "email", /sender.*is missing/],
])("a table with %s stores nothing, whatever is wished", async (_name, content, problem) => {
  const report = await run(content, { skipBadRows: true });
  expect(report).toMatchObject({ kind: "ok", value: { stored: false } });
  expect(await errors()).toMatch(problem);
});

test("more cells than headers, and an unclosed quote far longer than a cell, are told", async () => {
  await run([header, `${line(1)}surplus,x`].join("\n"));
  expect(await errors()).toMatch(/^2,.*more cells than the header/m);
  await run(`${header}\n"${"x".repeat(1_000_000)}`);
  expect(await errors()).toMatch(/does not end/);
});
