// What a rule is: data about the law it stands for, and the check that looks at a message.
import type { MessageView } from "../content/view.ts";
import type { Confidence, FindingOutcome } from "./finding.ts";
import type { JudgeFacts } from "./judge.ts";
import type { Page } from "./page.ts";
import type { Reason } from "./reasons.ts";
import type { MailClass } from "./stream.ts";

/** The same thing said in both languages. */
export interface Wording {
  readonly en: string;
  readonly ja: string;
}

/** What one check saw. `part` is needed of message-wide checks only. */
export interface Observation {
  readonly outcome: FindingOutcome;
  readonly evidence: Wording;
  readonly part?: string;
  /** In place of the rule's own. */
  readonly reason?: Reason;
  /** In place of the rule's own. */
  readonly remedy?: Wording;
  /** Pages of the sender that this rests on or waits for. */
  readonly pages?: readonly string[];
  /** Tokens of this gateway's own opt-out links, whose owners somebody must look up. */
  readonly tokens?: readonly string[];
}

/** All that a check may look at. */
export interface Judged {
  readonly view: MessageView;
  readonly pages: readonly Page[];
  readonly facts: JudgeFacts;
}

/** `alternative`: asked once for each alternative (law.md JP-26) · `message`: asked once; no observation = nothing to say. */
export type Check =
  | { readonly per: "alternative"; readonly look: (page: Page, judged: Judged) => Observation }
  | { readonly per: "message"; readonly look: (judged: Judged) => readonly Observation[] };

/** full: as the severity says · advice: a failure is a warning · off: not asked. */
export type Weight = "full" | "advice" | "off";

export interface Rule {
  /** Stable: `jp/name`. */
  readonly name: string;
  /** What it is about, in a few words: a heading. */
  readonly title: Wording;
  /** What the rule demands, in one sentence. */
  readonly demand: Wording;
  readonly law: string;
  /** Where the demand was read. */
  readonly source: string;
  /** Day on which the source was read, YYYY-MM-DD. */
  readonly asOf: string;
  /** U never refuses, whatever the severity. */
  readonly confidence: Confidence;
  /** The worst that this rule can say. */
  readonly severity: "fail" | "warn";
  readonly weights: Readonly<Record<MailClass, Weight>>;
  readonly reason: Reason;
  readonly remedy: Wording;
  /** Absent: always asked. */
  readonly when?: (facts: JudgeFacts) => boolean;
  readonly check: Check;
}

export interface Pack {
  readonly name: string;
  readonly title: Wording;
  readonly rules: readonly Rule[];
}

/** Every class alike. */
export const everyClass = {
  marketing: "full",
  "consent-request": "full",
  "contract-incidental": "full",
  transactional: "full",
} as const satisfies Record<MailClass, Weight>;

export function observe(
  outcome: FindingOutcome,
  en: string,
  ja: string,
  part?: string,
): Observation {
  const evidence = { en, ja };
  return part === undefined ? { outcome, evidence } : { outcome, evidence, part };
}
