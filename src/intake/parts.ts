// What intake is built from: stores, rules and limits, all handed in as values.
import type { AuditLog } from "../audit/log.ts";
import type { AddressIndex, Indexer } from "../consent/address-index.ts";
import type { Ledger } from "../consent/ledger.ts";
import type { CredentialStore } from "../identity/store.ts";
import type { Reply } from "../mail/reply.ts";
import type { Stream } from "../policy/stream.ts";
import type { FreezeStore } from "../queue/freeze.ts";
import type { QueueStore } from "../queue/store.ts";
import type { Answer } from "./answer.ts";
import type { CampaignGate } from "./campaign.ts";
import type { Judge } from "./judge.ts";
import type { PageDesk } from "./page-desk.ts";
import type { ObservedCounts } from "./observed.ts";
import type { RefusalLog } from "./refusal-log.ts";

/** The calls of pino that intake makes. */
export interface IntakeLog {
  readonly info: (fields: object, text: string) => void;
  readonly warn: (fields: object, text: string) => void;
  readonly error: (fields: object, text: string) => void;
}

export interface IntakeLimits {
  /** Recipients accepted in one transaction; RFC 5321 §4.5.3.1.8 asks for 100. */
  readonly recipientsMax: number;
  /** Recipients not yet settled, over all messages; beyond it MAIL is deferred (threats.md row 64). */
  readonly queuedRecipientsMax: number;
  /** Octets of content in the queue; beyond it MAIL is deferred. */
  readonly queuedBytesMax: number;
}

export interface IntakeParts {
  readonly streams: readonly Stream[];
  readonly credentials: CredentialStore;
  readonly ledger: Pick<Ledger, "lookUp">;
  readonly queue: Pick<QueueStore, "accept" | "known" | "counts">;
  /** `full`: the disk is nearly so, and MAIL is deferred while there is still room for outcomes. Absent: never. */
  readonly health?: () => Promise<{ readonly full?: true }>;
  readonly audit: Pick<AuditLog, "append">;
  /** Shared with the intake before a reload, and closed by whoever made it; absent: one of its own. */
  readonly refusals?: RefusalLog;
  readonly freezes: Pick<FreezeStore, "list">;
  readonly indexer: Indexer;
  readonly clock: () => Date;
  readonly limits: IntakeLimits;
  /** Messages a minute, by stream id; a stream that is not named has no limit. */
  readonly messagesPerMinute: ReadonlyMap<string, number>;
  /** Why no mail of that sender may be taken now (its DNS is broken); absent: nobody looks. */
  readonly senderHold?: (sender: string) => string | undefined;
  /** Holds the campaigns of senders that want them approved; without it, their advertising is held message by message. */
  readonly campaignGate?: CampaignGate;
  readonly judge: Judge;
  /** Reads pages of senders that want it; absent: a rule that needs one waits for it in vain, and defers. */
  readonly pages?: PageDesk;
  /** Whom one of this gateway's own opt-out links would stop; undefined for a token that it did not make. Absent: not asked. */
  readonly tokenSubject?: (token: string) => AddressIndex | undefined;
  /** Counts what rules in shadow would have refused; absent: events alone tell. */
  readonly observed?: Pick<ObservedCounts, "note">;
  readonly log: IntakeLog;
  /** This gateway's name in Received fields. */
  readonly hostname: string;
  /** Host of `http.public_url` and of the gateway's own mailboxes: always good for an opt-out. */
  readonly gatewayHosts: readonly string[];
  /** What a recipient's opt-out link looks like, for streams that have it put into messages. */
  readonly optOutLink?: string;
  /** Whether the same message within a day is answered 250 and not stored again. */
  readonly deduplicate: boolean;
  /** The reply that the client gets: it stands in the audit event. smtp/answer.ts gives it. */
  readonly toReply: (answer: Answer) => Reply;
}
