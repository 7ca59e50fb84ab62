// What is fuzzed, and what must hold of every input: the short form runs with the tests, the long one by `npm run torture -- fuzz`.
import { commandTarget, listenerTarget, splitterTarget } from "./smtp-targets.ts";
import { configTarget, csvTarget } from "./file-targets.ts";
import { mimeTarget, styleTarget } from "./content-targets.ts";
import { dnsTarget } from "./dns-target.ts";
import { httpTarget } from "./http-target.ts";
import { mergedTarget } from "./merged-target.ts";
import { recordTarget, replyTarget, returnedTarget, tokenTarget } from "./outside-targets.ts";

export interface FuzzTarget {
  readonly name: string;
  /** Relative to the others: how many inputs it tries while they try one. */
  readonly weight: number;
  /** Rejects with seed, path and the smallest input found where something does not hold. */
  readonly run: (plan: { readonly seed: number; readonly runs: number }) => Promise<void>;
}

export const fuzzTargets: readonly FuzzTarget[] = [
  splitterTarget,
  commandTarget,
  listenerTarget,
  mimeTarget,
  styleTarget,
  mergedTarget,
  configTarget,
  csvTarget,
  returnedTarget,
  replyTarget,
  recordTarget,
  dnsTarget,
  tokenTarget,
  httpTarget,
];
