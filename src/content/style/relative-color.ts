// rgb(from …): a colour made of another's channels (CSS Color 5 §4).
import type { Color } from "./color.ts";
import { parseLength } from "./length.ts";
import { splitTop } from "./split.ts";

/** `body` begins behind the bracket with `from`; `read` reads the colour it starts from. Only sRGB channels are worked out. */
export function relativeColor(
  name: string,
  body: string,
  read: (text: string) => Color | undefined,
): Color | undefined {
  if (name !== "rgb" && name !== "rgba") return undefined;
  const [main = "", alpha] = splitTop(body.slice("from ".length), "/");
  const [origin = "", ...channels] = splitTop(main, " ");
  const from = read(origin);
  if (from === undefined || channels.length !== 3) return undefined;
  const value = (text: string, full: number): number => {
    const filled = text.replace(/\b(?:alpha|[rgb])\b/g, (channel) =>
      String({ r: from.r, g: from.g, b: from.b, alpha: from.a }[channel]),
    );
    if (filled.endsWith("%")) return (Number.parseFloat(filled) / 100) * full;
    const length = parseLength(filled, true);
    return length?.kind === "sum" ? length.px : Number.NaN;
  };
  const [r, g, b] = channels.map((text) => Math.min(255, Math.max(0, value(text, 255))));
  const a = alpha === undefined ? from.a : Math.min(1, Math.max(0, value(alpha.trim(), 1)));
  if (r === undefined || g === undefined || b === undefined || Number.isNaN(r + g + b + a))
    return undefined;
  return { r, g, b, a };
}
