// What is wrong with one row of an imported table, as the error file tells it.
import type { Indexer } from "../consent/address-index.ts";
import { parseRecordedAddress, type Address } from "../mail/address.ts";
import { bad, type Parsed } from "../mail/parsed.ts";
import type { NamedRow } from "./header.ts";
import { findPersonalNumber } from "./personal-number.ts";
import type { ZoneMinutes } from "./date.ts";

export interface RowProblem {
  readonly column: string;
  /** As it may be shown: never a personal number, addresses masked. */
  readonly value: string;
  readonly problem: string;
  readonly remedy: string;
}

/** One row, read: what to store, or all that is wrong with it. */
export type RowReading<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "bad"; readonly problems: readonly RowProblem[] };

/** What reading a row needs to know besides the row. */
export interface RowContext {
  readonly indexer: Indexer;
  readonly senders: readonly { readonly id: string; readonly topics: readonly string[] }[];
  readonly streams: readonly string[];
  readonly zone: ZoneMinutes;
  readonly now: Date;
  /** Who is written down as having recorded it: `import:FILE-DIGEST`. */
  readonly actor: string;
  /** Columns whose long numbers are known to be no one's Individual Number or card. */
  readonly trusted: ReadonlySet<string>;
}

const shownMaxCharacters = 80;

export function rowProblem(
  column: string,
  value: string,
  problem: string,
  remedy: string,
): RowProblem {
  return { column, value: show(value), problem, remedy };
}

/** `t***@example.jp`: enough to find the row, too little to leak a list. */
export function maskAddress(text: string): string {
  return text.replace(/([^\s@＠])[^\s@＠]*([@＠])/gu, "$1***$2");
}

/** An address as a table holds it; the problem tells what spreadsheets and input methods did to it. */
export function readAddress(text: string): Parsed<Address> {
  if (text === "") return bad("is empty");
  if (/[\uff01-\uff5e\u3000]/u.test(text)) {
    return bad("has full-width characters: write it in half-width (ASCII) characters");
  }
  if (/[<>"]/.test(text)) return bad("has more than an address: write local@domain alone");
  if (/[,;\s]/.test(text)) return bad("has a space or several addresses: one address a row");
  return parseRecordedAddress(text);
}

/** Cells that hold an Individual Number or a card number: the row must not be stored (law.md S94). */
export function personalNumbers(row: NamedRow, trusted: ReadonlySet<string>): RowProblem[] {
  const problems: RowProblem[] = [];
  for (const [column, value] of row) {
    if (value.length < 12 || trusted.has(column)) continue;
    const found = findPersonalNumber(value);
    if (found === undefined) continue;
    const what =
      found === "individual-number" ? "an Individual Number (My Number)" : "a card number";
    problems.push({
      column,
      value: "(not shown)",
      problem: `looks like ${what}, which must not be stored here`,
      remedy: `remove the column; if it is something else, say so with --trust-column "${column}"`,
    });
  }
  return problems;
}

function show(value: string): string {
  if (findPersonalNumber(value) !== undefined) return "(not shown)";
  const masked = maskAddress(value);
  return masked.length > shownMaxCharacters ? `${masked.slice(0, shownMaxCharacters)}…` : masked;
}
