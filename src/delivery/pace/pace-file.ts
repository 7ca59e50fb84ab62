// What delivery waits for, in a file beside the database: commands read it to say why mail waits, and a restart to go on.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { sourceKinds } from "./shaping.ts";
import type { WarmUpLeft } from "./sources.ts";

/** Times are wall-clock milliseconds. */
export interface PaceState {
  readonly pauses: readonly {
    readonly group: string;
    readonly sender?: string;
    readonly until: number;
  }[];
  /** Shares of warm-ups that are not whole again. */
  readonly warmUps: readonly WarmUpLeft[];
  /** Groups with what is known to belong to them. */
  readonly waits: readonly {
    readonly destination: string;
    readonly stream: string;
    readonly why: string;
    readonly until: number;
  }[];
}

/** `text`: a PaceState as JSON. Throws where it cannot be written. */
export function writePaceState(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** undefined where there is none that can be read. `changedAt`: wall-clock milliseconds. */
export function readPaceState(
  file: string,
): (PaceState & { readonly changedAt: number }) | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof state !== "object" || state === null) return undefined;
    const { pauses, warmUps, waits } = state as Partial<Record<keyof PaceState, unknown>>;
    return {
      pauses: Array.isArray(pauses) ? (pauses as readonly unknown[]).filter(isPause) : [],
      warmUps: Array.isArray(warmUps) ? (warmUps as readonly unknown[]).filter(isWarmUp) : [],
      waits: Array.isArray(waits) ? (waits as readonly unknown[]).filter(isWait) : [],
      changedAt: statSync(file).mtimeMs,
    };
  } catch {
    return undefined;
  }
}

function isPause(value: unknown): value is PaceState["pauses"][number] {
  const pause = asRecord(value);
  return (
    typeof pause["group"] === "string" &&
    typeof pause["until"] === "number" &&
    ["undefined", "string"].includes(typeof pause["sender"])
  );
}

function isWarmUp(value: unknown): value is WarmUpLeft {
  const left = asRecord(value);
  return (
    sourceKinds.some((kind) => kind === left["kind"]) &&
    typeof left["name"] === "string" &&
    typeof left["group"] === "string" &&
    Number.isInteger(left["day"]) &&
    Number.isFinite(left["fullAt"])
  );
}

function isWait(value: unknown): value is PaceState["waits"][number] {
  const wait = asRecord(value);
  return (
    ["destination", "stream", "why"].every((key) => typeof wait[key] === "string") &&
    typeof wait["until"] === "number"
  );
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
