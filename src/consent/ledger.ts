// The ledger's seam: what intake, delivery, feedback and administrators ask of it. Each method is one transaction, and
// whatever it changes commits together with its audit events.
import type { Address } from "../mail/address.ts";
import type { Domain } from "../mail/domain.ts";
import type { AddressIndex } from "./address-index.ts";
import type { ConsentEvent, Evidence, RecordedConsentEvent } from "./event.ts";
import type { MaxAges, Standing } from "./standing.ts";
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
  /** The sender's; absent: none. */
  readonly maxAges?: MaxAges | undefined;
  readonly now: Date;
}

/** A suppression with its subject in readable form; undefined once the person was erased. */
export interface ListedSuppression extends Suppression {
  readonly address?: string;
}

/** `address` is undefined once the person was erased. */
export type RecordedStop = Extract<
  RecordedConsentEvent,
  { readonly kind: "withdrawn" | "paused" }
> & { readonly address?: string };

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

/**
 * What `recordConsents` takes: the event, and the address to seal in the person's record if it is not yet known, after an
 * erasure too. Absent: recorded by index alone.
 */
export interface NewConsent {
  readonly address?: Address;
  readonly event: ConsentEvent;
  /**
   * A stop that is dated by this gateway's clock as it arrives: no own act of the person's that is on record by then may
   * outlast it, though clocks differ and one is dated a little ahead. Its time is then that act's. A stop that others
   * dated keeps its time.
   */
  readonly atOnce?: boolean;
}

/** The one request for consent that a person got of a sender. `evidence` is empty once the person was erased. */
export interface ConsentRequest {
  readonly messageId: string;
  readonly topic: string;
  readonly at: Date;
  readonly evidence: Evidence;
  /** Of one who had been erased before: a confirmation then admits the person again. */
  readonly address?: string;
}

/** All suppressions of these subjects, in the order of the listing, without readable addresses. */
export interface SuppressionsSeen {
  readonly subjects: readonly AddressIndex[];
  readonly listed: readonly Suppression[];
}

/** Consents of one table, packed one by one while the table is judged, and stored in chunks once it was. */
export interface ConsentImport {
  /** Octets that only `store` understands, valid until the next call; the first 16 are the subject. */
  readonly pack: (consent: NewConsent) => Uint8Array;
  /** As `recordConsents`, but in several transactions, each so short that other writers hardly wait. In the order of keys. */
  readonly store: (rows: readonly Uint8Array[]) => Promise<{ readonly recorded: number }>;
}

export interface Ledger {
  /** The question asked at RCPT and again before each attempt. Throws StorageUnavailable where it cannot be answered. */
  readonly lookUp: (query: RecordQuery) => Promise<RecipientRecord>;

  /**
   * All or none. Idempotent: an event equal to a stored one is not stored again. Equal are those of the same person, sender,
   * topic, kind, time, basis, own act and end: all that a standing depends on, whatever the evidence.
   */
  readonly recordConsents: (
    consents: readonly NewConsent[],
  ) => Promise<{ readonly recorded: number }>;
  /** For tables of any size. */
  readonly importConsents: () => ConsentImport;
  readonly events: (subject: AddressIndex) => Promise<readonly RecordedConsentEvent[]>;
  /** Withdrawals and pauses among the consents that this audit event recorded. */
  readonly stopsOf: (auditSequence: number) => AsyncIterable<RecordedStop>;
  /** Consent events with addresses, oldest first, for export. */
  readonly listConsents: (
    filter: ConsentFilter,
  ) => Promise<Page<RecordedConsentEvent & { readonly address?: string }>>;

  /** Undefined where none was ever sent; it is noted where the mail is accepted: queue/store.ts. */
  readonly consentRequest: (
    subject: AddressIndex,
    sender: string,
  ) => Promise<ConsentRequest | undefined>;

  /**
   * A suppression of the same subject, kind and scope is replaced, but by none that ends sooner: only `unsuppress` shortens.
   * `onlyLonger`: nor by one that ends with it, as an import wishes. `target` is the address or domain to seal;
   * without one it is recorded by index alone. Resolves to how many were stored.
   */
  readonly suppress: (
    entries: readonly { readonly target?: Address | Domain; readonly suppression: Suppression }[],
    wish?: { readonly onlyLonger?: boolean },
  ) => Promise<{ readonly recorded: number }>;
  /**
   * Removes every kind in this scope; resolves to what was removed. `was`: only while these are the suppressions of their
   * subjects, all scopes taken together.
   */
  readonly unsuppress: (
    subject: AddressIndex,
    scope: SuppressionScope,
    act: Act,
    was?: SuppressionsSeen,
  ) => Promise<readonly Suppression[]>;
  readonly listSuppressions: (filter: SuppressionFilter) => Promise<Page<ListedSuppression>>;

  /** The readable address behind an index; undefined where unknown or erased. */
  readonly addressOf: (subject: AddressIndex) => Promise<string | undefined>;
  /** Deletes the person's sealed record: no readable trace remains, suppressions and the chain stay. */
  readonly erase: (subject: AddressIndex, act: Act) => Promise<{ readonly erased: boolean }>;
}
