// Runs every rule of a stream's packs over a message's view. Pure.
import type { Basis } from "../consent/event.ts";
import type { MessageView } from "../content/view.ts";
import type { TokenOwner } from "./checks/link-owner.ts";
import type { Finding, FindingOutcome } from "./finding.ts";
import type { LinkedPages } from "./linked-page.ts";
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
  readonly now: Date;
}

const evidenceMaxCharacters = 500; // the seam's promise: findings go into replies, logs and pages
const findingsMax = 400; // a message of many alternatives must not fill the log

/** Findings in the order of the packs: general ones first, then those the stream names. */
export function judge(view: MessageView, facts: JudgeFacts): readonly Finding[] {
  const judged: Judged = { view, facts, pages: view.alternatives.map(createPage) };
  const findings: Finding[] = [];
  for (const pack of packsFor(facts.stream.rules)) {
    for (const rule of pack.rules) {
      if (!isAsked(rule, facts, pack.name)) continue;
      for (const observation of look(rule, judged)) {
        if (findings.length >= findingsMax) return findings;
        findings.push(toFinding(rule, observation, facts.stream, pack.name));
      }
    }
  }
  return findings;
}

function isAsked(rule: Rule, facts: JudgeFacts, pack: string): boolean {
  const { stream } = facts;
  if (stream.disabled.includes(rule.name) || stream.disabled.includes(pack)) return false;
  if (rule.weights[stream.class] === "off") return false;
  return rule.when === undefined || rule.when(facts);
}

function look(rule: Rule, judged: Judged): readonly Observation[] {
  const { check } = rule;
  switch (check.per) {
    case "message":
      return check.look(judged);
    case "alternative":
      return judged.pages.map((page) => ({
        ...check.look(page, judged),
        part: page.alternative.part,
      }));
  }
}

function toFinding(rule: Rule, observation: Observation, stream: Stream, pack: string): Finding {
  const finding: Finding = {
    rule: rule.name,
    part: observation.part ?? "message",
    outcome: cap(rule, observation.outcome, stream),
    evidence: bound(observation.evidence.en),
    evidenceJa: bound(observation.evidence.ja),
    law: `${rule.law} (${rule.confidence})`,
    remedy: observation.remedy ?? rule.remedy,
    reason: observation.reason ?? rule.reason,
    ...(observation.pages === undefined ? {} : { pages: observation.pages }),
    ...(observation.tokens === undefined ? {} : { tokens: observation.tokens }),
  };
  const inShadow = stream.observe.includes(rule.name) || stream.observe.includes(pack);
  return inShadow ? { ...finding, observed: true } : finding;
}

/** A rule that is unsure of its law, or of little weight for this class, warns where it would fail. */
function cap(rule: Rule, outcome: FindingOutcome, stream: Stream): FindingOutcome {
  if (outcome !== "fail") return outcome;
  const mayFail =
    rule.severity === "fail" && rule.confidence !== "U" && rule.weights[stream.class] === "full";
  return mayFail ? "fail" : "warn";
}

function bound(text: string): string {
  // A cut in the middle of a surrogate pair would leave half a character.
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
  if (line.length <= evidenceMaxCharacters) return line;
  return `${line.slice(0, evidenceMaxCharacters - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
