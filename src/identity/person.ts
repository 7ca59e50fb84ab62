// Makes and changes people: each answer is a new value to save. A password made for somebody is in it once.
import { randomId } from "./issue.ts";
import { hashPassword } from "./password-hash.ts";
import type { User } from "./user.ts";

const initialLetters = 20; // 100 random bits, in four groups
const initialDays = 7; // an initial password that nobody used is good no longer

export interface UserPlan {
  readonly email: string;
  readonly emailIndex: string;
  readonly roles: readonly string[];
  readonly senders: readonly string[];
  readonly now: Date;
}

/** A user with a password that must be changed at the first login. */
export async function createUser(
  plan: UserPlan,
): Promise<{ readonly user: User; readonly password: string }> {
  const made = await initialPassword(plan.now);
  return { user: { ...newUser(plan), password: made.stored }, password: made.password };
}

/** A user without a password: who comes by single sign-on. */
export function newUser({ now, ...plan }: UserPlan): User {
  return { ...plan, id: randomId(10), createdAt: now, recovery: [], deputyOf: [] };
}

/** A new initial password; second factor, recovery codes and the subject at a provider go, for whoever has others now. */
export async function resetUser(
  user: User,
  now: Date,
): Promise<{ readonly user: User; readonly password: string }> {
  const made = await initialPassword(now);
  const { totp: _totp, oidcSubject: _subject, oidcIssuer: _issuer, ...rest } = user;
  return { user: { ...rest, recovery: [], password: made.stored }, password: made.password };
}

/** With a password of their own choosing, which was found good before. */
export async function withPassword(user: User, password: string, now: Date): Promise<User> {
  const hash = await hashPassword(password);
  return { ...user, password: { hash, setAt: now, initial: false } };
}

async function initialPassword(
  now: Date,
): Promise<{ readonly password: string; readonly stored: NonNullable<User["password"]> }> {
  const password = (randomId(initialLetters).match(/.{5}/g) ?? []).join("-");
  return {
    password,
    stored: {
      hash: await hashPassword(password),
      setAt: now,
      initial: true,
      expiresAt: new Date(now.getTime() + initialDays * 86_400_000),
    },
  };
}
