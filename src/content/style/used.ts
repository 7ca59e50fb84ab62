// What of a computed style is used for the kind of box that it makes (CSS Display 3, CSS Tables 3).
import { type Style, zero } from "./style.ts";

export const inlineDisplays = /^(?:inline|ruby|ruby-base|ruby-text|math|inline-.*)$/;

/** `parent` is the parent's own style, used or computed. */
export function usedStyle(style: Style, parent: Style): Style {
  return withoutRowMargins(blockify(style, parent));
}

/** Floats, positioned boxes and the items of a flex box or grid are blocks (CSS Display 3 §2.7). */
function blockify(style: Style, parent: Style): Style {
  if (!inlineDisplays.test(style.display)) return style;
  const isItem = /^(?:inline-)?(?:flex|grid)$/.test(parent.display);
  const outOfFlow =
    style.position === "absolute" || style.position === "fixed" || style.float !== "none";
  if (!isItem && !outOfFlow) return style;
  const inner = style.display.startsWith("inline-")
    ? style.display.slice("inline-".length)
    : "block";
  return { ...style, display: inner };
}

const noSides = { top: zero, right: zero, bottom: zero, left: zero } as const;

/** Rows and cells have no margins, rows no padding (CSS Tables 3 §2). */
function withoutRowMargins(style: Style): Style {
  if (!style.display.startsWith("table-") || style.display === "table-caption") return style;
  return style.display === "table-cell"
    ? { ...style, margin: noSides }
    : { ...style, margin: noSides, padding: noSides };
}
