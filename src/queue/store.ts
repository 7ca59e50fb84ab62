// The queue's seam. Each method is one transaction; what it changes commits together with its audit events, and a
// resolved promise means that the change survives a power cut.
import type { AuditDraft } from "../audit/event.ts";
import type { AddressIndex } from "../consent/address-index.ts";
import type { Evidence } from "../consent/event.ts";
import type { Page } from "../consent/ledger.ts";
import type { Suppression } from "../consent/suppression.ts";
import type { Address } from "../mail/address.ts";
import type { Domain } from "../mail/domain.ts";
import type { Envelope, RecipientDsn } from "../mail/envelope.ts";
import type { Reply } from "../mail/reply.ts";
import type { Finding } from "../policy/finding.ts";
import type { Reason } from "../policy/reasons.ts";
import type { Purpose } from "../policy/stream.ts";

/**
 * held: waits for a person · waiting: due at nextAttemptAt · leased: an attempt is under way · delivered, failed,
 * expired, dropped: final. held → waiting (released) or dropped (rejected); waiting → leased; leased → waiting
 * (deferred), delivered, failed or expired; a lease whose owner died → waiting, counted as uncertain.
 */
export const recipientStates = [
  "held",
  "waiting",
  "paused",
  "leased",
  "delivered",
  "failed",
  "expired",
  "dropped",
] as const;
export type RecipientState = (typeof recipientStates)[number];

export interface NewMessage {
  readonly messageId: string;
  readonly stream: string;
  readonly sender: string;
  readonly envelope: Envelope;
  /** The client's bytes with CRLF line ends, as they were judged. Handed over: do not use afterwards. */
  readonly content: Buffer;
  /** The authorised From domain: it chooses the signing key. */
  readonly fromDomain: Domain;
  readonly receivedAt: Date;
  /** Trace information for the Received field. */
  readonly trace: { readonly helo: string; readonly protocol: string };
  readonly purpose?: Purpose;
  /** A report written by this gateway: it has no consent to look up, and never causes a report itself. */
  readonly notification?: true;
  /** A request for consent: an address gets one of a sender, ever. `evidence` is sealed with the person's record. */
  readonly consentRequest?: { readonly topic: string; readonly evidence: Evidence };
  /** Why a person must look at it first. */
  readonly held?: {
    readonly reason: Reason;
    readonly detail: string;
    readonly findings: readonly Finding[];
  };
  /**
   * Credential, Message-ID, Subject, body and recipient: by it a message to one that is sent twice within a day is known
   * again. Of a message to several each recipient has its own, and this is absent.
   */
  readonly fingerprint?: string;
}

/** The message that had the same fingerprint within a day: on its way, arrived somewhere, or waiting for a person. */
export interface KnownMessage {
  readonly messageId: string;
  /** Why it waits for a person. */
  readonly held?: Pick<NonNullable<NewMessage["held"]>, "reason" | "detail">;
}

export interface NewRecipient {
  /** `<messageId>-<n>`, n from 1. */
  readonly recipientId: string;
  readonly address: Address;
  readonly subject: AddressIndex;
  readonly dsn?: RecipientDsn;
  /** Destination the recipient waits for: its domain. */
  readonly destination: Domain;
  /** As a message to this one alone would have it. */
  readonly fingerprint?: string;
}

/** One recipient handed to one attempt, with what the attempt needs except the content. */
export interface Lease {
  readonly recipientId: string;
  readonly messageId: string;
  readonly address: Address;
  readonly subject: AddressIndex;
  readonly destination: Domain;
  readonly dsn?: RecipientDsn;
  readonly attempts: number;
  readonly stream: string;
  readonly sender: string;
  readonly envelope: Envelope;
  readonly fromDomain: Domain;
  readonly receivedAt: Date;
  readonly trace: { readonly helo: string; readonly protocol: string };
  readonly purpose?: Purpose;
  readonly notification: boolean;
  /** An attempt ended without an answer behind the final dot, or the last one with the process: it may have been delivered. */
  readonly uncertain: boolean;
}

