// Runs every rule of a stream's packs over a message's view. Pure.
import type { Basis } from "../consent/event.ts";
import type { Screen } from "../content/style/media.ts";
import type { MessageView } from "../content/view.ts";
import type { TokenOwner } from "./checks/link-owner.ts";
import type { Finding, FindingOutcome } from "./finding.ts";
import type { LinkedPages } from "./linked-page.ts";
import { onceFor } from "./once-for.ts";
import { packsFor } from "./packs/packs.ts";
import { createPage } from "./page.ts";
import type { Judged, Observation, Rule } from "./rule.ts";
import type { Stream } from "./stream.ts";

export interface JudgeFacts {
  readonly stream: Stream;
  /** Bases that the accepted recipients' standings rest on: `written_notice` calls for the business-card sentence. */
  readonly bases: readonly Basis[];
  /** Host of `http.public_url` and of the gateway's own mailboxes: always good for an opt-out. */
  readonly gatewayHosts: readonly string[];
  /** Stands for each recipient's own opt-out link where the stream has it put into the message. */
  readonly optOutLink?: string;
  /** Pages of this sender that were read; absent: none, and rules that need one wait for it. */
  readonly linkedPages?: LinkedPages;
  /** Addresses of the recipients accepted; absent where nobody knows them: To is asked then. */
  readonly recipients?: readonly string[];
  /** Whose tokens the gateway's own opt-out links in the message are, as far as that was looked up. */
  readonly tokenOwners?: ReadonlyMap<string, TokenOwner>;
  /** On which the message is looked at; absent: a desktop client's in light colours, which alone decides. */
  readonly screen?: Screen;
  readonly now: Date;
}

const evidenceMaxCharacters = 500; // the seam's promise: findings go into replies, logs and pages
const findingsMax = 400; // a message of many alternatives must not fill the log

/** Findings in the order of the packs: general ones first, then those the stream names. */
export function judge(view: MessageView, facts: JudgeFacts): readonly Finding[] {
  return ask(view, facts).map(toFinding);
}

/**
 * As {@link judge}, but where nothing fails, what passed is left out: nobody asks, and it costs as much as a rule or two to
 * put it into words. What asks for further facts is told all the same.
 */
export function judgeSparingly(view: MessageView, facts: JudgeFacts): readonly Finding[] {
  const answers = ask(view, facts);
  if (answers.some((one) => one.outcome === "fail")) return answers.map(toFinding);
  return answers
    .filter(
      ({ outcome, observation: { pages, tokens } }) =>
        outcome !== "pass" || pages !== undefined || tokens !== undefined,
    )
    .map(toFinding);
}

/** A rule that a stream asks. */
interface Asked {
  readonly rule: Rule;
  /** It only observes. */
  readonly inShadow: boolean;
  /** A rule that is unsure of its law, or of little weight for this class, warns where it would fail. */
  readonly mayFail: boolean;
}

const askedOf = onceFor((stream: Stream): readonly Asked[] => {
  const { disabled, observe, class: mailClass } = stream;
  return packsFor(stream.rules).flatMap((pack) => {
    if (disabled.includes(pack.name)) return [];
    return pack.rules
      .filter((rule) => !disabled.includes(rule.name) && rule.weights[mailClass] !== "off")
      .map((rule) => ({
        rule,
        inShadow: observe.includes(rule.name) || observe.includes(pack.name),
        mayFail: rule.severity === "fail" && rule.confidence !== "U" && rule.weights[mailClass] === "full", // prettier-ignore
      }));
  });
});

/** What a rule saw, and where. */
interface Answer {
  readonly asked: Asked;
  readonly observation: Observation;
  readonly part: string | undefined;
  readonly outcome: FindingOutcome;
}

function ask(view: MessageView, facts: JudgeFacts): readonly Answer[] {
  const judged: Judged = { view, facts, pages: view.alternatives.map(createPage) };
  const answers: Answer[] = [];
  const add = (asked: Asked, observation: Observation, part: string | undefined): void => {
    if (answers.length >= findingsMax) return;
    const { outcome } = observation;
    answers.push({ asked, observation, part, outcome: outcome === "fail" && !asked.mayFail ? "warn" : outcome }); // prettier-ignore
  };
  for (const asked of askedOf(facts.stream)) {
    const { when, check } = asked.rule;
    if (answers.length >= findingsMax) break;
    if (when?.(facts) === false) continue;
    if (check.per === "message") for (const one of check.look(judged)) add(asked, one, one.part);
    else for (const page of judged.pages) add(asked, check.look(page, judged), page.alternative.part); // prettier-ignore
  }
  return answers;
}

function toFinding({ asked: { rule, inShadow }, observation, part, outcome }: Answer): Finding {
  const finding: Finding = {
    rule: rule.name,
    part: part ?? "message",
    outcome,
    evidence: bound(observation.evidence.en),
    evidenceJa: bound(observation.evidence.ja),
    law: `${rule.law} (${rule.confidence})`,
    remedy: observation.remedy ?? rule.remedy,
    reason: observation.reason ?? rule.reason,
    ...(observation.pages === undefined ? {} : { pages: observation.pages }),
    ...(observation.tokens === undefined ? {} : { tokens: observation.tokens }),
  };
  return inShadow ? { ...finding, observed: true } : finding;
}

/** One line of no more characters than a finding may have. */
export function bound(text: string): string {
  // A cut in the middle of a surrogate pair would leave half a character.
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
  if (line.length <= evidenceMaxCharacters) return line;
  return `${line.slice(0, evidenceMaxCharacters - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
