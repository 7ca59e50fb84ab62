// Reads a CSV file piece by piece in constant memory, with the row numbers that a spreadsheet shows.
import type { FileHandle } from "node:fs/promises";

import { chunksOf, type Charset } from "./charset.ts";
import { createCsvSplitter, type CsvRow } from "./csv-splitter.ts";

export interface CsvPiece {
  readonly rows: readonly CsvRow[];
  /** Set in the last piece of a file that cannot be read any further. */
  readonly broken?: { readonly row: number; readonly problem: string; readonly remedy: string };
}

const delimiters = [",", "\t", ";"];

/**
 * Yields every row that is not empty, the header first (row 1), a piece of the file at a time; `onChunk` sees the octets
 * as they are read. Commas, or tabs or semicolons where the header has no comma.
 */
export async function* readCsv(
  file: FileHandle,
  charset: Charset,
  onChunk: (chunk: Buffer) => void,
): AsyncGenerator<CsvPiece> {
  const splitter = createCsvSplitter(await delimiterOf(file, charset));
  const decoder = new TextDecoder(charset, { fatal: true });
  for await (const chunk of chunksOf(file)) {
    onChunk(chunk);
    yield { rows: splitter.feed(decoder.decode(chunk, { stream: true }), false) };
    if (splitter.broken() !== undefined) break;
  }
  const rows = splitter.feed(decoder.decode(), true);
  const row = splitter.broken();
  const problem = "begins a quoted cell that does not end";
  const remedy = 'close the quote, and write quotes inside a cell twice ("")';
  yield row === undefined ? { rows } : { rows, broken: { row, problem, remedy } };
}

/** The first delimiter that the first line has; a line without any is a table of one column. */
async function delimiterOf(file: FileHandle, charset: Charset): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
  const text = new TextDecoder(charset).decode(buffer.subarray(0, bytesRead));
  const line = text.split(/\r|\n/).find((part) => part.trim() !== "") ?? "";
  return delimiters.find((delimiter) => line.includes(delimiter)) ?? ",";
}
