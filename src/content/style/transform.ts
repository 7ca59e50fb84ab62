// transform, translate, scale and rotate (CSS Transforms 1 and 2), as far as they can hide text.
import { parseLength, px, resolveLength } from "./length.ts";
import { functionCall, splitTop } from "./split.ts";
import { type CssValue, type TransformStep, word } from "./value.ts";

const stepsMax = 50;

export function parseTransform(text: string): CssValue | undefined {
  if (text === "none") return word("none");
  const steps: TransformStep[] = [];
  const calls: { name: string; body: string }[] = [];
  for (const part of splitTop(text.replaceAll(")", ") "), " ").slice(0, stepsMax)) {
    const call = functionCall(part.replace(/\s+\)/g, ")"));
    if (call !== undefined) calls.push(call);
    const step = call === undefined ? undefined : readStep(call.name, splitTop(call.body, ","));
    if (step === undefined) return undefined;
    steps.push(...step);
  }
  return { kind: "transform", steps: [...steps, ...depthScale(calls)] };
}

export function parseTranslate(text: string): CssValue | undefined {
  if (text === "none") return word("none");
  const step = readStep("translate", splitTop(text, " ").slice(0, 2));
  return step === undefined ? undefined : { kind: "transform", steps: step };
}

export function parseScale(text: string): CssValue | undefined {
  if (text === "none") return word("none");
  const step = readStep("scale", splitTop(text, " ").slice(0, 2));
  return step === undefined ? undefined : { kind: "transform", steps: step };
}

export function parseRotate(text: string): CssValue | undefined {
  if (text === "none") return word("none");
  const parts = splitTop(text, " ");
  const angle = readAngle(parts.find((part) => /[a-z]$/.test(part) && part.length > 1) ?? text);
  if (angle === undefined) return undefined;
  const vector = parts.map(readNumber).filter((part) => part !== undefined);
  const axis = parts.includes("x") ? "x" : parts.includes("y") ? "y" : axisOf(vector);
  return { kind: "transform", steps: [{ kind: "rotate", axis, degrees: angle }] };
}

function readStep(name: string, args: readonly string[]): readonly TransformStep[] | undefined {
  const [first = "", second] = args;
  switch (name) {
    case "translate":
    case "translate3d":
    case "translatex":
    case "translatey": {
      const x = name === "translatey" ? px(0) : parseLength(first);
      const y =
        name === "translatey"
          ? parseLength(first)
          : second === undefined
            ? px(0)
            : parseLength(second);
      return x === undefined || y === undefined ? undefined : [{ kind: "translate", x, y }];
    }
    case "scale":
    case "scale3d":
    case "scalex":
    case "scaley": {
      const value = readNumber(first);
      const other = second === undefined ? value : readNumber(second);
      if (value === undefined || other === undefined) return undefined;
      return [
        {
          kind: "scale",
          x: name === "scaley" ? 1 : value,
          y: name === "scalex" ? 1 : name === "scaley" ? value : other,
        },
      ];
    }
    case "rotate":
    case "rotatez":
    case "rotatex":
    case "rotatey": {
      const degrees = readAngle(first);
      const axis = name === "rotatex" ? "x" : name === "rotatey" ? "y" : "z";
      return degrees === undefined ? undefined : [{ kind: "rotate", axis, degrees }];
    }
    case "matrix":
      return readMatrix(args.map(readNumber));
    case "skew":
    case "skewx":
    case "skewy": {
      const degrees = readAngle(first);
      if (degrees === undefined) return undefined;
      const other = second === undefined ? 0 : (readAngle(second) ?? 0);
      return [
        name === "skewy"
          ? { kind: "skew", x: 0, y: degrees }
          : { kind: "skew", x: degrees, y: other },
      ];
    }
    default:
      return readStepInSpace(name, args);
  }
}

/** Steps that leave the plane of the screen; undefined for what is no step. */
function readStepInSpace(
  name: string,
  args: readonly string[],
): readonly TransformStep[] | undefined {
  switch (name) {
    case "rotate3d": {
      const degrees = readAngle(args[3] ?? "");
      const vector = args.slice(0, 3).map((text) => readNumber(text) ?? 0);
      return degrees === undefined
        ? undefined
        : [{ kind: "rotate", axis: axisOf(vector), degrees }];
    }
    case "matrix3d": {
      const at = args.map(readNumber);
      return readMatrix([at[0], at[1], at[4], at[5], at[12], at[13]]);
    }
    case "scalez":
    case "translatez":
    case "perspective":
      return [];
    default:
      return undefined;
  }
}

/** The axis that a vector lies nearest to; none is the screen's own. */
function axisOf([x = 0, y = 0, z = 0]: readonly number[]): "x" | "y" | "z" {
  if (Math.abs(z) >= Math.max(Math.abs(x), Math.abs(y))) return "z";
  return Math.abs(x) >= Math.abs(y) ? "x" : "y";
}

/** How perspective(d) shows what was moved along z: nothing where it lies behind the eye. */
function depthScale(calls: readonly { readonly name: string; readonly body: string }[]): TransformStep[] {
  const length = (name: string, place: number): number | undefined => {
    const body = calls.find((call) => call.name === name)?.body;
    const parsed = body === undefined ? undefined : parseLength(splitTop(body, ",")[place] ?? "");
    return parsed === undefined ? undefined : resolveLength(parsed, { emPx: 16, remPx: 16, percentOfPx: 0 });
  };
  const distance = length("perspective", 0);
  const z = length("translatez", 0) ?? length("translate3d", 2);
  if (distance === undefined || z === undefined) return [];
  const factor = z >= distance ? 0 : distance / (distance - z);
  return [{ kind: "scale", x: factor, y: factor }];
} // prettier-ignore

function readMatrix(values: readonly (number | undefined)[]): readonly TransformStep[] | undefined {
  const [a, b, c, d, e, f] = values;
  if (
    a === undefined ||
    b === undefined ||
    c === undefined ||
    d === undefined ||
    e === undefined ||
    f === undefined
  )
    return undefined;
  return [
    { kind: "translate", x: px(e), y: px(f) },
    { kind: "scale", x: Math.hypot(a, b), y: Math.hypot(c, d) },
  ];
}

function readNumber(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(text)) return Number(text);
  return /^[+-]?[\d.]+%$/.test(text) ? Number.parseFloat(text) / 100 : undefined;
}

function readAngle(text: string): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(deg|grad|rad|turn)?$/.exec(text);
  if (match === null) return undefined;
  if (match[2] === undefined && Number(match[1]) !== 0) return undefined;
  return (
    Number(match[1]) *
    ({ deg: 1, grad: 0.9, rad: 180 / Math.PI, turn: 360 }[match[2] ?? "deg"] ?? 1)
  );
}
