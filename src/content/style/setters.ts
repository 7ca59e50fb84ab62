// How each longhand's value becomes a field of the computed style.
import { type Color, transparent } from "./color.ts";
import type { Draft } from "./computed.ts";
import { type Length, type LengthContext, resolveLength } from "./length.ts";
import { type BoxSides, type Dimension, rootStyle, type Size, type Style, zero } from "./style.ts";
import type { CssValue } from "./value.ts";

/** Values `unset` and `revert` never come here; `inherit` and `initial` do. */
type Setter = (draft: Draft, value: CssValue, parent: Style, lengths: LengthContext) => void;

function isInherit(value: CssValue): boolean {
  return value.kind === "wide" && value.word === "inherit";
}

function wordOf(value: CssValue, parent: string, first: string): string {
  if (value.kind === "word") return value.word;
  return isInherit(value) ? parent : first;
}

function numberOf(value: CssValue, parent: number, first: number): number {
  if (value.kind === "number") return value.number;
  return isInherit(value) ? parent : first;
}

function toDimension(length: Length, context: LengthContext): Dimension {
  if (length.kind !== "sum") return { px: resolveLength(length, context), percent: 0 };
  const px = resolveLength(length, { ...context, percentOfPx: 0 });
  return length.relative === true
    ? { px, percent: length.percent, relative: true }
    : { px, percent: 0 };
}

/** Words other than auto (min-content …) count as auto. */
function sizeOf(value: CssValue, parent: Size, lengths: LengthContext, first: Size): Size {
  if (value.kind === "length") return toDimension(value.length, lengths);
  if (value.kind === "word") return "auto";
  return isInherit(value) ? parent : first;
}

function dimensionOf(value: CssValue, parent: Dimension, lengths: LengthContext): Dimension {
  const size = sizeOf(value, parent, lengths, zero);
  return size === "auto" ? zero : size;
}

type SizeField =
  "width" | "height" | "minWidth" | "minHeight" | "maxWidth" | "maxHeight" | "flexBasis";

const size =
  (field: SizeField): Setter =>
  (draft, value, parent, lengths) => {
    draft[field] = sizeOf(value, parent[field], lengths, "auto");
  };

const inset =
  (side: keyof BoxSides<Size>): Setter =>
  (draft, value, parent, lengths) => {
    draft.inset = { ...draft.inset, [side]: sizeOf(value, parent.inset[side], lengths, "auto") };
  };

const margin =
  (side: keyof BoxSides<Size>): Setter =>
  (draft, value, parent, lengths) => {
    draft.margin = { ...draft.margin, [side]: sizeOf(value, parent.margin[side], lengths, zero) };
  };

const padding =
  (side: keyof BoxSides<Dimension>): Setter =>
  (draft, value, parent, lengths) => {
    draft.padding = { ...draft.padding, [side]: dimensionOf(value, parent.padding[side], lengths) };
  };

const steps: Setter = (draft, value) => {
  if (value.kind === "transform") draft.transform = [...draft.transform, ...value.steps];
};

const keyword =
  (
    field:
      "display" | "position" | "float" | "overflowX" | "overflowY" | "whiteSpace" | "textAlign",
  ): Setter =>
  (draft, value, parent) => {
    draft[field] = wordOf(value, parent[field], rootStyle[field]);
  };

const tracks =
  (field: "gridColumns" | "gridRows" | "gridAutoRows"): Setter =>
  (draft, value, parent) => {
    draft[field] = value.kind === "list" ? value.items : isInherit(value) ? parent[field] : [];
  };

function colorOf(value: CssValue, parent: Color, current: Color, first: Color): Color {
  if (value.kind === "color") return typeof value.color === "string" ? current : value.color;
  return isInherit(value) ? parent : first;
}

