// The header row of an imported table: which column is which of ours, by name, alias or the operator's mapping.

import { cleanCell } from "./cell.ts";

/** A column that we know, and the other names under which real tools export it. */
export interface ColumnSpec {
  readonly name: string;
  readonly aliases: readonly string[];
}

export interface HeaderWish {
  /** Our column → the file's header (`--map email=メールアドレス`). */
  readonly map: Readonly<Record<string, string>>;
  /** Our column → the value of every row whose cell is empty or missing (`--set sender=sample`). */
  readonly set: Readonly<Record<string, string>>;
}

export interface HeaderProblem {
  readonly column: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Place in the row → name: ours, or the file's own for a column that we do not know. */
export interface Header {
  readonly names: readonly string[];
  readonly problems: readonly HeaderProblem[];
}

/** Cleaned cells by name. A row without a cell has no entry; an empty cell is "". */
export type NamedRow = ReadonlyMap<string, string>;

const columnsMax = 200; // the widest customer export seen has some 120

/** Reads the header row. `required`: columns that must be there or be set. */
export function readHeader(
  cells: readonly string[],
  specs: readonly ColumnSpec[],
  required: readonly string[],
  wish: HeaderWish,
): Header {
  const problems: HeaderProblem[] = [];
  const mapped = new Map<string, string>();
  for (const [ours, theirs] of Object.entries(wish.map)) mapped.set(fold(theirs), ours);
  const headers = new Set(cells.map(fold));
  for (const [theirs, ours] of mapped) {
    if (!headers.has(theirs)) {
      problems.push({
        column: ours,
        problem: `is mapped to ${theirs}, which the file does not have`,
        remedy: `map it to one of: ${cells.join(", ")}`,
      });
    }
  }
  const aliases = new Map<string, string>();
  for (const spec of specs) {
    if (Object.hasOwn(wish.map, spec.name)) continue;
    for (const alias of [spec.name, ...spec.aliases]) aliases.set(fold(alias), spec.name);
  }
  const names = cells.map(
    (cell) => mapped.get(fold(cell)) ?? aliases.get(fold(cell)) ?? cell.trim(),
  );
  const missing = required.filter(
    (column) => !names.includes(column) && !Object.hasOwn(wish.set, column),
  );
  for (const column of missing) {
    problems.push({
      column,
      problem: "is missing",
      remedy: `add the column, name yours with --map ${column}=HEADER, or set it for all rows with --set ${column}=VALUE`,
    });
  }
  return { names, problems: [...problems, ...shapeProblems(names)] };
}

/** Names and cleans the cells of one row; empty ones take the value that is set for all rows. */
export function nameCells(header: Header, cells: readonly string[], wish: HeaderWish): NamedRow {
  const row = new Map<string, string>();
  for (const [index, name] of header.names.entries()) {
    const cell = cells[index];
    if (name !== "" && cell !== undefined) row.set(name, cleanCell(cell));
  }
  for (const [name, value] of Object.entries(wish.set)) {
    if ((row.get(name) ?? "") === "") row.set(name, value);
  }
  return row;
}

/** Header names differ in width, case and spaces from tool to tool. */
function fold(name: string): string {
  return name
    .normalize("NFKC")
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, "_");
}

function shapeProblems(names: readonly string[]): readonly HeaderProblem[] {
  const problems: HeaderProblem[] = [];
  if (names.length > columnsMax) {
    problems.push({
      column: "header",
      problem: `has more than ${columnsMax} columns`,
      remedy: "leave out the columns that prove nothing",
    });
  }
  const twice = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (twice !== undefined) {
    problems.push({
      column: twice,
      problem: "stands twice in the header",
      remedy: "rename or remove one of the two columns",
    });
  }
  return problems;
}