/** A delivery status notification, queued in the commit that records the outcome; dropped where its fingerprint is known. */
export interface SettlementReport {
  readonly message: NewMessage;
  readonly recipient: NewRecipient;
  readonly event: AuditDraft;
}

/** What one attempt came to. `event` commits with the state. */
export type Settlement =
  | {
      readonly kind: "delivered";
      readonly recipientId: string;
      readonly reply: Reply;
      readonly event: AuditDraft;
      /** The sender asked to be told, and the next host will not tell (RFC 3461 §5.2.2). */
      readonly report?: SettlementReport;
    }
  | {
      readonly kind: "deferred";
      readonly recipientId: string;
      readonly nextAttemptAt: Date;
      readonly reply?: Reply;
      /** The end of the message was sent and nothing came back: the recipient stays marked so. */
      readonly uncertain?: true;
      /** False where no attempt was made (destination busy): it does not count, and changes nothing of what is uncertain. */
      readonly counted: boolean;
      readonly event?: AuditDraft;
      /** The sender is told that it takes longer. */
      readonly report?: SettlementReport;
    }
  | {
      readonly kind: "failed" | "expired" | "dropped";
      readonly recipientId: string;
      readonly reply?: Reply;
      readonly event: AuditDraft;
      /** A hard bounce that teaches the ledger. */
      readonly suppress?: { readonly target: Address; readonly suppression: Suppression };
      /** The delivery report to the client's MAIL FROM, queued in the same commit. */
      readonly report?: SettlementReport;
    };

export interface QueueEntry {
  readonly id: string;
  readonly messageId: string;
  readonly recipient?: string;
  readonly destination: Domain;
  readonly stream: string;
  readonly sender: string;
  readonly state: RecipientState;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lastReply: string | null;
  readonly receivedAt: Date;
}

/** Where a recipient under way stands: what each attempt and each act changes. */
export type EntryStanding = Pick<QueueEntry, "state" | "attempts" | "nextAttemptAt">;

export interface HeldEntry {
  readonly id: string;
  readonly messageId: string;
  readonly stream: string;
  readonly sender: string;
  readonly reason: Reason;
  readonly detail: string;
  readonly findings: readonly Finding[];
  readonly recipients: number;
  readonly heldAt: Date;
}

export interface QueueFilter {
  readonly messageId?: string;
  readonly states?: readonly RecipientState[];
  readonly stream?: string;
  readonly sender?: string;
  readonly destination?: Domain;
  readonly cursor?: string;
  readonly limit: number;
}

export type Change = "retry" | "hold" | "release" | "drop";

/** A process that shares the queue. One that lives has another `beat` each minute, whatever its clock says. */
export interface NodeBeat {
  readonly name: string;
  readonly beat: number;
}

/** Who keeps the recipients of a new message for an attempt at once: they are leased from their first commit on. */
export interface Claim {
  readonly owner: string;
  readonly leaseUntil: Date;
}

export interface QueueStore {
  /**
   * Stores message and recipients durably, or tells that the same fingerprint was accepted before, or that a recipient
   * of a request for consent was asked before. An earlier one that ended without reaching anybody (rejected, dropped,
   * failed, expired) is no hindrance, but for notifications. "known-in-part" where only some of the recipients'
   * fingerprints are known: the caller leaves these out (`known`).
   * With a claim the recipients are leased, unless the message is held, and its content stays the caller's.
   * Throws StorageUnavailable; nothing is then stored.
   */
  readonly accept: (
    message: NewMessage,
    recipients: readonly NewRecipient[],
    events: readonly AuditDraft[],
    claim?: Claim,
  ) => Promise<
    | { readonly kind: "stored" }
    | ({ readonly kind: "duplicate" } & KnownMessage)
    | { readonly kind: "known-in-part" }
    | { readonly kind: "already-asked" }
  >;
  /** Of each fingerprint, whether `accept` would know it of a message received at `at`. */
  readonly known: (fingerprints: readonly string[], at: Date) => Promise<readonly boolean[]>;

