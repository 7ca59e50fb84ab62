// A person who administers: who they are, what they may do, and how they prove it.

export interface User {
  readonly id: string;
  /** What they log in with; kept sealed. */
  readonly email: string;
  /** Keyed index of the address: 32 hexadecimal digits. */
  readonly emailIndex: string;
  readonly roles: readonly string[];
  /** Senders they are limited to; empty: all. */
  readonly senders: readonly string[];
  readonly createdAt: Date;
  readonly disabledAt?: Date;
  /** About when they were last active. */
  readonly lastUsedAt?: Date;
  /** Absent for people who come by single sign-on only. */
  readonly password?: {
    /** In the form of password-hash.ts. */
    readonly hash: string;
    readonly setAt: Date;
    /** It was given out by somebody else, and must be changed before anything else. */
    readonly initial: boolean;
    /** An initial password is good until then. */
    readonly expiresAt?: Date;
  };
  /** The subject at the single sign-on provider, once seen. */
  readonly oidcSubject?: string;
  /** Whose subject that is; absent where a release before this field saved it. */
  readonly oidcIssuer?: string;
  /** Base32; kept sealed. `confirmed` once a first code was right. */
  readonly totp?: { readonly secret: string; readonly confirmed: boolean };
  /** Hashes of the recovery codes not used yet. */
  readonly recovery: readonly string[];
  /** May decide approvals that another was asked for, until `until`. */
  readonly deputyOf: readonly { readonly user: string; readonly until: Date }[];
}

export type UserChange =
  | "create"
  | "disable"
  | "enable"
  | "reset"
  | "roles"
  | "deputy"
  | "password"
  | "totp-enrol"
  | "totp-confirm"
  | "totp-remove"
  | "recovery-codes"
  | "single-sign-on";

/** How the audit log names them. */
export function userActor(id: string): string {
  return `user:${id}`;
}

/** Whether they have a confirmed second factor. */
export function hasSecondFactor(user: User): boolean {
  return user.totp?.confirmed === true;
}
