// Splits the text of a CSV file into rows of cells (RFC 4180 and what spreadsheets make of it), piece by piece. Pure.

/** `row` is the number that a spreadsheet shows: empty lines count, line ends inside quotes do not. */
export interface CsvRow {
  readonly row: number;
  readonly cells: readonly string[];
}

export interface CsvSplitter {
  /** The rows that end in this piece; those without any text are left out. `isLast`: what remains is a row too. */
  readonly feed: (piece: string, isLast: boolean) => readonly CsvRow[];
  /** The row that is too long or whose quote never ends: nothing after it can be read. */
  readonly broken: () => number | undefined;
}

const recordMaxCharacters = 256 * 1024; // an unclosed quote must not swallow the whole file into memory

/**
 * Rows end with LF, CRLF or CR. A cell that begins with a quote ends at the next single one; where other text follows,
 * and where a quote stands inside a cell (`="001"`), quotes are text. A line without any quote, as nearly all are, is
 * found and cut by the engine's own search: that is what makes a large import quick.
 */
export function createCsvSplitter(delimiter: string): CsvSplitter {
  let rest = "";
  let row = 0;
  let broken: number | undefined;
  return {
    broken: () => broken,
    feed: (piece, isLast) => {
      if (broken !== undefined) return [];
      const text = createScan(rest + piece, delimiter, isLast);
      const rows: CsvRow[] = [];
      let start = 0;
      for (let record = text.record(0); record !== undefined; record = text.record(start)) {
        row += 1;
        if (record.next - start > recordMaxCharacters) {
          broken = row;
          return rows;
        }
        start = record.next;
        if (record.cells.some((cell) => cell.trim() !== ""))
          rows.push({ row, cells: record.cells });
      }
      rest = text.from(start);
      if (rest.length > recordMaxCharacters || (isLast && rest !== "")) broken = row + 1;
      return rows;
    },
  };
}

interface Record {
  readonly cells: readonly string[];
  /** Where the next record begins. */
  readonly next: number;
}

interface Scan {
  /** The record that begins at `start`; undefined where it does not end in this text. */
  readonly record: (start: number) => Record | undefined;
  readonly from: (start: number) => string;
}

function createScan(text: string, delimiter: string, isLast: boolean): Scan {
  const lineFeed = createFinder(text, "\n");
  const carriageReturn = createFinder(text, "\r");
  const quote = createFinder(text, '"');
  const comma = createFinder(text, delimiter);

  /** The line's end at or after `from`: its place, and where the next line begins. */
  const lineEnd = (from: number): { readonly end: number; readonly next: number } | undefined => {
    const end = Math.min(lineFeed(from), carriageReturn(from));
    if (end === Infinity) return isLast ? { end: text.length, next: text.length } : undefined;
    if (text[end] === "\n") return { end, next: end + 1 };
    // The LF of a CRLF may be in the next piece.
    if (end + 1 === text.length && !isLast) return undefined;
    return { end, next: text[end + 1] === "\n" ? end + 2 : end + 1 };
  };

  /** The end of the cell that begins at `start`, and its value where it is quoted. */
  const cell = (start: number): { readonly end: number; readonly value?: string } | undefined => {
    if (text[start] === '"') {
      const close = closingQuote(text, start);
      if (close === undefined || (close + 1 === text.length && !isLast)) return undefined;
      const after = text[close + 1];
      if (after === undefined || after === delimiter || after === "\n" || after === "\r") {
        return { end: close + 1, value: text.slice(start + 1, close).replaceAll('""', '"') };
      }
    }
    const end = Math.min(comma(start), lineEnd(start)?.end ?? Infinity);
    return end === Infinity ? undefined : { end };
  };

  return {
    from: (start) => text.slice(start),
    record: (start) => {
      if (start >= text.length) return undefined;
      const line = lineEnd(start);
      if (quote(start) >= (line?.end ?? Infinity)) {
        return line && { cells: text.slice(start, line.end).split(delimiter), next: line.next };
      }
      const cells: string[] = [];
      for (let place = start; ;) {
        const found = cell(place);
        if (found === undefined) return undefined;
        cells.push(found.value ?? text.slice(place, found.end));
        place = found.end + 1;
        if (text[found.end] === delimiter) continue;
        const end = lineEnd(found.end);
        return end && { cells, next: end.next };
      }
    },
  };
}

/** The single quote that closes the one at `start`. */
function closingQuote(text: string, start: number): number | undefined {
  let place = text.indexOf('"', start + 1);
  while (place !== -1 && text[place + 1] === '"') place = text.indexOf('"', place + 2);
  return place === -1 ? undefined : place;
}

/** `indexOf` for places that only grow: what lies ahead is searched once. Infinity where there is none. */
function createFinder(text: string, wanted: string): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) {
      const place = text.indexOf(wanted, from);
      found = place === -1 ? Infinity : place;
    }
    return found;
  };
}
