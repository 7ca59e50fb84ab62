// The audit log's seam: append happens inside the stores' transactions; here are reading and proof.
import type { AddressIndex } from "../consent/address-index.ts";
import type { Page } from "../consent/ledger.ts";
import type { AuditDraft, AuditEvent, EventType } from "./event.ts";

export interface AuditFilter {
  readonly types?: readonly EventType[];
  readonly messageId?: string;
  /** Of one copy; give its `messageId` too, which has the index. */
  readonly recipientId?: string;
  readonly subject?: AddressIndex;
  readonly stream?: string;
  readonly sender?: string;
  readonly since?: Date;
  readonly until?: Date;
  /** Default oldest first. */
  readonly newestFirst?: boolean;
  readonly cursor?: string;
  readonly limit: number;
}

export type Verification =
  | { readonly kind: "intact"; readonly events: number; readonly heads: readonly ChainHead[] }
  | {
      readonly kind: "broken";
      readonly chain: string;
      readonly sequence: number;
      /** What is wrong, in words: changed, missing, out of order. */
      readonly problem: string;
    };

export interface ChainHead {
  readonly chain: string;
  readonly sequence: number;
  /** Hexadecimal SHA-256. */
  readonly hash: string;
  /** Made by the gateway's own key, so that a head kept elsewhere can be told from an invented one. */
  readonly signature?: string;
}

export interface AuditLog {
  /** For acts that change nothing else: refusals, logins, reads of personal data. Durable on return. */
  readonly append: (events: readonly AuditDraft[]) => Promise<void>;
  readonly search: (filter: AuditFilter) => Promise<Page<AuditEvent>>;
  /** Recomputes every link; `heads` kept elsewhere show a cut tail. */
  readonly verify: (expected?: readonly ChainHead[]) => Promise<Verification>;
  /** The hashes of these events, signed like heads; those that are not there are left out. */
  readonly proofs: (sequences: readonly number[]) => Promise<readonly ChainHead[]>;
  /** Events of each type since the store was opened or made, for metrics. */
  readonly counts: () => Promise<Readonly<Partial<Record<EventType, number>>>>;
}
