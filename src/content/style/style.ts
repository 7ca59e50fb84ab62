// The computed style of one element: what decides whether its text is seen, and how.
import { black, type Color, transparent } from "./color.ts";
import type { ClipShape, ColorFilter, TransformStep } from "./value.ts";

/** px plus a share of the containing block (percent 100 is all of it). */
export interface Dimension {
  readonly px: number;
  readonly percent: number;
  /** Has a percentage, be it 0 %: of a height that is not known it counts as auto. */
  readonly relative?: true;
}

export type Size = Dimension | "auto";

export interface BoxSides<T> {
  readonly top: T;
  readonly right: T;
  readonly bottom: T;
  readonly left: T;
}

export interface Style {
  // Inherited.
  readonly color: Color;
  /** What the letters are painted with: -webkit-text-fill-color, else color. */
  readonly fill: Color | "current";
  readonly fontSizePx: number;
  /** Before the browser's least size; what em and % of children count from is fontSizePx. */
  readonly specifiedFontPx: number;
  /** Some ancestor or the element itself gave its size in absolute units. */
  readonly fontAbsolute: boolean;
  /** Factor by which font-size-adjust shows letters smaller than their size says. */
  readonly fontShrink: number;
  readonly lineHeight: { readonly kind: "factor" | "px"; readonly value: number };
  readonly visible: boolean;
  /** Links in it cannot be clicked (pointer-events: none). */
  readonly inert: boolean;
  readonly textIndent: Dimension;
  readonly letterSpacingPx: number;
  readonly whiteSpace: string;
  readonly rightToLeft: boolean;
  readonly textAlign: string;
  readonly masked: boolean;
  /** An override shows all letters from right to left: of the element's own, or from around an inline one. */
  readonly turned: boolean;
  /** -webkit-text-stroke, painted over the letters; width 0: none. */
  readonly strokePx: number;
  readonly stroke: Color | "current";
  /** A text-shadow so near that it shows the letters. */
  readonly shadow: Color | "current" | undefined;
  readonly custom: ReadonlyMap<string, string>;
  // The element's own.
  readonly display: string;
  readonly bidi: string;
  readonly collapsed: boolean;
  readonly opacity: number;
  readonly position: string;
  /** Undefined: auto. */
  readonly zIndex: number | undefined;
  readonly float: string;
  readonly inset: BoxSides<Size>;
  readonly margin: BoxSides<Size>;
  readonly padding: BoxSides<Dimension>;
  readonly width: Size;
  readonly height: Size;
  readonly minWidth: Size;
  readonly minHeight: Size;
  readonly maxWidth: Size;
  readonly maxHeight: Size;
  readonly overflowX: string;
  readonly overflowY: string;
  readonly clip: ClipShape | undefined;
  readonly clipPath: ClipShape | undefined;
  readonly transform: readonly TransformStep[];
  readonly backfaceHidden: boolean;
  readonly contentHidden: boolean;
  readonly zoom: number;
  readonly backgroundColor: Color;
  readonly gradient: Color | undefined;
  readonly textClip: boolean;
  /** background-clip: content-box: nothing is painted under the padding. */
  readonly contentClip: boolean;
  /** mix-blend-mode */
  readonly blend: string;
  readonly maskAlpha: number;
  readonly outlookHides: boolean;
  /** Flex items stand one below the other. */
  readonly column: boolean;
  readonly flexGrow: number;
  readonly flexBasis: Size;
  /** Tracks as written; empty: as many as are needed. */
  readonly gridColumns: readonly string[];
  readonly gridRows: readonly string[];
  readonly gridAutoRows: readonly string[];
  /** table-layout: fixed: columns do not grow with their content. */
  readonly fixedTable: boolean;
  /** Lines that -webkit-line-clamp leaves; 0 for all. */
  readonly lineClamp: number;
  /** box-sizing: border-box: width and height count the padding in. */
  readonly borderBox: boolean;
  /** contain: size: the box is as high as if it were empty. */
  readonly sizeContained: boolean;
  /** contain: paint: nothing is painted outside the box. */
  readonly paintContained: boolean;
  /** Product of the filters' opacity(), already in `opacity`. */
  readonly filterOpacity: number;
  readonly filters: readonly ColorFilter[];
  readonly blurPx: number;
  /** Width by height, where the box keeps it. */
  readonly aspectRatio: number | undefined;
  /** content: url(…): a picture stands in the element's place. */
  readonly replaced: boolean;
}

