// Campaigns of a stream: what was approved, to compare new mail with. Known by a header, or by likeness of the text.
import type { CampaignSample } from "./approval.ts";
import type { Act } from "./act.ts";

/** waiting: its messages are held until a person decides · approved: they flow · rejected: they are refused. */
export type CampaignState = "waiting" | "approved" | "rejected";

export interface Campaign {
  readonly id: string;
  readonly stream: string;
  readonly state: CampaignState;
  /** From the campaign's header; empty where it has none. */
  readonly name: string;
  /** Hashes of its text's pieces, recipient-specific parts left out. */
  readonly sketch: readonly string[];
  readonly hosts: readonly string[];
  /** Messages and recipients seen so far. */
  readonly messages: number;
  readonly recipients: number;
  /** Recipients from which on it is held anew; absent: none. */
  readonly recipientsMax?: number;
  readonly firstSeenAt: Date;
}

/** One message of a campaign, noted in the same commit as the message itself. */
export interface CampaignNote {
  readonly campaign: string;
  readonly stream: string;
  readonly messageId: string;
  readonly recipients: number;
  /** It is held until the campaign is approved. */
  readonly held: boolean;
  /** A campaign that is new, or must be looked at again: with the approval that is asked for. */
  readonly begin?: {
    readonly name: string;
    readonly sketch: readonly string[];
    readonly approval: string;
    readonly sender: string;
    readonly sample: CampaignSample;
    readonly expiresAt: Date;
  };
}

export interface CampaignStore {
  /** Those of a stream, seen last first, at most `limit`. */
  readonly recent: (stream: string, limit: number) => Promise<readonly Campaign[]>;
  /** Posted beside queue.accept in the same turn: it commits with it. */
  readonly note: (note: CampaignNote, act: Act) => Promise<void>;
}
