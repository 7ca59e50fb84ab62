// The seam behind which people and their sessions are kept. Each method is one transaction with its audit event.
import type { Session } from "./session.ts";
import type { Act } from "./store.ts";
import type { User, UserChange } from "./user.ts";

export type UserSaved = "saved" | "exists" | "changed" | "last-administrator";

export interface UserStore {
  readonly find: (id: string) => Promise<User | undefined>;
  /** `index`: 32 hexadecimal digits of the address's keyed index. */
  readonly findByEmail: (index: string) => Promise<User | undefined>;
  /** Who is bound to this subject of this single sign-on provider. */
  readonly findBySubject: (issuer: string, subject: string) => Promise<User | undefined>;
  readonly list: () => Promise<readonly User[]>;
  /**
   * Creates or replaces; the audit event tells what was before and after. "exists" where another user has the address.
   * A change of password, a reset or a disabling ends every session of theirs but `keep`, in the same commit.
   * `was`: what `user` was made from; "changed" where it is not that any more (last use aside), and nothing is done.
   * "last-administrator" where a disabling or other roles would leave nobody who may let people in.
   */
  readonly save: (
    user: User,
    change: UserChange,
    act: Act,
    keep?: string,
    was?: User,
  ) => Promise<UserSaved>;
  /** Spends a TOTP step: false where it, or a later one, was spent before. */
  readonly spendStep: (id: string, step: number) => Promise<boolean>;
  /** Spends a recovery code: false where it is none (any more). */
  readonly spendRecovery: (id: string, hash: string, act: Act) => Promise<boolean>;
  /** Best effort, at most once a minute: not an audit event. */
  readonly touch: (id: string, at: Date) => Promise<void>;
}

export interface SessionStore {
  readonly find: (hash: string) => Promise<Session | undefined>;
  readonly ofUser: (user: string) => Promise<readonly Session[]>;
  /**
   * Begins it, with a Login event; beyond `max` of one user the oldest end. Resolves to the user's other sessions that
   * began in another network and have not ended: where there are any, an Alarm event is in the same commit.
   */
  readonly begin: (
    session: Session,
    max: number,
    act: Act,
    method: string,
  ) => Promise<readonly Session[]>;
  /** Notes activity, at most once a minute. */
  readonly seen: (hash: string, at: Date) => Promise<void>;
  /** Notes a fresh proof. */
  readonly proved: (hash: string, at: Date, act: Act) => Promise<void>;
  readonly end: (hash: string, act: Act) => Promise<void>;
  /** Ends those that began or were last seen before these times. */
  readonly sweep: (createdBefore: Date, seenBefore: Date) => Promise<void>;
}
