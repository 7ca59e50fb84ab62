// clip and clip-path values (CSS Masking 1), as far as they can hide text.
import { type Length, parseLength, px } from "./length.ts";
import { functionCall, splitTop } from "./split.ts";
import { type ClipShape, type CssValue, word } from "./value.ts";

export function parseClip(text: string): CssValue | undefined {
  if (text === "auto") return word("none");
  const call = functionCall(text);
  if (call?.name !== "rect") return undefined;
  const parts = call.body.includes(",") ? splitTop(call.body, ",") : splitTop(call.body, " ");
  if (parts.length !== 4) return undefined;
  const edges = parts.map((part) => (part === "auto" ? undefined : parseLength(part, true)));
  if (edges.some((edge, index) => edge === undefined && parts[index] !== "auto")) return undefined;
  return { kind: "clip", shape: { kind: "rect", edges } };
}

export function parseClipPath(text: string): CssValue | undefined {
  if (text === "none") return word("none");
  // A reference box (`border-box`) may stand beside the shape.
  const parts = splitTop(text, " ");
  const shapes = parts.map(functionCall).filter((call) => call !== undefined);
  if (shapes.length > 1 || parts.length > 2) return undefined;
  const [call] = shapes;
  if (call === undefined) return /^[a-z]+-box$/.test(text) ? word("none") : undefined;
  const shape = parseShape(call.name, call.body);
  return shape === undefined ? undefined : { kind: "clip", shape };
}

function parseShape(name: string, body: string): ClipShape | undefined {
  switch (name) {
    case "inset": {
      const [main = ""] = body.split(/\bround\b/);
      const sides = lengths(splitTop(main, " "));
      return sides === undefined || sides.length === 0 || sides.length > 4
        ? undefined
        : { kind: "inset", sides: fourSides(sides) };
    }
    case "circle":
    case "ellipse": {
      const [main = ""] = body.split(/\bat\b/);
      const radii = splitTop(main, " ").filter(
        (part) => !/^(?:closest|farthest)-(?:side|corner)$/.test(part),
      );
      const parsed = lengths(radii);
      return parsed === undefined ? undefined : { kind: "round", radii: parsed };
    }
    case "polygon": {
      const points = splitTop(body, ",").filter((part) => part !== "nonzero" && part !== "evenodd");
      const pairs = points.map((point) => lengths(splitTop(point, " ")));
      const parsed: (readonly [Length, Length])[] = [];
      for (const pair of pairs) {
        const [x, y] = pair ?? [];
        if (x === undefined || y === undefined) return undefined;
        parsed.push([x, y]);
      }
      return { kind: "polygon", points: parsed };
    }
    case "rect": {
      const [main = ""] = body.split(/\bround\b/);
      const parts = splitTop(main, " ");
      if (parts.length !== 4) return undefined;
      return {
        kind: "rect",
        edges: parts.map((part) => (part === "auto" ? undefined : parseLength(part))),
      };
    }
    case "xywh": {
      const [main = ""] = body.split(/\bround\b/);
      const [, , width, height] = lengths(splitTop(main, " ")) ?? [];
      return width === undefined || height === undefined
        ? undefined
        : { kind: "rect", edges: [px(0), width, height, px(0)] };
    }
    case "path":
    case "shape":
      // Without a line to another place there is no area.
      return /[1-9]/.test(body) && /[lhvcsqtaz]|line|curve|arc/i.test(body)
        ? { kind: "unknown" }
        : { kind: "polygon", points: [] };
    case "url":
      return { kind: "unknown" };
    default:
      return undefined;
  }
}

function lengths(parts: readonly string[]): Length[] | undefined {
  const parsed = parts.map((part) => parseLength(part));
  return parsed.every((length) => length !== undefined) ? parsed : undefined;
}

/** Top, right, bottom, left from one to four values. */
export function fourSides<T>(values: readonly T[]): T[] {
  const [top, right = top, bottom = top, left = right] = values;
  return [top, right, bottom, left].filter((value) => value !== undefined);
}
