// What lies behind the text: the effective background and the opacity of the groups that the text stands in.
import { type Color, contrastRatio, over, white } from "../style/color.ts";
import type { Style } from "../style/style.ts";

interface Group {
  readonly opacity: number;
  /** What shows through the group. */
  readonly backdrop: Color;
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
    style.backgroundColor.a === 0 &&
    style.gradient === undefined &&
    !style.textClip
  )
    return state;
  const opacity = style.opacity;
  const groups =
    opacity < 1 ? [...state.groups, { opacity, backdrop: state.background }] : state.groups;
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

/** WCAG contrast of letters in `style` as the reader sees it: both colours blended through all groups. */
export function contrastOf(state: PaintState, style: Style): number {
  const fill = style.fill === "current" ? style.color : style.fill;
  let ink = over(fill, state.letters ?? state.background);
  let ground = state.background;
  for (const group of state.groups.toReversed()) {
    ink = over({ ...ink, a: group.opacity }, group.backdrop);
    ground = over({ ...ground, a: group.opacity }, group.backdrop);
  }
  return Math.round(contrastRatio(ink, ground) * 100) / 100;
}
