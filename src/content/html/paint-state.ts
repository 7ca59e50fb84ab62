// What lies behind the text: the effective background and the opacity of the groups that the text stands in.
import { blend } from "../style/blend.ts";
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
  /** How the group is laid over the backdrop: mix-blend-mode. */
  readonly blend: string;
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
    style.blend === "normal" &&
    style.backgroundColor.a === 0 &&
    style.gradient === undefined &&
    !style.textClip
  )
    return state;
  const opacity = style.opacity;
  const groups =
    opacity < 1 || style.filters.length > 0 || style.blend !== "normal"
      ? [
          ...state.groups,
          { opacity, backdrop: state.background, filters: style.filters, blend: style.blend },
        ]
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

/** As it is read on every page: clients show mail on white, or on nothing, which letters are not blended with. */
function inkContrast(state: PaintState, color: Color): number {
  const contrast = blendedContrast(state, color, true);
  const isOnPage = ({ blend: mode, backdrop }: Group): boolean =>
    mode !== "normal" && backdrop === canvas.background;
  return state.groups.some(isOnPage)
    ? Math.min(contrast, blendedContrast(state, color, false))
    : contrast;
}

/** Both colours blended through all groups. `page`: with the page too. */
function blendedContrast(state: PaintState, color: Color, page: boolean): number {
  let ink = over(color, state.background);
  let ground = state.background;
  for (const { opacity, backdrop, filters, blend: mode } of state.groups.toReversed()) {
    if (filters.length > 0) {
      ink = filterColor(ink, filters);
      if (ground !== backdrop) ground = filterColor(ground, filters);
    }
    const own = !page && backdrop === canvas.background ? "normal" : mode;
    ink = over({ ...blend(own, ink, backdrop), a: opacity }, backdrop);
    if (ground !== backdrop)
      ground = over({ ...blend(own, ground, backdrop), a: opacity }, backdrop);
  }
  return contrastRatio(ink, ground);
}
