// Logging in: name, password, second factor, slowed down when it fails, with the same words and time for every kind of no.
import type { AuditLog } from "../audit/log.ts";
import { loginEvent } from "../audit/from-people.ts";
import { verifyPassword } from "./password-hash.ts";
import type { SessionStore, UserStore } from "./people-store.ts";
import { recoveryHash } from "./recovery-code.ts";
import { createSession, sessionsOfOneUserMax, type Session } from "./session.ts";
import { createThrottle, httpLogins } from "./throttle.ts";
import { totpStep } from "./totp.ts";
import { hasSecondFactor, userActor, type User } from "./user.ts";

const atOnceMax = 3; // proofs under way of one address or one name: guesses in parallel gain nothing

export interface Proof {
  /** Keyed index of the address that was typed. */
  readonly emailIndex: string;
  readonly password: string;
  /** A code of the authenticator, or a recovery code. */
  readonly code?: string;
  readonly remote: string;
}

export type ProofResult =
  | { readonly kind: "proved"; readonly user: User; readonly method: string }
  /** Name and password are right, and this person has a second factor. */
  | { readonly kind: "code-needed" }
  /** Unknown, wrong, disabled, expired: not told apart. */
  | { readonly kind: "refused" }
  | { readonly kind: "wait"; readonly seconds: number };

export interface Begun {
  /** For the cookie. */
  readonly secret: string;
  /** Sessions of the same person that are under way in another network. */
  readonly elsewhere: readonly Session[];
}

export interface Door {
  /** Checks who somebody is; begins nothing. Rejects with PasswordsBusy, and where storage fails. */
  readonly prove: (proof: Proof) => Promise<ProofResult>;
  /** A new session, whatever cookie came with the request. `provedAt`: when they proved who they are, if not now. */
  readonly begin: (user: User, method: string, remote: string, provedAt?: Date) => Promise<Begun>;
}

export interface DoorParts {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly audit: Pick<AuditLog, "append">;
  readonly clock: () => Date;
}

export function createDoor(parts: DoorParts): Door {
  const throttle = createThrottle(httpLogins);
  const underWay = new Map<string, number>();
  return {
    prove: async (proof) => {
      const now = parts.clock();
      const attempt = { address: proof.remote, username: proof.emailIndex, now };
      const pace = throttle.check(attempt);
      if (pace.kind === "wait") return pace;
      const names = [`address ${proof.remote}`, `name ${proof.emailIndex}`];
      if (names.some((name) => (underWay.get(name) ?? 0) >= atOnceMax))
        return { kind: "wait", seconds: 1 };
      for (const name of names) underWay.set(name, (underWay.get(name) ?? 0) + 1);
      try {
        const result = await check(parts, proof, now);
        if (result.kind === "refused") throttle.failed(attempt);
        if (result.kind === "proved") throttle.succeeded(attempt);
        return result;
      } finally {
        for (const name of names) {
          const left = (underWay.get(name) ?? 1) - 1;
          if (left === 0) underWay.delete(name);
          else underWay.set(name, left);
        }
      }
    },
    begin: async (user, method, remote, provedAt) => {
      const at = parts.clock();
      const { session: begun, secret } = createSession(user.id, remote, at);
      const session = {
        ...begun,
        provedAt: provedAt !== undefined && provedAt < at ? provedAt : at,
      };
      const act = { actor: userActor(user.id), at, from: remote };
      const elsewhere = await parts.sessions.begin(session, sessionsOfOneUserMax, act, method);
      return { secret, elsewhere };
    },
  };
}

async function check(parts: DoorParts, proof: Proof, now: Date): Promise<ProofResult> {
  const user = await parts.users.findByEmail(proof.emailIndex);
  const right = await verifyPassword(user?.password?.hash, proof.password);
  const expiresAt = user?.password?.expiresAt;
  const usable =
    user !== undefined &&
    user.disabledAt === undefined &&
    (expiresAt === undefined || expiresAt > now);
  if (!right || !usable) {
    await noteRefusal(parts, user, proof, now);
    return { kind: "refused" };
  }
  if (!hasSecondFactor(user)) return { kind: "proved", user, method: "password" };
  if (proof.code === undefined || proof.code === "") return { kind: "code-needed" };
  const method = await secondFactor(parts, user, proof.code, { remote: proof.remote, now });
  if (method === undefined) {
    await noteRefusal(parts, user, proof, now);
    return { kind: "refused" };
  }
  return { kind: "proved", user, method: `password+${method}` };
}

/** Spends the code; undefined where it is not good (any more). */
async function secondFactor(
  parts: DoorParts,
  user: User,
  code: string,
  where: { readonly remote: string; readonly now: Date },
): Promise<"totp" | "recovery-code" | undefined> {
  const step = user.totp === undefined ? undefined : totpStep(user.totp.secret, code, where.now);
  if (step !== undefined) return (await parts.users.spendStep(user.id, step)) ? "totp" : undefined;
  const act = { actor: userActor(user.id), at: where.now, from: where.remote };
  return (await parts.users.spendRecovery(user.id, recoveryHash(code), act))
    ? "recovery-code"
    : undefined;
}

/** An unknown name may be a password typed into the wrong field: it is kept nowhere. */
async function noteRefusal(
  parts: DoorParts,
  user: User | undefined,
  proof: Proof,
  at: Date,
): Promise<void> {
  const actor = user === undefined ? "nobody" : userActor(user.id);
  const named = user === undefined ? {} : { user: user.id };
  await parts.audit.append([loginEvent("refused", { actor, at, from: proof.remote }, named)]);
}
