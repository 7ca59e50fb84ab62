// What lies behind the text: the effective background and the opacity of the groups that the text stands in.
import { type Color, contrastRatio, over, white } from "../style/color.ts";
import { filterColor } from "../style/filter.ts";
import type { Style } from "../style/style.ts";
import type { ColorFilter } from "../style/value.ts";

interface Group {
  readonly opacity: number;
  /** What shows through the group. */
  readonly backdrop: Color;
  /** What becomes of the colours painted in it. */
  readonly filters: readonly ColorFilter[];
}

export interface PaintState {
  /** Opaque. */
  readonly background: Color;
  /** Innermost last. */
  readonly groups: readonly Group[];
  /** Product of the groups' opacities. */
  readonly opacity: number;
  /** Colour of a background that is cut to the letters (background-clip: text). */
  readonly letters: Color | undefined;
}

export const canvas: PaintState = { background: white, groups: [], opacity: 1, letters: undefined };

/** The state inside an element of that style. */
export function paintElement(state: PaintState, style: Style): PaintState {
  if (
    style.opacity === 1 &&
    style.filters.length === 0 &&
    style.backgroundColor.a === 0 &&
    style.gradient === undefined &&
    !style.textClip
  )
    return state;
  const opacity = style.opacity;
  const groups =
    opacity < 1 || style.filters.length > 0
      ? [...state.groups, { opacity, backdrop: state.background, filters: style.filters }]
      : state.groups;
  const painted =
    style.gradient === undefined
      ? over(style.backgroundColor, state.background)
      : over(style.gradient, over(style.backgroundColor, state.background));
  if (style.textClip)
    return {
      background: state.background,
      groups,
      opacity: state.opacity * opacity,
      letters: painted,
    };
  return { background: painted, groups, opacity: state.opacity * opacity, letters: undefined };
}

const strokeCoversEm = 0.12; // a stroke as wide as half of a letter's stem leaves nothing of the letter
const shadowContrastMax = 3; // a shadow is a blurred letter

/** WCAG contrast of letters in `style` as the reader sees it: fill, stroke or shadow, whatever stands out most. */
export function contrastOf(state: PaintState, style: Style): number {
  const fill = style.fill === "current" ? style.color : style.fill;
  let contrast = inkContrast(state, state.letters === undefined ? fill : over(fill, state.letters));
  if (style.strokePx > 0) {
    const stroke = inkContrast(state, style.stroke === "current" ? style.color : style.stroke);
    const covers = style.strokePx >= strokeCoversEm * style.fontSizePx;
    contrast = covers ? stroke : Math.max(contrast, stroke);
  }
  if (style.shadow !== undefined) {
    const shadow = inkContrast(state, style.shadow === "current" ? style.color : style.shadow);
    contrast = Math.max(contrast, Math.min(shadow, shadowContrastMax));
  }
  return Math.round(contrast * 100) / 100;
}

/** Both colours blended through all groups. */
function inkContrast(state: PaintState, color: Color): number {
  let ink = over(color, state.background);
  let ground = state.background;
  for (const { opacity, backdrop, filters } of state.groups.toReversed()) {
    if (filters.length > 0) {
      ink = filterColor(ink, filters);
      if (ground !== backdrop) ground = filterColor(ground, filters);
    }
    ink = over({ ...ink, a: opacity }, backdrop);
    ground = over({ ...ground, a: opacity }, backdrop);
  }
  return contrastRatio(ink, ground);
}
