// The ledger's seam: what intake, delivery, feedback and administrators ask of it. Each method is one transaction, and
// whatever it changes commits together with its audit events.
import type { Address } from "../mail/address.ts";
import type { Domain } from "../mail/domain.ts";
import type { AddressIndex } from "./address-index.ts";
import type { ConsentEvent, Evidence, RecordedConsentEvent } from "./event.ts";
import type { Standing } from "./standing.ts";
import type { Suppression, SuppressionKind, SuppressionScope } from "./suppression.ts";

/** What is known of one recipient for one stream, read in one go. */
export interface RecipientRecord {
  readonly standing: Standing;
  /** Those that apply to this sender and stream now; of the address and of its domain. */
  readonly suppressions: readonly Suppression[];
}

export interface RecordQuery {
  readonly subject: AddressIndex;
  /** Index of the recipient's domain. */
  readonly domain: AddressIndex;
  readonly sender: string;
  readonly stream: string;
  readonly topic: string;
  readonly now: Date;
}

/** A suppression with its subject in readable form; undefined once the person was erased. */
export interface ListedSuppression extends Suppression {
  readonly address?: string;
}

/** One page of a list: `next` is an opaque cursor, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface SuppressionFilter {
  readonly subject?: AddressIndex;
  readonly kind?: SuppressionKind;
  readonly scope?: SuppressionScope;
  readonly cursor?: string;
  readonly limit: number;
}

export interface ConsentFilter {
  readonly sender?: string;
  readonly cursor?: string;
  readonly limit: number;
}

/** Who asks for a removal, and why: the audit event carries both. */
export interface Act {
  readonly actor: string;
  readonly reason?: string;
}

/** What `recordConsents` takes: the event, and the address to seal in the person's record if it is not yet known. */
export interface NewConsent {
  readonly address: Address;
  readonly event: ConsentEvent;
}

/** The one request for consent that a person got of a sender. `evidence` is empty once the person was erased. */
export interface ConsentRequest {
  readonly messageId: string;
  readonly topic: string;
  readonly at: Date;
  readonly evidence: Evidence;
}

export interface Ledger {
  /** The question asked at RCPT and again before each attempt. Throws StorageUnavailable where it cannot be answered. */
  readonly lookUp: (query: RecordQuery) => Promise<RecipientRecord>;

  /** All or none. Idempotent: an event equal to a stored one (subject, sender, topic, kind, at) is not stored again. */
  readonly recordConsents: (
    consents: readonly NewConsent[],
  ) => Promise<{ readonly recorded: number }>;
  readonly events: (subject: AddressIndex) => Promise<readonly RecordedConsentEvent[]>;
  /** Consent events with addresses, oldest first, for export. */
  readonly listConsents: (
    filter: ConsentFilter,
  ) => Promise<Page<RecordedConsentEvent & { readonly address?: string }>>;

  /** Undefined where none was ever sent; it is noted where the mail is accepted: queue/store.ts. */
  readonly consentRequest: (
    subject: AddressIndex,
    sender: string,
  ) => Promise<ConsentRequest | undefined>;

  /** A suppression of the same subject, kind and scope is replaced. `target` is the address or domain to seal. */
  readonly suppress: (
    entries: readonly { readonly target: Address | Domain; readonly suppression: Suppression }[],
  ) => Promise<void>;
  /** Removes every kind in this scope; resolves to what was removed. */
  readonly unsuppress: (
    subject: AddressIndex,
    scope: SuppressionScope,
    act: Act,
  ) => Promise<readonly Suppression[]>;
  readonly listSuppressions: (filter: SuppressionFilter) => Promise<Page<ListedSuppression>>;

  /** The readable address behind an index; undefined where unknown or erased. */
  readonly addressOf: (subject: AddressIndex) => Promise<string | undefined>;
  /** Deletes the person's sealed record: no readable trace remains, suppressions and the chain stay. */
  readonly erase: (subject: AddressIndex, act: Act) => Promise<{ readonly erased: boolean }>;
}