/** By longhand; `color`, `font-size` and custom properties are set before (others count from them). */
export const setters: Readonly<Record<string, Setter>> = {
  "-webkit-text-fill-color": (draft, value) => {
    if (value.kind === "color")
      draft.fill = typeof value.color === "string" ? draft.color : value.color;
    else if (!isInherit(value)) draft.fill = "current";
  },
  "line-height": (draft, value, parent, lengths) => {
    if (value.kind === "number") draft.lineHeight = { kind: "factor", value: value.number };
    else if (value.kind === "length") {
      const px = resolveLength(value.length, { ...lengths, percentOfPx: lengths.emPx });
      draft.lineHeight = { kind: "px", value: px };
    } else draft.lineHeight = isInherit(value) ? parent.lineHeight : rootStyle.lineHeight;
  },
  visibility: (draft, value, parent) => {
    const word = wordOf(value, parent.visible ? "visible" : "hidden", "visible");
    draft.visible = word === "visible";
    draft.collapsed = word === "collapse";
  },
  "pointer-events": (draft, value, parent) => {
    draft.inert = wordOf(value, parent.inert ? "none" : "auto", "auto") === "none";
  },
  "text-indent": (draft, value, parent, lengths) => {
    draft.textIndent = dimensionOf(value, parent.textIndent, lengths);
  },
  "letter-spacing": (draft, value, parent, lengths) => {
    draft.letterSpacingPx = dimensionOf(
      value,
      { px: parent.letterSpacingPx, percent: 0 },
      lengths,
    ).px;
  },
  "white-space": keyword("whiteSpace"),
  "text-align": keyword("textAlign"),
  "-webkit-line-clamp": (draft, value) => {
    draft.lineClamp = numberOf(value, 0, 0);
  },
  direction: (draft, value, parent) => {
    draft.rightToLeft = wordOf(value, parent.rightToLeft ? "rtl" : "ltr", "ltr") === "rtl";
  },
  "unicode-bidi": (draft, value, parent) => {
    draft.bidi = wordOf(value, parent.bidi, "normal").replace(/^-webkit-/, "");
  },
  "-webkit-text-security": (draft, value, parent) => {
    draft.masked = wordOf(value, parent.masked ? "disc" : "none", "none") !== "none";
  },
  display: keyword("display"),
  opacity: (draft, value, parent) => {
    draft.opacity = numberOf(value, parent.opacity, 1);
  },
  filter: (draft, value) => {
    if (value.kind !== "filter") return;
    draft.filterOpacity = value.opacity;
    draft.filters = value.steps;
    draft.blurPx = value.blurPx;
  },
  "-webkit-text-stroke-width": (draft, value, parent, lengths) => {
    draft.strokePx = dimensionOf(value, { px: parent.strokePx, percent: 0 }, lengths).px;
  },
  "-webkit-text-stroke-color": (draft, value, parent) => {
    draft.stroke =
      value.kind !== "color"
        ? isInherit(value)
          ? parent.stroke
          : "current"
        : value.color === "body"
          ? "current"
          : value.color;
  },
  "text-shadow": (draft, value, parent) => {
    if (value.kind === "color") draft.shadow = value.color === "body" ? "current" : value.color;
    else draft.shadow = isInherit(value) ? parent.shadow : undefined;
  },
  "aspect-ratio": (draft, value) => {
    draft.aspectRatio = value.kind === "number" ? value.number : undefined;
  },
  content: (draft, value) => {
    draft.replaced = wordOf(value, "none", "none") === "picture";
  },
  "z-index": (draft, value, parent) => {
    draft.zIndex = isInherit(value)
      ? parent.zIndex
      : value.kind === "number"
        ? value.number
        : undefined;
  },
  position: (draft, value, parent) => {
    const word = wordOf(value, parent.position, "static");
    draft.position = word === "-webkit-sticky" ? "sticky" : word;
  },
  float: keyword("float"),
  left: inset("left"),
  right: inset("right"),
  top: inset("top"),
  bottom: inset("bottom"),
  width: size("width"),
  height: size("height"),
  "min-width": size("minWidth"),
  "min-height": size("minHeight"),
  "max-width": size("maxWidth"),
  "max-height": size("maxHeight"),
  "flex-basis": size("flexBasis"),
  "margin-left": margin("left"),
  "margin-right": margin("right"),
  "margin-top": margin("top"),
  "margin-bottom": margin("bottom"),
  "padding-left": padding("left"),
  "padding-right": padding("right"),
  "padding-top": padding("top"),
  "padding-bottom": padding("bottom"),
  "overflow-x": keyword("overflowX"),
  "overflow-y": keyword("overflowY"),
  clip: (draft, value, parent) => {
    draft.clip = value.kind === "clip" ? value.shape : isInherit(value) ? parent.clip : undefined;
  },
  "clip-path": (draft, value, parent) => {
    draft.clipPath =
      value.kind === "clip" ? value.shape : isInherit(value) ? parent.clipPath : undefined;
  },
  translate: steps,
  rotate: steps,
  scale: steps,
  transform: steps,
  "backface-visibility": (draft, value) => {
    draft.backfaceHidden = wordOf(value, "visible", "visible") === "hidden";
  },
  "content-visibility": (draft, value) => {
    draft.contentHidden = wordOf(value, "visible", "visible") === "hidden";
  },
  contain: (draft, value) => {
    const words = wordOf(value, "none", "none");
    draft.sizeContained = /\b(?:strict|size)\b/.test(words);
    draft.paintContained = /\b(?:strict|content|paint)\b/.test(words);
  },
  zoom: (draft, value, parent) => {
    const zoom = numberOf(value, parent.zoom, 1);
    draft.zoom = zoom === 0 ? 1 : zoom;
  },
  "background-color": (draft, value, parent) => {
    draft.backgroundColor = colorOf(value, parent.backgroundColor, draft.color, transparent);
  },
  "background-clip": (draft, value, parent) => {
    const word = wordOf(value, parent.textClip ? "text" : "border-box", "border-box");
    draft.textClip = word === "text";
    draft.contentClip = word === "content-box";
  },
  "mix-blend-mode": (draft, value, parent) => {
    draft.blend = wordOf(value, parent.blend, "normal");
  },
  "font-size-adjust": (draft, value, parent) => {
    draft.fontShrink = numberOf(value, parent.fontShrink, 1);
  },
  "mso-hide": (draft, value) => {
    draft.outlookHides = wordOf(value, "none", "none") === "all";
  },
  "flex-direction": (draft, value) => {
    draft.column = wordOf(value, "row", "row").startsWith("column");
  },
  "grid-template-columns": tracks("gridColumns"),
  "grid-template-rows": tracks("gridRows"),
  "grid-auto-rows": tracks("gridAutoRows"),
  "flex-grow": (draft, value) => {
    draft.flexGrow = numberOf(value, 0, 0);
  },
  "box-sizing": (draft, value, parent) => {
    const first = parent.borderBox ? "border-box" : "content-box";
    draft.borderBox = wordOf(value, first, "content-box") === "border-box";
  },
  "table-layout": (draft, value) => {
    draft.fixedTable = wordOf(value, "auto", "auto") === "fixed";
  },
};
