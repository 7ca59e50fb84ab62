// The error file of an import: one line a problem, with the row's number, so that a person corrects the table once.
import { open, rm, type FileHandle } from "node:fs/promises";

import { csvRow } from "./cell.ts";
import type { RowProblem } from "./row-problem.ts";

const linesMax = 100_000; // who has more has one systematic mistake, which the first lines show
const flushCharacters = 64 * 1024;

export interface ErrorFile {
  readonly path: string;
  readonly add: (row: number, problems: readonly RowProblem[]) => Promise<void>;
  /** Ends the file; resolves to whether there is one. */
  readonly close: () => Promise<boolean>;
}

/** `<path of the table>.errors.csv`; made at the first problem, readable by its owner only. One of before is removed. */
export async function createErrorFile(tablePath: string): Promise<ErrorFile> {
  const path = `${tablePath}.errors.csv`;
  await rm(path, { force: true });
  let file: FileHandle | undefined;
  let lines = 0;
  let pending = "";
  const flush = async (): Promise<void> => {
    // "wx": what somebody else put there in the meantime (a link, a pipe) is not written through.
    file ??= await open(path, "wx", 0o600);
    await file.write(pending);
    pending = "";
  };
  return {
    path,
    add: async (row, problems) => {
      if (lines === 0) {
        // The byte order mark makes Excel read UTF-8 as such.
        pending = `\ufeff${csvRow(["row", "column", "value", "problem", "remedy"])}`;
      }
      for (const { column, value, problem, remedy } of problems) {
        lines += 1;
        if (lines <= linesMax) pending += csvRow([String(row), column, value, problem, remedy]);
        if (lines === linesMax + 1) {
          pending += csvRow([
            String(row),
            "",
            "",
            "has problems, as may rows below",
            "correct the rows above first",
          ]);
        }
      }
      if (pending.length > flushCharacters || file === undefined) await flush();
    },
    close: async () => {
      if (file === undefined) return false;
      await flush();
      await file.close();
      return true;
    },
  };
}
