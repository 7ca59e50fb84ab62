// Who calls the HTTP API, however they proved it: what they may do, for which senders, and whether addresses are masked.
import type { Token } from "./token.ts";

export interface Caller {
  /** For the audit log: `token:ID`, `user:ID`. */
  readonly actor: string;
  /** The person behind it: the user, or the one who made the token. undefined: made at the gateway's own command line. */
  readonly person?: string;
  /** `*` or `<route noun>:read|write`. */
  readonly scopes: readonly string[];
  /** Senders it is limited to; empty: all. */
  readonly senders: readonly string[];
  /** Mail addresses are shown as `t***@example.jp`. */
  readonly masked: boolean;
  /** Of a token: what it makes ends with it. */
  readonly token?: Pick<Token, "id" | "expiresAt">;
  /** People whose right to decide approvals they hold for now, without having it themselves. */
  readonly deputyFor?: readonly Represented[];
  /** Only for a person at a browser. */
  readonly session?: {
    /** Of the session's secret, as stored. */
    readonly hash: string;
    readonly user: string;
    /** The last time that the person proved who they are, by password or single sign-on. */
    readonly provedAt: Date;
    /** What must be done before anything else is allowed. */
    readonly due?: DueStep;
  };
}

/** Somebody in whose place another decides, and no further than they could. */
export interface Represented {
  /** `user:ID`. */
  readonly person: string;
  /** Senders they are limited to; empty: all. */
  readonly senders: readonly string[];
}

export type DueStep = "change-password" | "enrol-totp";

/** Whether this caller may touch what belongs to `sender`. */
export function reaches(caller: Pick<Caller, "senders">, sender: string): boolean {
  return caller.senders.length === 0 || caller.senders.includes(sender);
}
