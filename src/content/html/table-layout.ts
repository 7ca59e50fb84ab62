// Boxes beside each other: the cells of a table row, the items of a flex row.
import type { Style } from "../style/style.ts";
import { createFlow, endLine, type Flow, type Frame, resolveSize } from "./frame.ts";
import type { Laying } from "./laying.ts";
import type { ElementNode } from "./node.ts";

interface Column {
  readonly element: ElementNode;
  readonly style: Style;
  readonly span: number;
  /** undefined: shares what the others leave. */
  readonly widthPx: number | undefined;
}

const spanMax = 1000; // HTML's own limit for colspan

/** Lays each child element in a column of its own, all from the same height; the cursor goes below the lowest. */
export function layRow(row: ElementNode, frame: Frame, laying: Laying): void {
  const columns: Column[] = [];
  const given = frame.table.fixed ? columnWidths(row, frame, laying) : undefined;
  for (const child of row.children) {
    if (child.kind === "comment") laying.comment(child.text);
    if (child.kind === "text" && child.text.trim() !== "") laying.text.layText(child.text, frame);
    if (child.kind !== "element") continue;
    const style = laying.styleOf(child, frame.style);
    const outOfRow =
      style.display === "none" || style.position === "absolute" || style.position === "fixed";
    if (outOfRow) laying.element(child, frame);
    else columns.push(toColumn(child, style, frame, given?.[columns.length]));
  }
  endLine(frame.flow);
  const top = frame.flow.y;
  let lowest = top;
  let left = frame.left;
  const share = shareOf(columns, frame.width);
  for (const column of columns) {
    const width = column.widthPx ?? share * column.span;
    const flow: Flow = createFlow(top, 0, frame.flow.strutPx);
    laying.element(column.element, { ...frame, left, width, flow }, column.style);
    endLine(flow);
    lowest = Math.max(lowest, flow.y + flow.margin);
    left += width;
  }
  frame.flow.y = lowest;
}

/** What <col> says of the columns of a table whose layout is fixed, px. */
function columnWidths(row: ElementNode, frame: Frame, laying: Laying): readonly (number | undefined)[] {
  let table: ElementNode | undefined = row;
  while (table !== undefined && table.tag !== "table") table = table.parent;
  const cols: ElementNode[] = [];
  for (const child of table?.children ?? []) {
    if (child.kind !== "element") continue;
    if (child.tag === "col") cols.push(child);
    if (child.tag === "colgroup")
      for (const inner of child.children) if (inner.kind === "element" && inner.tag === "col") cols.push(inner);
  }
  return cols.map((col) =>
    col.attributes.get("width")?.trim() === "0" ? 0 : resolveSize(laying.styleOf(col, frame.style).width, frame.width),
  );
} // prettier-ignore

function toColumn(
  element: ElementNode,
  style: Style,
  frame: Frame,
  given: number | undefined,
): Column {
  const written = Number.parseInt(element.attributes.get("colspan") ?? "1", 10);
  const span = Number.isNaN(written) ? 1 : Math.min(spanMax, Math.max(1, written));
  const width =
    given ??
    (isFlex(frame) ? flexWidth(style, frame.width) : resolveSize(style.width, frame.width));
  return {
    element,
    style,
    span,
    widthPx: width === undefined ? undefined : Math.min(width, frame.width),
  };
}

function isFlex(frame: Frame): boolean {
  return frame.style.display === "flex" || frame.style.display === "inline-flex";
}

/** What an item is given without growing; undefined where its content or the room left decides. */
function flexWidth(style: Style, ofPx: number): number | undefined {
  const basis = resolveSize(style.flexBasis, ofPx) ?? resolveSize(style.width, ofPx);
  return style.flexGrow > 0 ? undefined : basis;
}

/** Width of one column without a width of its own. */
function shareOf(columns: readonly Column[], totalPx: number): number {
  let rest = totalPx;
  let spans = 0;
  for (const column of columns) {
    if (column.widthPx === undefined) spans += column.span;
    else rest -= column.widthPx;
  }
  return spans === 0 ? 0 : Math.max(totalPx / 10, rest) / spans;
}
