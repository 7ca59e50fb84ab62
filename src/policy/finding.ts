// The outcome of one rule on one part of one message.
import type { Reason } from "./reasons.ts";

export type FindingOutcome = "pass" | "warn" | "fail";

/** A: statute read in full · B: official or secondary page · C: known, not re-read · U: unverified, never refuses. */
export type Confidence = "A" | "B" | "C" | "U";

export interface Finding {
  /** Stable rule name: `jp/name`, `jp/opt-out-address`, `human/placeholder`, `mime/readable` … */
  readonly rule: string;
  /** `text/plain`, `text/html`, `header`, `message`, or a MIME path such as `1.2 text/html`. */
  readonly part: string;
  readonly outcome: FindingOutcome;
  /** The words seen, or why they are not visible. Plain text, bounded to 500 characters. */
  readonly evidence: string;
  /** The same in Japanese; absent where the maker says it in English only. */
  readonly evidenceJa?: string;
  /** Article and confidence: "特定電子メール法 4条1号 (A)". */
  readonly law: string;
  readonly remedy: { readonly ja: string; readonly en: string };
  /** The reason a failure is refused with. */
  readonly reason: Reason;
  /** Pages of the sender that the outcome rests on or waits for, as policy/linked-page.ts names them. */
  readonly pages?: readonly string[];
  /** Tokens of this gateway's own opt-out links in the message, where nobody has said yet whose they are. */
  readonly tokens?: readonly string[];
  /** The rule runs in shadow: its failure is logged as Observed and decides nothing. */
  readonly observed?: true;
}