export const zero: Dimension = { px: 0, percent: 0 };
const defaultFontPx = 16; // of every browser and mail client of note

const unpainted = {
  backgroundColor: transparent,
  gradient: undefined,
  textClip: false,
  contentClip: false,
  blend: "normal",
  maskAlpha: 1,
} as const;

/** What the root element inherits: every property's initial value. */
export const rootStyle: Style = initialStyle();

function initialStyle(): Style {
  const autoSides = { top: "auto", right: "auto", bottom: "auto", left: "auto" } as const;
  const zeroSides = { top: zero, right: zero, bottom: zero, left: zero };
  return {
    color: black,
    fill: "current",
    fontSizePx: defaultFontPx,
    specifiedFontPx: defaultFontPx,
    fontAbsolute: false,
    fontShrink: 1,
    lineHeight: { kind: "factor", value: 1.2 },
    visible: true,
    inert: false,
    textIndent: zero,
    letterSpacingPx: 0,
    whiteSpace: "normal",
    rightToLeft: false,
    textAlign: "start",
    masked: false,
    turned: false,
    strokePx: 0,
    stroke: "current",
    shadow: undefined,
    custom: new Map(),
    display: "inline",
    bidi: "normal",
    collapsed: false,
    opacity: 1,
    position: "static",
    zIndex: undefined,
    float: "none",
    inset: autoSides,
    margin: zeroSides,
    padding: zeroSides,
    width: "auto",
    height: "auto",
    minWidth: "auto",
    minHeight: "auto",
    maxWidth: "auto",
    maxHeight: "auto",
    overflowX: "visible",
    overflowY: "visible",
    clip: undefined,
    clipPath: undefined,
    transform: [],
    backfaceHidden: false,
    contentHidden: false,
    zoom: 1,
    ...unpainted,
    outlookHides: false,
    column: false,
    flexGrow: 0,
    flexBasis: "auto",
    gridColumns: [],
    gridRows: [],
    gridAutoRows: [],
    fixedTable: false,
    lineClamp: 0,
    borderBox: false,
    sizeContained: false,
    paintContained: false,
    filterOpacity: 1,
    filters: [],
    blurPx: 0,
    aspectRatio: undefined,
    replaced: false,
  };
}

const bareChildren = new WeakMap<Style, Style>();

/** The style of a child for which no declaration sets anything. */
export function bareChild(parent: Style): Style {
  let bare = bareChildren.get(parent);
  if (bare === undefined) {
    bare = {
      ...rootStyle,
      color: parent.color,
      fill: parent.fill,
      fontSizePx: parent.fontSizePx,
      specifiedFontPx: parent.specifiedFontPx,
      fontAbsolute: parent.fontAbsolute,
      fontShrink: parent.fontShrink,
      lineHeight: parent.lineHeight,
      visible: parent.visible,
      inert: parent.inert,
      textIndent: parent.textIndent,
      letterSpacingPx: parent.letterSpacingPx,
      whiteSpace: parent.whiteSpace,
      rightToLeft: parent.rightToLeft,
      textAlign: parent.textAlign,
      masked: parent.masked,
      turned: parent.turned,
      strokePx: parent.strokePx,
      stroke: parent.stroke,
      shadow: parent.shadow,
      custom: parent.custom,
    };
    bareChildren.set(parent, bare);
  }
  return bare;
}
