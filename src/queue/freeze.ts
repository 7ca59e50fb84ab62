// The kill switch: nothing comes in or goes out for what is frozen, until a person lifts it (law.md S117).
import { parseDomain } from "../mail/domain.ts";
import type { Act } from "./act.ts";

/** `name` is the id of the sender or stream; empty for all. */
export interface FreezeTarget {
  readonly kind: "all" | "sender" | "stream";
  readonly name: string;
}

export interface Freeze extends FreezeTarget {
  readonly reason: string;
  readonly actor: string;
  readonly at: Date;
}

/** What an operator keeps from going out, while more may come in. `name`: a domain, or the id of a stream or sender. */
export interface PauseTarget {
  readonly kind: "destination" | "stream" | "sender";
  readonly name: string;
}

export interface Pause extends PauseTarget {
  readonly reason: string;
  readonly actor: string;
  readonly at: Date;
}

export interface FreezeStore {
  readonly pauses: () => Promise<readonly Pause[]>;
  /** Durable on return, with its event. One that stands already keeps its first time; its reason is replaced. */
  readonly pause: (target: PauseTarget, reason: string, act: Act) => Promise<void>;
  /** False where it is not paused; or, with `was`, paused by another act than that one. */
  readonly resume: (target: PauseTarget, act: Act, was?: Pause) => Promise<boolean>;
  readonly list: () => Promise<readonly Freeze[]>;
  /** Durable on return, with its event. One that stands already keeps its first time; its reason is replaced. */
  readonly freeze: (target: FreezeTarget, reason: string, act: Act) => Promise<void>;
  /** False where it is not frozen; or, with `was`, frozen by another act than that one. */
  readonly lift: (target: FreezeTarget, act: Act, was?: Freeze) => Promise<boolean>;
}

/** The freeze that stops mail of this stream, the widest first. */
export function freezeOf(
  freezes: readonly Freeze[],
  stream: { readonly id: string; readonly sender: { readonly id: string } },
): Freeze | undefined {
  return (
    freezes.find(({ kind }) => kind === "all") ??
    freezes.find(({ kind, name }) => kind === "sender" && name === stream.sender.id) ??
    freezes.find(({ kind, name }) => kind === "stream" && name === stream.id)
  );
}

/** `all`, `sender:ID`, `stream:ID` or `destination:DOMAIN`. */
export function formatTarget({ kind, name }: FreezeTarget | PauseTarget): string {
  return kind === "all" ? "all" : `${kind}:${name}`;
}

/** undefined where the text is no form that a freeze's target has. */
export function parseTarget(text: string): FreezeTarget | undefined {
  if (text === "all") return { kind: "all", name: "" };
  const match = /^(sender|stream):(.{1,128})$/.exec(text);
  if (match?.[2] === undefined) return undefined;
  return { kind: match[1] === "sender" ? "sender" : "stream", name: match[2] };
}

/** undefined where the text is no form that a pause's target has. */
export function parsePauseTarget(text: string): PauseTarget | undefined {
  const [, kind, name = ""] = /^(destination|sender|stream):(.{1,255})$/.exec(text) ?? [];
  if (kind === "sender" || kind === "stream") return { kind, name };
  const domain = parseDomain(name);
  return kind === undefined || domain.kind === "bad"
    ? undefined
    : { kind: "destination", name: domain.value };
}
