// A document to print or to hand over: plain HTML without scripts or outside resources, readable in ten years.

export interface Table {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Shown in place of a table without rows. */
  readonly empty: string;
}

const style =
  "body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.7 sans-serif}" +
  "table{border-collapse:collapse;width:100%}th,td{border:1px solid #888;padding:.3rem .5rem;text-align:left;" +
  "vertical-align:top;overflow-wrap:anywhere}th{background:#eee}h1{font-size:1.4rem}h2{font-size:1.1rem}";

/** In Japanese. Every text is escaped here. `facts` are shown as a list of name and value above the tables. */
export function htmlDocument(document: {
  readonly title: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly paragraphs: readonly string[];
  readonly tables: readonly Table[];
}): string {
  const { title, facts, paragraphs, tables } = document;
  return [
    "<!doctype html>",
    '<html lang="ja">',
    `<head><meta charset="utf-8"><title>${escape(title)}</title><style>${style}</style></head>`,
    `<body><h1>${escape(title)}</h1>`,
    `<dl>${facts.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join("")}</dl>`,
    ...paragraphs.map((text) => `<p>${escape(text)}</p>`),
    ...tables.map(tableHtml),
    "</body></html>",
    "",
  ].join("\n");
}

function tableHtml({ heading, columns, rows, empty }: Table): string {
  if (rows.length === 0) return `<h2>${escape(heading)}</h2><p>${escape(empty)}</p>`;
  const head = columns.map((column) => `<th scope="col">${escape(column)}</th>`).join("");
  const body = rows.map(
    (row) => `<tr>${row.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`,
  );
  return `<h2>${escape(heading)}</h2><table><thead><tr>${head}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table>`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "<br>");
}

/** `2026-01-05 09:03:00 JST`: what a reader in Japan compares with other papers. */
export function tokyoTime(at: Date): string {
  const local = new Date(at.getTime() + 9 * 3_600_000).toISOString();
  return `${local.slice(0, 10)} ${local.slice(11, 19)} JST`;
}
