// What `consent import|export` and `suppress import|export` have in common: flags, progress, report, the log's event.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setFlagsFromString } from "node:v8";

import { SingleBar } from "cli-progress";
import type { Command } from "commander";

import type { RowContext } from "../exchange/row-problem.ts";
import { importFile, type ImportReport, type TableKind } from "../exchange/import-file.ts";
import { parseZone } from "../exchange/date.ts";
import { knownNames, pairs, type Pairs } from "./arguments.ts";
import { giveWay } from "./give-way.ts";
import { mayExport } from "./may-export.ts";
import type { OfficeForCommand } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";

export interface ImportFlags {
  readonly dryRun?: boolean;
  readonly skipBadRows?: boolean;
  readonly map?: Pairs;
  readonly set?: Pairs;
  readonly timeZone: string;
  readonly trustColumn: readonly string[];
}

export function addImportFlags(command: Command): Command {
  return command
    .option("--dry-run", "judge the file and store nothing")
    .option("--skip-bad-rows", "store the good rows of a file that has bad ones")
    .option(
      "--map <column=header>",
      "which header of the file is which column; may be repeated",
      pairs("--map"),
    )
    .option(
      "--set <column=value>",
      "value for rows whose cell is empty or missing; may be repeated",
      pairs("--set"),
    )
    .option(
      "--time-zone <zone>",
      "of dates that name none: Asia/Tokyo, UTC or +09:00",
      "Asia/Tokyo",
    )
    .option(
      "--trust-column <header>",
      "its long numbers are no one's My Number or card; may be repeated",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    );
}

/** Imports, prints the report, and ends with exit code 1 where the file was not stored for its bad rows. */
export async function runImport<T>(
  office: OfficeForCommand,
  path: string,
  flags: ImportFlags,
  what: "consents" | "suppressions",
  tableOf: (context: Omit<RowContext, "actor">) => TableKind<T>,
): Promise<void> {
  const zone = parseZone(flags.timeZone);
  if (zone === undefined) {
    throw new Usage(`--time-zone ${flags.timeZone} is not known; allowed: Asia/Tokyo, UTC, +09:00`);
  }
  const table = tableOf({
    indexer: office.indexer,
    ...knownNames(office.config),
    zone,
    now: office.clock(),
    trusted: new Set(flags.trustColumn),
  });
  for (const column of [...Object.keys(flags.map ?? {}), ...Object.keys(flags.set ?? {})]) {
    if (table.specs.some((spec) => spec.name === column)) continue;
    const names = table.specs.map((spec) => spec.name).join(", ");
    throw new Usage(`--map and --set know no column ${column}; allowed: ${names}`);
  }
  giveWay();
  const report = await importWithProgress(path, table, flags);
  if (report.stored) await logImport(office, what, report);
  print({ file: path, dryRun: flags.dryRun === true, ...report });
  if (report.bad === 0) return;
  const rows = report.bad === 1 ? "1 row has" : `${report.bad} rows have`;
  tell(`${rows} problems: see ${report.errorsFile ?? ""}`);
  if (!report.stored) {
    throw new Refused(
      flags.dryRun === true
        ? "as it is, the file would not be imported whole"
        : "nothing was stored; correct the file, or store the good rows with --skip-bad-rows",
    );
  }
}

/** Writes CSV to standard output. The log knows of the export before its first byte leaves. */
export async function runExport(
  office: OfficeForCommand,
  what: "consents" | "suppressions",
  rows: AsyncIterable<string>,
  { sender, approval }: { readonly sender?: string; readonly approval?: string } = {},
): Promise<void> {
  const whose = sender === undefined ? {} : { sender };
  if (!(await mayExport(office, { what, query: whose, approval, ...whose }))) return;
  await pipeline(Readable.from(rows), process.stdout, { end: false });
}

async function importWithProgress<T>(
  path: string,
  table: TableKind<T>,
  flags: ImportFlags,
): Promise<ImportReport> {
  const bar = process.stderr.isTTY
    ? new SingleBar({
        format: "{bar} {percentage} %  {eta_formatted} left",
        stream: process.stderr,
        clearOnComplete: true,
      })
    : undefined;
  let started = false;
  // V8 lets the space for new objects grow to 128 MB while rows stream through it; what it has by now is enough.
  setFlagsFromString("--semi-space-growth-factor=1");
  try {
    const imported = await importFile(path, table, {
      map: flags.map ?? {},
      set: flags.set ?? {},
      dryRun: flags.dryRun === true,
      skipBadRows: flags.skipBadRows === true,
      onProgress: ({ bytes, totalBytes }) => {
        if (!started) bar?.start(totalBytes, 0);
        started = true;
        bar?.update(bytes);
      },
    });
    if (imported.kind === "bad") throw new Refused(`${path} ${imported.problem}`);
    return imported.value;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new Usage(`${path} does not exist; give the path of a CSV file`);
    }
    throw error;
  } finally {
    bar?.stop();
  }
}

/** The chunks have events of their own, whose `rows` and `digest` prove what is stored; this one tells of the file. */
async function logImport(
  office: OfficeForCommand,
  what: "consents" | "suppressions",
  report: ImportReport,
): Promise<void> {
  const { digest, rows, good, bad, recorded } = report;
  await office.storage.audit.append([
    {
      type: "Import",
      at: office.clock(),
      actor: office.actor,
      detail: { change: "file", of: what, file: digest, read: rows, good, bad, recorded },
    },
  ]);
}
