// One cell of a table file: cleaned of what spreadsheets put around a value, and written so that none runs it.

const cellMaxCharacters = 32_767; // what Excel keeps in one cell

/** Trims (also full-width spaces), and takes off Excel's text marks: a leading `'` and the wrapping `="…"`. */
export function cleanCell(cell: string): string {
  const trimmed = cell.trim();
  if (!trimmed.startsWith("'") && !trimmed.startsWith("=")) return trimmed;
  const formula = /^="(.*)"$/s.exec(trimmed)?.[1];
  const text = formula?.replaceAll('""', '"') ?? trimmed;
  return (text.startsWith("'") ? text.slice(1) : text).trim();
}

/**
 * A cell of our own CSV (RFC 4180), safe to open in a spreadsheet (threats.md row 80): what could be read as a formula,
 * or begins with the mark itself, gets a leading `'`, which {@link cleanCell} takes off again. Full-width signs count
 * too: Japanese Excel reads `＝` as `=`.
 */
export function csvCell(value: string): string {
  const text = value.slice(0, cellMaxCharacters);
  const safe = /^[\s']*[=+\-@|%'＝＋－＠]|^[\t\r\n]/u.test(text) ? `'${text}` : text;
  return /[",\r\n\t;']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One row with its CRLF. */
export function csvRow(values: readonly string[]): string {
  return `${values.map(csvCell).join(",")}\r\n`;
}
