// A grid with tracks of no size: what is cut off in them. Other grids are laid like blocks, one item below the other.
import { type Style, zero } from "../style/style.ts";
import type { Frame } from "./frame.ts";
import type { Laying } from "./laying.ts";
import type { ElementNode } from "./node.ts";

export function hasEmptyTrack(style: Style): boolean {
  if (style.display !== "grid" && style.display !== "inline-grid") return false;
  return [...style.gridColumns, ...style.gridRows, ...style.gridAutoRows].some(isEmpty);
}

/** Items in the order of the document, as many in a row as there are columns (CSS Grid 2 §8.5; none placed by name). */
export function layGrid(element: ElementNode, frame: Frame, laying: Laying): void {
  const { gridColumns, gridRows, gridAutoRows } = frame.style;
  const columns = Math.max(1, gridColumns.length);
  let index = 0;
  for (const child of element.children) {
    if (child.kind === "comment") laying.comment(child.text);
    if (child.kind === "text" && child.text.trim() !== "") {
      laying.text.layText(child.text, frame);
      index += 1;
    }
    if (child.kind !== "element") continue;
    const style = laying.styleOf(child, frame.style);
    if (style.display === "none" || style.position === "absolute" || style.position === "fixed") {
      laying.element(child, frame, style);
      continue;
    }
    const row = Math.floor(index / columns);
    const rowTrack = gridRows[row] ?? gridAutoRows[(row - gridRows.length) % Math.max(1, gridAutoRows.length)]; // prettier-ignore
    laying.element(child, frame, within(style, gridColumns[index % columns], rowTrack));
    index += 1;
  }
}

/** An item that shows what overflows it is seen in any track; one that cuts it off is as small as its track. */
function within(style: Style, column: string | undefined, row: string | undefined): Style {
  const narrow = isEmpty(column) && style.overflowX !== "visible";
  const flat = isEmpty(row) && style.overflowY !== "visible";
  if (!narrow && !flat) return style;
  return { ...style, ...(narrow ? { width: zero } : {}), ...(flat ? { height: zero } : {}) };
}

function isEmpty(track: string | undefined): boolean {
  return track !== undefined && /^(?:0(?:\.0*)?(?:[a-z]+|%)?|minmax\(\s*0[a-z]*\s*,\s*0[a-z]*\s*\))$/.test(track); // prettier-ignore
}
