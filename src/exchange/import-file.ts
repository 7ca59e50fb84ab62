// Imports a table file: judges every row and stores nothing, then stores what is good in chunks, in the order of keys.
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
import { rowProblem, type RowProblem, type RowReading } from "./row-problem.ts";
import { createSpool, type Spool } from "./spool.ts";

/** What kind of table it is, and where its rows go. */
export interface TableKind<T> {
  readonly specs: readonly ColumnSpec[];
  readonly required: readonly string[];
  /** Makes the reader of rows. `origin` is `import:` and the beginning of the file's digest. */
  readonly reader: (origin: string) => (row: NamedRow) => RowReading<T>;
  readonly open: (origin: string) => Store<T>;
}

/** Where the rows of one file go. */
export interface Store<T> {
  /** The row as octets, valid until the next call; the first 16 are its key, spread evenly. */
  readonly pack: (row: T) => Uint8Array;
  /** Stores one chunk durably and answers how many were new. Must be idempotent: an import may be run again. */
  readonly store: (rows: readonly Uint8Array[]) => Promise<number>;
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

const chunkRows = 2000; // one transaction: long enough to be quick, short enough not to keep mail waiting

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
  const errors = await createErrorFile(path);
  const target = kind.open(origin);
  await using spool = createSpool();
  const hash = createHash("sha256");
  let seenBytes = 0;
  const onChunk = (chunk: Buffer): void => {
    hash.update(chunk);
    seenBytes += chunk.length;
    wish.onProgress?.({ bytes: seenBytes, totalBytes });
  };
  const reading: Reading<T> = { file, charset, kind, wish, origin, onChunk };
  const { broken, ...counts } = await judge(reading, errors, (row) =>
    wish.dryRun ? undefined : spool.add(target.pack(row)),
  );
  const hasErrors = await errors.close();
  if (!broken && hash.digest("hex") !== digest)
    return bad("was changed while it was read: run the import again");
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
  const recorded = await store(spool, target, (stored) => {
    const share = counts.good === 0 ? 1 : stored / counts.good;
    wish.onProgress?.({ bytes: bytes + Math.floor(bytes * share), totalBytes });
  });
  return ok({ ...report, recorded, stored: true });
}

interface Reading<T> {
  readonly file: FileHandle;
  readonly charset: Charset;
  readonly kind: TableKind<T>;
  readonly wish: HeaderWish;
  readonly origin: string;
  readonly onChunk: (chunk: Buffer) => void;
}

interface Counts {
  readonly rows: number;
  readonly good: number;
  readonly bad: number;
  /** The header or the file itself is at fault: skipping rows is no help. */
  readonly broken: boolean;
}

async function judge<T>(
  reading: Reading<T>,
  errors: ErrorFile,
  keep: (row: T) => Promise<void> | undefined,
): Promise<Counts> {
  const { kind, wish } = reading;
  const read = kind.reader(reading.origin);
  let header: Header | undefined;
  let good = 0;
  let badRows = 0;
  const complain = async (row: number, problems: readonly RowProblem[]): Promise<void> => {
    badRows += 1;
    await errors.add(row, problems);
  };
  const counts = (broken: boolean): Counts => ({
    rows: good + badRows,
    good,
    bad: badRows,
    broken,
  });
  for await (const piece of readCsv(reading.file, reading.charset, reading.onChunk)) {
    for (const { row, cells } of piece.rows) {
      if (header === undefined) {
        header = readHeader(cells, kind.specs, kind.required, wish);
        if (header.problems.length === 0) continue;
        await complain(row, headerProblems(header));
        return counts(true);
      }
      const named = nameRow(header, cells, wish);
      const result = named.kind === "ok" ? read(named.value) : named;
      if (result.kind === "bad") await complain(row, result.problems);
      else {
        good += 1;
        const wait = keep(result.value);
        if (wait !== undefined) await wait;
      }
    }
    if (piece.broken === undefined) continue;
    const { row, problem, remedy } = piece.broken;
    await complain(row, [rowProblem("", "", problem, remedy)]);
    return counts(true);
  }
  if (header !== undefined) return counts(false);
  await complain(1, [rowProblem("", "", "is empty", "write a header row and the rows below it")]);
  return counts(true);
}

function headerProblems(header: Header): readonly RowProblem[] {
  return header.problems.map(({ column, problem, remedy }) =>
    rowProblem(column, "", problem, remedy),
  );
}

/** One chunk is stored while the next is made ready. */
async function store<T>(
  spool: Spool,
  target: Store<T>,
  onStored: (rows: number) => void,
): Promise<number> {
  let recorded = 0;
  let read = 0;
  let chunk: Uint8Array[] = [];
  let storing: Promise<number> = Promise.resolve(0);
  const next = async (): Promise<void> => {
    const started = chunk.length === 0 ? Promise.resolve(0) : target.store(chunk);
    // A failure is thrown where `storing` is awaited; meanwhile it is not an unhandled one.
    started.catch(() => undefined);
    recorded += await storing;
    onStored(read);
    read += chunk.length;
    storing = started;
    chunk = [];
  };
  for await (const rows of spool.rows()) {
    for (const row of rows) {
      chunk.push(row);
      if (chunk.length === chunkRows) await next();
    }
  }
  await next();
  await next();
  return recorded;
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
