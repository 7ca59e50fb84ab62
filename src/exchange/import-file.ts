// Imports a table file in two readings: the first judges every row and stores nothing, the second stores in chunks.
import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";

import { bad, ok, type Parsed } from "../mail/parsed.ts";
import { inspectFile, type Charset } from "./charset.ts";
import { readCsv } from "./csv-file.ts";
import { createErrorFile, type ErrorFile } from "./error-file.ts";
import {
  nameCells,
  readHeader,
  type Header,
  type ColumnSpec,
  type HeaderWish,
  type NamedRow,
} from "./header.ts";
import { rowProblem, type RowReading } from "./row-problem.ts";

/** What kind of table it is, and where its rows go. */
export interface TableKind<T> {
  readonly specs: readonly ColumnSpec[];
  readonly required: readonly string[];
  /** Makes the reader of rows. `origin` is `import:` and the beginning of the file's digest. */
  readonly reader: (origin: string) => (row: NamedRow) => RowReading<T>;
  /** Stores one chunk durably and answers how many were new. Must be idempotent: an import may be run again. */
  readonly store: (rows: readonly T[]) => Promise<number>;
}

export interface ImportWish extends HeaderWish {
  /** Judge only. */
  readonly dryRun: boolean;
  /** Store the good rows of a table that has bad ones; otherwise it is all or nothing. */
  readonly skipBadRows: boolean;
  readonly onProgress?: (done: { readonly bytes: number; readonly totalBytes: number }) => void;
}

export interface ImportReport {
  readonly charset: Charset;
  readonly digest: string;
  /** Rows below the header that are not empty. */
  readonly rows: number;
  readonly good: number;
  readonly bad: number;
  /** New in the ledger; `good` less these stood there already. 0 in a dry run or where nothing was stored. */
  readonly recorded: number;
  /** Present where a row was bad. */
  readonly errorsFile?: string;
  readonly stored: boolean;
}

const chunkRows = 1000; // one transaction: long enough to be quick, short enough not to keep mail waiting

/**
 * Nothing is stored where a row is bad, unless `skipBadRows`. An import that was killed midway has stored some chunks;
 * run again, it stores the rest. A file that cannot be read at all, or changes meanwhile, is a problem in words.
 */
export async function importFile<T>(
  path: string,
  kind: TableKind<T>,
  wish: ImportWish,
): Promise<Parsed<ImportReport>> {
  await using file = await open(path, "r");
  if (!(await file.stat()).isFile()) return bad("is not a regular file");
  const facts = await inspectFile(file);
  if (facts.kind === "bad") return facts;
  const { charset, digest, bytes } = facts.value;
  const origin = `import:${digest.slice(0, 16)}`;
  const totalBytes = bytes * (wish.dryRun ? 1 : 2);
  let seenBytes = 0;
  const errors = await createErrorFile(path);
  const reading = (hash?: ReturnType<typeof createHash>): Reading<T> => ({
    file,
    charset,
    kind,
    wish,
    origin,
    onChunk: (chunk) => {
      hash?.update(chunk);
      seenBytes += chunk.length;
      wish.onProgress?.({ bytes: seenBytes, totalBytes });
    },
  });
  const { broken, ...counts } = await judge(reading(), errors);
  const hasErrors = await errors.close();
  const report = {
    charset,
    digest,
    ...counts,
    recorded: 0,
    ...(hasErrors ? { errorsFile: errors.path } : {}),
    stored: false,
  };
  if (wish.dryRun || broken || (counts.bad > 0 && !wish.skipBadRows)) {
    return ok(report);
  }
  const hash = createHash("sha256");
  const recorded = await store(reading(hash));
  if (hash.digest("hex") !== digest)
    return bad("was changed while it was imported: run the import again");
  return ok({ ...report, recorded, stored: true });
}

interface Reading<T> {
  readonly file: FileHandle;
  readonly charset: Charset;
  readonly kind: TableKind<T>;
  readonly wish: ImportWish;
  readonly origin: string;
  readonly onChunk: (chunk: Buffer) => void;
}

type Judged<T> = RowReading<T> & { readonly row: number; readonly broken?: true };

interface Counts {
  readonly rows: number;
  readonly good: number;
  readonly bad: number;
  /** The header or the file itself is at fault: skipping rows is no help. */
  readonly broken: boolean;
}

async function judge<T>(reading: Reading<T>, errors: ErrorFile): Promise<Counts> {
  let good = 0;
  let badRows = 0;
  let broken = false;
  for await (const item of readings(reading)) {
    if (item.kind === "ok") {
      good += 1;
      continue;
    }
    broken ||= item.broken === true;
    badRows += 1;
    await errors.add(item.row, item.problems);
  }
  return { rows: good + badRows, good, bad: badRows, broken };
}

/** One chunk is stored while the next is read. */
async function store<T>(reading: Reading<T>): Promise<number> {
  let recorded = 0;
  let chunk: T[] = [];
  let storing: Promise<number> = Promise.resolve(0);
  const begin = (): void => {
    storing = reading.kind.store(chunk);
    // A failure is thrown where `storing` is awaited; meanwhile it is not an unhandled one.
    storing.catch(() => undefined);
    chunk = [];
  };
  for await (const item of readings(reading)) {
    if (item.kind === "bad") continue;
    chunk.push(item.value);
    if (chunk.length < chunkRows) continue;
    recorded += await storing;
    begin();
  }
  recorded += await storing;
  if (chunk.length > 0) begin();
  else storing = Promise.resolve(0);
  return recorded + (await storing);
}

async function* readings<T>(reading: Reading<T>): AsyncGenerator<Judged<T>> {
  const { kind, wish } = reading;
  const read = kind.reader(reading.origin);
  let header: Header | undefined;
  for await (const item of readCsv(reading.file, reading.charset, reading.onChunk)) {
    if (item.kind === "broken") {
      const problem = rowProblem("", "", item.problem, item.remedy);
      yield { kind: "bad", row: item.row, problems: [problem], broken: true };
      return;
    }
    if (header === undefined) {
      header = readHeader(item.cells, kind.specs, kind.required, wish);
      if (header.problems.length > 0) {
        const problems = header.problems.map((found) =>
          rowProblem(found.column, "", found.problem, found.remedy),
        );
        yield { kind: "bad", row: item.row, problems, broken: true };
        return;
      }
      continue;
    }
    const row = nameRow(header, item.cells, wish);
    yield { ...(row.kind === "ok" ? read(row.value) : row), row: item.row };
  }
  if (header === undefined) {
    const problem = rowProblem("", "", "is empty", "write a header row and the rows below it");
    yield { kind: "bad", row: 1, problems: [problem], broken: true };
  }
}

function nameRow(header: Header, cells: readonly string[], wish: HeaderWish): RowReading<NamedRow> {
  const surplus = cells.slice(header.names.length).find((cell) => cell.trim() !== "");
  if (surplus === undefined) return { kind: "ok", value: nameCells(header, cells, wish) };
  const remedy = "put cells that hold commas in quotes";
  return {
    kind: "bad",
    problems: [rowProblem("", surplus, "has more cells than the header", remedy)],
  };
}
