// filter (Filter Effects 1), as far as it makes text unseen or brings it out: opacity, blur, and what it does to colours.
import type { Color } from "./color.ts";
import { parseLength, resolveLength } from "./length.ts";
import { functionCall, splitTop } from "./split.ts";
import { type ColorFilter, type CssValue, word } from "./value.ts";

const stepsMax = 20;
const known =
  /^(?:opacity|blur|brightness|contrast|invert|grayscale|saturate|sepia|hue-rotate|drop-shadow|url)$/;

export function parseFilter(text: string): CssValue | undefined {
  if (text === "none") return word("none");
  let opacity = 1;
  let blurPx = 0;
  const steps: ColorFilter[] = [];
  for (const part of splitTop(text, " ").slice(0, stepsMax)) {
    const call = functionCall(part);
    if (call === undefined || !known.test(call.name)) return undefined;
    const amount = amountOf(call.body);
    switch (call.name) {
      case "opacity":
        opacity *= Math.min(1, Math.max(0, amount));
        break;
      case "blur": {
        const length = parseLength(call.body);
        if (length !== undefined)
          blurPx = Math.max(blurPx, resolveLength(length, { emPx: 16, remPx: 16, percentOfPx: 0 }));
        break;
      }
      case "brightness":
      case "contrast":
      case "invert":
      case "grayscale":
        steps.push({ name: call.name, amount: Math.max(0, amount) });
        break;
    }
  }
  return { kind: "filter", opacity, blurPx, steps };
}

/** A number or percentage; 1 where nothing is said. */
function amountOf(body: string): number {
  const value = Number.parseFloat(body);
  return Number.isNaN(value) ? 1 : body.trim().endsWith("%") ? value / 100 : value;
}

/** The colour as the steps leave it, one after the other. */
export function filterColor(color: Color, steps: readonly ColorFilter[]): Color {
  let { r, g, b } = color;
  for (const { name, amount } of steps) {
    const each = (change: (value: number) => number): void => {
      [r, g, b] = [clamp(change(r)), clamp(change(g)), clamp(change(b))];
    };
    switch (name) {
      case "brightness":
        each((value) => value * amount);
        break;
      case "contrast":
        each((value) => (value - 127.5) * amount + 127.5);
        break;
      case "invert": {
        const share = Math.min(1, amount);
        each((value) => value * (1 - share) + (255 - value) * share);
        break;
      }
      case "grayscale": {
        const share = Math.min(1, amount);
        const grey = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        each((value) => value * (1 - share) + grey * share);
        break;
      }
    }
  }
  return { r, g, b, a: color.a };
}

function clamp(value: number): number {
  return Math.min(255, Math.max(0, value));
}