  /**
   * Hands out due recipients, oldest first but fairly over destinations, at most `limit`, none of a destination or
   * stream in `except`. They stay leased until settled or until `leaseUntil` passes.
   */
  readonly lease: (request: {
    readonly owner: string;
    readonly now: Date;
    readonly leaseUntil: Date;
    readonly limit: number;
    readonly except?: {
      readonly destinations?: readonly Domain[];
      readonly streams?: readonly string[];
      readonly senders?: readonly string[];
    };
    /** At most this many of one destination in one call. */
    readonly perDestination?: number;
  }) => Promise<readonly Lease[]>;
  /** These alone, where they wait: whatever else waits before them, and whatever their destination waits for. */
  readonly leaseThese: (request: {
    readonly owner: string;
    readonly now: Date;
    readonly leaseUntil: Date;
    readonly ids: readonly string[];
  }) => Promise<readonly Lease[]>;
  /** When the next waiting recipient is due; undefined where none waits. */
  readonly nextDue: () => Promise<Date | undefined>;

  /** The stored content, a copy of the caller's own; undefined once its last recipient was settled. */
  readonly content: (messageId: string) => Promise<Buffer | undefined>;

  /**
   * Notes that the attempt of a recipient whose lease once ended with its process begins now: should this one end so too,
   * that is told from a lease that only waited for its turn.
   */
  readonly begin: (owner: string, recipientId: string) => Promise<void>;

  /** Records outcomes. A recipient that is no longer leased by `owner` is left alone and named in the answer. */
  readonly settle: (
    owner: string,
    settlements: readonly Settlement[],
  ) => Promise<{ readonly lost: readonly string[] }>;

  /**
   * Notes that `owner` lives, and tells of all that have within a day. To be called before its first lease and every minute.
   */
  readonly beat: (owner: string, now: Date) => Promise<readonly NodeBeat[]>;
  /**
   * Gives back what `owner`, any owner whose lease ended before `endedBefore` (absent: `now`), or one of `silent` had leased;
   * counted as uncertain attempts, since nobody knows which of them were in flight. What was given back so for the third
   * time in a row is paused until a person releases it: it may be what ends processes. From the second time on only what
   * was begun (`begin`) is counted.
   */
  readonly recover: (request: {
    readonly owner: string;
    readonly now: Date;
    readonly retryAt: Date;
    readonly silent?: readonly string[];
    readonly endedBefore?: Date;
  }) => Promise<{ readonly recovered: number; readonly quarantined?: number }>;

  readonly list: (filter: QueueFilter) => Promise<Page<QueueEntry>>;
  /**
   * retry: due now · hold: paused until release · drop: final, with a Dropped event. Resolves to the ids changed.
   * `was`: of one recipient, only where it still stands as it did then.
   */
  readonly change: (
    ids: readonly string[],
    change: Change,
    act: { readonly actor: string; readonly reason?: string; readonly at: Date },
    was?: EntryStanding,
  ) => Promise<readonly string[]>;

  readonly heldList: (filter: {
    readonly stream?: string;
    readonly cursor?: string;
    readonly limit: number;
  }) => Promise<Page<HeldEntry>>;
  readonly heldShow: (
    id: string,
  ) => Promise<(HeldEntry & { readonly content: Buffer }) | undefined>;
  /** Releases or rejects a held message; false where it is not held (any more). */
  readonly heldDecide: (
    id: string,
    verdict: "release" | "reject",
    act: { readonly actor: string; readonly reason?: string; readonly at: Date },
  ) => Promise<boolean>;

  /** Recipients by state; bytes of content kept. */
  readonly counts: () => Promise<{
    readonly states: Readonly<Record<RecipientState, number>>;
    readonly contentBytes: number;
  }>;
}
