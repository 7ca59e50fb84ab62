// What waits for a second person (law.md S68, S76, S77): who asked for what, until when, and who may not decide it.
import type { Page } from "../consent/ledger.ts";
import type { SuppressionScope } from "../consent/suppression.ts";
import type { AddressIndex } from "../consent/address-index.ts";
import type { Finding } from "../policy/finding.ts";
import type { Act } from "./act.ts";

/** open → approved, rejected, or expired once its time is over. All three are final. */
export const approvalStates = ["open", "approved", "rejected", "expired"] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** What is done once it is approved. */
export type AskedAct =
  | { readonly kind: "release"; readonly heldId: string }
  | {
      readonly kind: "suppression-removal";
      readonly subject: AddressIndex;
      readonly scope: SuppressionScope;
      /** As it was asked for: for whoever decides. Absent once the person was erased. */
      readonly address?: string;
    }
  /** Approved, it lets the one who asked run this export once. */
  | { readonly kind: "export"; readonly what: string; readonly query: string }
  | ({ readonly kind: "campaign"; readonly campaign: string } & CampaignSample)
  /** A sender or stream of the configuration: JSON of what was in force, and of what is to be. */
  | {
      readonly kind: "settings";
      readonly name: string;
      readonly before: string | null;
      readonly after: string;
    };

/** What the approver of a campaign looks at. */
export interface CampaignSample {
  readonly stream: string;
  /** From the campaign's header; empty where it has none. */
  readonly name: string;
  readonly sampleMessageId: string;
  readonly subject: string;
  /** What a recipient would read of the sample, cut to some thousand characters. */
  readonly text: string;
  readonly hosts: readonly string[];
  /** Why risk wants it looked at, in words. */
  readonly because: readonly string[];
  /** Findings of warn and fail. */
  readonly findings: readonly Pick<Finding, "rule" | "part" | "outcome" | "evidence">[];
}

export interface Approval {
  readonly id: string;
  readonly state: ApprovalState;
  readonly sender?: string;
  /** `user:ID`, `token:ID`, `cli:USER`, `credential:NAME`. */
  readonly askedBy: string;
  /** The person behind it, where one is known: `user:ID`. */
  readonly askedByPerson?: string;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly reason?: string;
  readonly decidedBy?: string;
  readonly decidedAt?: Date;
  readonly act: AskedAct;
  /** Campaigns: recipients seen so far. */
  readonly recipients?: number;
}

export type NewApproval = Pick<
  Approval,
  "id" | "sender" | "askedBy" | "askedByPerson" | "askedAt" | "expiresAt" | "reason" | "act"
>;

export type Decided =
  | { readonly kind: "done"; readonly approval: Approval; readonly released: number }
  /** It was found in the file, and nobody knows who wrote it there: this approval is the first of two people's. */
  | { readonly kind: "vouched"; readonly approval: Approval }
  /** Decided by another meanwhile, expired, or never there. */
  | { readonly kind: "not-open" };

/** The request that stands: the new one, or an earlier one for the same act. */
export type Asked = Pick<Approval, "id" | "expiresAt">;

export interface ApprovalStore {
  readonly find: (id: string) => Promise<Approval | undefined>;
  readonly list: (filter: {
    readonly state?: ApprovalState;
    readonly cursor?: string;
    readonly limit: number;
  }) => Promise<Page<Approval>>;
  /** Stores it with its event. The same act asked for while it is open gives the one that stands. */
  readonly ask: (approval: NewApproval, act: Act) => Promise<Asked>;
  /**
   * Decides, and does what was asked for, in one commit. `was`: only while it stands as the decider saw it;
   * otherwise "not-open".
   */
  readonly decide: (
    id: string,
    verdict: "approve" | "reject",
    act: Act,
    forWhom?: string,
    was?: Pick<Approval, "askedBy" | "recipients">,
  ) => Promise<Decided>;
  /** Spends an approved export: true once, and only for the one who asked. */
  readonly spend: (id: string, askedBy: string, act: Act) => Promise<boolean>;
  /** Ends what nobody decided in time; resolves to how many. */
  readonly expire: (now: Date) => Promise<number>;
}

/** An act as people and programs see it: without the keyed index; the address is null once the person was erased. */
export function shownAct(act: AskedAct): object {
  if (act.kind !== "suppression-removal") return act;
  const { subject: _subject, address = null, ...rest } = act;
  return { ...rest, address };
}

export interface Decider {
  readonly actor: string;
  /** undefined: no person stands behind it, only a program. */
  readonly person?: string;
  /** In whose place they decide this, where they have not the right themselves. */
  readonly deputyFor?: readonly string[];
}

/** Why this one may not decide, in words; undefined: they may. */
export function whyNotDecide(
  approval: Pick<Approval, "askedBy" | "askedByPerson">,
  decider: Decider,
): string | undefined {
  if (decider.person === undefined) return "only a person decides: log in, or use the command line";
  const askers = [approval.askedBy, approval.askedByPerson];
  if (askers.includes(decider.actor) || askers.includes(decider.person))
    return "whoever asked cannot decide: it takes a second person";
  const { deputyFor } = decider;
  if (deputyFor?.length === 0)
    return "those whose deputy you are do not decide for this sender themselves";
  if (deputyFor !== undefined && deputyFor.every((person) => askers.includes(person)))
    return "a deputy of whoever asked cannot decide in their place";
  return undefined;
}
