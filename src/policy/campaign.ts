// Decides whether a message belongs to a campaign that a person has seen, or what about it is new enough to be looked at. Pure.
import type { Finding } from "./finding.ts";
import type { Stream } from "./stream.ts";

const likeness = 0.6; // share of pieces in common from which on two messages are of one template
const usualFactor = 3; // times the usual recipients are too many
const usualOf = 3; // approved campaigns from which on a usual size can be told

/** Whether this stream's campaigns wait for a second person. Only advertising has campaigns. */
export function needsCampaignApproval(stream: Stream): boolean {
  return stream.class === "marketing" && stream.sender.approvals?.includes("campaign") === true;
}

export interface KnownCampaign {
  readonly id: string;
  readonly state: "waiting" | "approved" | "rejected";
  readonly name: string;
  readonly sketch: readonly string[];
  readonly hosts: readonly string[];
  readonly recipients: number;
  readonly recipientsMax?: number;
}

export interface CampaignFacts {
  /** Value of the campaign's header; empty where it has none. */
  readonly name: string;
  readonly sketch: readonly string[];
  readonly hosts: readonly string[];
  readonly recipients: number;
  readonly findings: readonly Pick<Finding, "rule" | "outcome" | "observed">[];
  /** Of the same stream, seen last first. */
  readonly known: readonly KnownCampaign[];
}

export type CampaignDecision =
  | { readonly kind: "flow"; readonly campaign: string }
  /** It waits already: this message waits with it. */
  | { readonly kind: "wait"; readonly campaign: string }
  /** A person must look: `campaign` is absent where it is new. */
  | { readonly kind: "ask"; readonly campaign?: string; readonly because: readonly string[] }
  | { readonly kind: "rejected"; readonly campaign: string };

export function decideCampaign(facts: CampaignFacts): CampaignDecision {
  const { known, name } = facts;
  const named = known.find((campaign) => name !== "" && campaign.name === name);
  const alike = known.find(
    (campaign) => campaign.name === name && alikeness(campaign.sketch, facts.sketch) >= likeness,
  );
  if (alike === undefined) {
    const first =
      named === undefined ? "a template not seen before" : `the text of ${name} is another`;
    return { kind: "ask", because: [first, ...warnings(facts)] };
  }
  switch (alike.state) {
    case "rejected":
      return { kind: "rejected", campaign: alike.id };
    case "waiting":
      return { kind: "wait", campaign: alike.id };
    case "approved": {
      const because = [...newHosts(alike, facts), ...tooMany(alike, facts)];
      return because.length === 0
        ? { kind: "flow", campaign: alike.id }
        : { kind: "ask", campaign: alike.id, because };
    }
  }
}

/**
 * Recipients beyond which an approved campaign is held anew: three times what is usual, or three times what the approver
 * saw, whichever is more. undefined: nobody knows yet what is usual. `sizes`: of the stream's approved campaigns.
 */
export function recipientsMaxOf(sizes: readonly number[], seen: number): number | undefined {
  if (sizes.length < usualOf) return undefined;
  const sorted = sizes.toSorted((left, right) => left - right);
  const usual = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return Math.max(usual, seen) * usualFactor;
}

function newHosts(campaign: KnownCampaign, facts: CampaignFacts): readonly string[] {
  const unseen = facts.hosts.filter((host) => !campaign.hosts.includes(host));
  return unseen.length === 0 ? [] : [`links to a host not seen before: ${unseen.join(", ")}`];
}

function tooMany(campaign: KnownCampaign, facts: CampaignFacts): readonly string[] {
  const max = campaign.recipientsMax;
  const now = campaign.recipients + facts.recipients;
  return max === undefined || now <= max
    ? []
    : [`${now} recipients, more than ${usualFactor} times the usual`];
}

function warnings(facts: CampaignFacts): readonly string[] {
  const rules = facts.findings
    .filter((finding) => finding.outcome !== "pass")
    .map((finding) => finding.rule);
  return rules.length === 0 ? [] : [`findings: ${[...new Set(rules)].join(", ")}`];
}

/** Share of the smaller one's pieces that both have. */
function alikeness(left: readonly string[], right: readonly string[]): number {
  const [small, large] = left.length < right.length ? [left, right] : [right, left];
  if (small.length === 0) return large.length === 0 ? 1 : 0;
  const has = new Set(large);
  const shared = small.filter((piece) => has.has(piece)).length;
  // Against the larger one too, so that a short excerpt is not the whole.
  return Math.min(shared / small.length, (shared * 1.5) / large.length);
}
