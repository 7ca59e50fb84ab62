// Track lists of a grid (CSS Grid 2 §7.2), with repetitions written out.
import { functionCall, splitTop } from "./split.ts";
import { type CssValue, word } from "./value.ts";

const tracksMax = 100;

export function parseTracks(text: string): CssValue {
  if (text === "none" || text === "auto") return word("none");
  return { kind: "list", items: tracksOf(text, 0).slice(0, tracksMax) };
}

function tracksOf(text: string, depth: number): string[] {
  return splitTop(text.replace(/\[[^\]]*\]/g, " "), " ").flatMap((part) => {
    const call = functionCall(part);
    if (call?.name !== "repeat" || depth > 2) return [part];
    const [count = "1", ...tracks] = splitTop(call.body, ",");
    const times = Math.min(tracksMax, Number.parseInt(count, 10) || 1); // auto-fill: at least once
    const once = tracksOf(tracks.join(","), depth + 1);
    return Array.from({ length: times }, () => once).flat();
  });
}
