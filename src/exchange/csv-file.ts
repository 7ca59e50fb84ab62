// Reads a CSV file row by row in constant memory, with the row numbers that a spreadsheet shows.
import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

import { CsvError, parse, type Info } from "csv-parse";

import { chunksOf, type Charset } from "./charset.ts";

export type CsvItem =
  | { readonly kind: "row"; readonly row: number; readonly cells: readonly string[] }
  /** The file cannot be read any further. */
  | {
      readonly kind: "broken";
      readonly row: number;
      readonly problem: string;
      readonly remedy: string;
    };

const recordMaxCharacters = 256 * 1024; // an unclosed quote must not swallow the whole file into memory
const delimiters = [",", "\t", ";"];

/**
 * Yields every row that is not empty, the header first (row 1); `onChunk` sees the octets as they are read. Commas,
 * or tabs or semicolons where the header has none; LF, CRLF or CR; quotes as in RFC 4180, and Excel's `="…"`.
 */
export async function* readCsv(
  file: FileHandle,
  charset: Charset,
  onChunk: (chunk: Buffer) => void,
): AsyncGenerator<CsvItem> {
  const parser = parse({
    bom: true,
    delimiter: await delimiterOf(file, charset),
    info: true,
    max_record_size: recordMaxCharacters,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  const decode = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | string> {
    const decoder = new TextDecoder(charset, { fatal: true });
    for await (const chunk of chunks) {
      onChunk(chunk);
      // The parser itself speaks UTF-8, and the whole file was seen to be that.
      yield charset === "utf-8" ? chunk : decoder.decode(chunk, { stream: true });
    }
  };
  // An error on the way destroys the parser, and iterating the parser throws that error: it is told there, once.
  pipeline(chunksOf(file), decode, parser).catch(() => undefined);
  let row = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<Item>) {
      row = info.records + info.empty_lines;
      if (record.some((cell) => cell.trim() !== "")) yield { kind: "row", row, cells: record };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield { kind: "broken", row: row + 1, ...explain(error) };
  }
}

interface Item {
  readonly record: readonly string[];
  readonly info: Info;
}

/** The first delimiter that the first line has; a line without any is a table of one column. */
async function delimiterOf(file: FileHandle, charset: Charset): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
  const text = new TextDecoder(charset).decode(buffer.subarray(0, bytesRead));
  const line = text.split(/\r|\n/).find((part) => part.trim() !== "") ?? "";
  return delimiters.find((delimiter) => line.includes(delimiter)) ?? ",";
}

function explain(error: CsvError): { readonly problem: string; readonly remedy: string } {
  if (error.code === "CSV_QUOTE_NOT_CLOSED" || error.code === "CSV_MAX_RECORD_SIZE") {
    return {
      problem: "begins a quoted cell that does not end",
      remedy: 'close the quote, and write quotes inside a cell twice ("")',
    };
  }
  return {
    problem: "is not well-formed CSV",
    remedy:
      'put cells with quotes, commas or line ends in quotes, and write quotes inside them twice ("")',
  };
}
