// What changes of each thing depend on: all of it that an act changes, without when it was last used.
import type { ListedSuppression } from "../consent/ledger.ts";
import type { Suppression } from "../consent/suppression.ts";
import type { KeyInfo } from "../dkim/key.ts";
import type { Credential } from "../identity/credential.ts";
import type { Token } from "../identity/token.ts";
import type { User } from "../identity/user.ts";
import type { Approval } from "../queue/approval.ts";
import type { Freeze, Pause } from "../queue/freeze.ts";
import type { HeldEntry, QueueEntry } from "../queue/store.ts";

export function userState(user: User): unknown {
  const { lastUsedAt: _lastUsedAt, password, totp, recovery, ...facts } = user;
  // Tags are hashes, and go to whoever may read the list: no secret is in them.
  const confirmed = totp?.confirmed ?? null;
  const { setAt = null, initial = null } = password ?? {};
  return { ...sorted(facts), setAt, initial, confirmed, recovery: recovery.length };
}

export function tokenState(token: Token): unknown {
  const { lastUsedAt: _lastUsedAt, hash: _hash, ...facts } = token;
  return sorted(facts);
}

export function credentialState(credential: Credential): unknown {
  const { lastUsedAt: _lastUsedAt, secrets, ...facts } = credential;
  // Hashes of 128 random bits: a rotation must show, and nobody learns a secret from them.
  return { ...sorted(facts), secrets: secrets.map(({ hash, expiresAt }) => [hash, expiresAt]) };
}

export function keyState({ domain, selector, state, since }: KeyInfo): unknown {
  return [domain, selector, state, since];
}

export function heldState(entry: HeldEntry): unknown {
  const { id, reason, detail, recipients, heldAt } = entry;
  return [id, reason, detail, recipients, heldAt];
}

export function queueState({ id, state, attempts, nextAttemptAt }: QueueEntry): unknown {
  return [id, state, attempts, nextAttemptAt];
}

export function approvalState({ id, state, askedBy, recipients }: Approval): unknown {
  return [id, state, askedBy, recipients];
}

export function stopState({ kind, name, reason, actor, at }: Freeze | Pause): unknown {
  return [kind, name, reason, actor, at];
}

export function suppressionState(listed: readonly Suppression[]): unknown {
  return listed.map((each) => sorted(withoutAddress(each)));
}

export function withoutAddress(entry: ListedSuppression): Suppression {
  const { address: _address, ...suppression } = entry;
  return suppression;
}

/** Stores give the same facts, not always in the same order. */
function sorted(facts: object): object {
  return Object.fromEntries(
    Object.entries(facts).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
}
