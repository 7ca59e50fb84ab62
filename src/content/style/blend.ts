// Blend modes (Compositing and Blending 1 §9): what becomes of a colour that is painted on another in other than the usual way.
import type { Color } from "./color.ts";

export const blendModes =
  "normal multiply screen overlay darken lighten color-dodge color-burn hard-light soft-light difference exclusion hue saturation color luminosity plus-lighter plus-darker";

/** `over` blended with the opaque `under`; its alpha is left as it is. */
export function blend(mode: string, over: Color, under: Color): Color {
  if (mode === "normal" || mode === "luminosity") return over; // luminosity keeps what contrast is made of
  if (mode === "hue" || mode === "saturation" || mode === "color") return { ...under, a: over.a };
  const channel = (name: "r" | "g" | "b"): number =>
    255 * mixChannel(mode, under[name] / 255, over[name] / 255);
  return { r: channel("r"), g: channel("g"), b: channel("b"), a: over.a };
}

/** Both 0 to 1. */
function mixChannel(mode: string, under: number, over: number): number {
  switch (mode) {
    case "multiply":
      return under * over;
    case "screen":
      return screen(under, over);
    case "overlay":
      return hardLight(over, under);
    case "darken":
      return Math.min(under, over);
    case "lighten":
      return Math.max(under, over);
    case "color-dodge":
      return under === 0 ? 0 : over >= 1 ? 1 : Math.min(1, under / (1 - over));
    case "color-burn":
      return under >= 1 ? 1 : over <= 0 ? 0 : 1 - Math.min(1, (1 - under) / over);
    case "hard-light":
      return hardLight(under, over);
    case "soft-light":
      return softLight(under, over);
    case "difference":
      return Math.abs(under - over);
    case "exclusion":
      return under + over - 2 * under * over;
    case "plus-lighter":
      return Math.min(1, under + over);
    case "plus-darker":
      return Math.max(0, under + over - 1);
    default:
      return over;
  }
}

function screen(under: number, over: number): number {
  return under + over - under * over;
}

function hardLight(under: number, over: number): number {
  return over <= 0.5 ? under * 2 * over : screen(under, 2 * over - 1);
}

function softLight(under: number, over: number): number {
  if (over <= 0.5) return under - (1 - 2 * over) * under * (1 - under);
  const curve = under <= 0.25 ? ((16 * under - 12) * under + 4) * under : Math.sqrt(under);
  return under + (2 * over - 1) * (curve - under);
}
