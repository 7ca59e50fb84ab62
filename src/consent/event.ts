// What can happen to the consent of one person towards one sender and topic: append-only events (law.md JP-05…18).
import type { AddressIndex } from "./address-index.ts";

/** Why mail may be sent (特定電子メール法 3条1項; law.md JP-05, JP-07, JP-08, JP-10, JP-11, JP-16). */
export const bases = [
  "consent",
  "written_notice",
  "any_notice",
  "relationship",
  "published_address",
  "contract",
] as const;
export type Basis = (typeof bases)[number];

/**
 * What the ledger keeps as proof. `more`, a single record's source in words, and whatever holds the address are sealed
 * with the person's record; other texts are shared by many rows and outlive an erasure: docs/consent.md.
 */
export interface Evidence {
  /** How it was given: web-form, double-opt-in, paper, phone, import … */
  readonly method?: string;
  /** Where: URL, event, file. */
  readonly source?: string;
  /** The words that the person saw. */
  readonly wording?: string;
  readonly policyVersion?: string;
  /** Anything else, column name → value; unknown columns of an import are kept here. */
  readonly more?: Readonly<Record<string, string>>;
}

/** The method of the withdrawals that an erasure leaves behind. */
export const erasureMethod = "erasure";

interface Common {
  readonly subject: AddressIndex;
  readonly sender: string;
  /** When it took effect in the world; imports may lie in the past. */
  readonly at: Date;
  readonly evidence: Evidence;
  /** Who recorded it: `cli:root`, `token:ID`, `recipient`, `import:FILE-DIGEST`. */
  readonly actor: string;
  /** The message whose return or link brought it about, so that `log trace` shows it there. */
  readonly messageId?: string;
}

/**
 * granted: mail may be sent for `topic` on `basis` · withdrawn: the person said stop (`topic` null: every topic of the
 * sender) · paused: stop until a date (規則5条) · expired: set by retention or a rule. A person's own act is `byPerson`:
 * only such a grant lifts a withdrawal (law.md JP-18); an import never does.
 */
export type ConsentEvent =
  | (Common & {
      readonly kind: "granted";
      readonly topic: string;
      readonly basis: Basis;
      readonly byPerson: boolean;
      readonly expiresAt?: Date;
    })
  | (Common & { readonly kind: "withdrawn"; readonly topic: string | null })
  | (Common & { readonly kind: "paused"; readonly topic: string | null; readonly until: Date })
  | (Common & { readonly kind: "expired"; readonly topic: string });

/** An event as stored: `id` sorts in the order of recording. */
export type RecordedConsentEvent = ConsentEvent & {
  readonly id: string;
  readonly recordedAt: Date;
  /** The audit event that recorded it. */
  readonly auditSequence: number;
};
