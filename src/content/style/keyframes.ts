// Animations as a reader meets them: what their frames set at rest, while they run for long, or before they begin.
import type { RawRule } from "./css-parse.ts";
import type { Setting } from "./declaration.ts";

/** One frame of an animation. */
export interface KeyFrame {
  /** 0 to 1. */
  readonly at: number;
  readonly settings: readonly Setting[];
}

export interface Timing {
  readonly durationSeconds: number;
  readonly delaySeconds: number;
  /** Infinity where it never ends. */
  readonly iterations: number;
  readonly fill: string;
  readonly paused: boolean;
}

const framesMax = 100;
const patienceSeconds = 3; // who reads a mail does not wait longer for its text, and does not see it in an instant

/** In the order of time. */
export function readKeyFrames(
  rules: readonly RawRule[],
  read: (rule: Extract<RawRule, { kind: "style" }>) => readonly Setting[],
): readonly KeyFrame[] {
  const frames: KeyFrame[] = [];
  for (const rule of rules.slice(0, framesMax)) {
    if (rule.kind !== "style") continue;
    const settings = read(rule).filter((setting) => !setting.important);
    for (const word of rule.prelude.toLowerCase().split(",")) {
      const at = placeOf(word.trim());
      if (at !== undefined) frames.push({ at, settings });
    }
  }
  return frames.toSorted((a, b) => a.at - b.at);
}

function placeOf(word: string): number | undefined {
  if (word === "from") return 0;
  if (word === "to") return 1;
  const percent = /^([\d.]+)%$/.exec(word);
  const at = percent === null ? Number.NaN : Number(percent[1]) / 100;
  return at >= 0 && at <= 1 ? at : undefined;
}

/** What the animation sets for a reader who looks at the message for some seconds (CSS Animations 1 §3). */
export function animated(frames: readonly KeyFrame[], timing: Timing): readonly Setting[] {
  const { durationSeconds, delaySeconds, iterations, fill, paused } = timing;
  const waits = fill === "backwards" || fill === "both" ? frameAt(frames, 0) : [];
  if (paused) {
    if (delaySeconds > 0) return waits;
    const run = durationSeconds === 0 ? iterations : -delaySeconds / durationSeconds;
    return run < iterations ? frameAt(frames, run % 1) : atEnd(frames, fill);
  }
  if (delaySeconds > patienceSeconds) return waits;
  const end = durationSeconds === 0 ? delaySeconds : delaySeconds + durationSeconds * iterations;
  return end <= patienceSeconds || Number.isNaN(end) ? atEnd(frames, fill) : constant(frames);
}

function atEnd(frames: readonly KeyFrame[], fill: string): readonly Setting[] {
  return fill === "forwards" || fill === "both" ? frameAt(frames, 1) : [];
}

/** The frame at that moment, or the nearer of the two around it. */
function frameAt(frames: readonly KeyFrame[], at: number): readonly Setting[] {
  const before = frames.findLast((frame) => frame.at <= at);
  const after = frames.find((frame) => frame.at >= at);
  if (before?.at === at) return frames.filter((frame) => frame.at === at).flatMap(({ settings }) => settings); // prettier-ignore
  if (before === undefined || after === undefined) return [];
  return at - before.at < after.at - at ? before.settings : after.settings;
}

const mostOfTheTime = 0.9;

/** What stays so nearly all the time that the animation takes. */
function constant(frames: readonly KeyFrame[]): readonly Setting[] {
  const byProperty = Map.groupBy(
    frames.flatMap(({ at, settings }) => settings.map((setting) => ({ at, setting }))),
    ({ setting }) => setting.property,
  );
  return Array.from(byProperty.values()).flatMap((said) => {
    if (said[0]?.at !== 0 || said.at(-1)?.at !== 1) return [];
    const shares = new Map<string, number>();
    for (const [index, { at, setting }] of said.entries()) {
      const next = said[index + 1];
      const text = JSON.stringify(setting.value);
      if (next !== undefined && JSON.stringify(next.setting.value) === text)
        shares.set(text, (shares.get(text) ?? 0) + next.at - at);
    }
    const [longest] = [...shares].toSorted((a, b) => b[1] - a[1]);
    return said
      .filter(
        ({ setting }) =>
          longest !== undefined &&
          longest[1] >= mostOfTheTime &&
          JSON.stringify(setting.value) === longest[0],
      ) // prettier-ignore
      .slice(0, 1)
      .map(({ setting }) => setting);
  });
}
