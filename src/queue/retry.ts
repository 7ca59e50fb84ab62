// When a deferred recipient is tried again: the operator's schedule with jitter, until the message is too old. Pure.

export interface RetryPlan {
  /** Delay before attempt 2, 3 …; the last one repeats. Seconds. RFC 5321 §4.5.4.1 asks for 30 minutes in the long run. */
  readonly scheduleSeconds: readonly number[];
  /** From reception; RFC 5321 §4.5.4.1 asks for 4–5 days at least. */
  readonly maxAgeSeconds: number;
}

const jitterShare = 0.1; // ±10 %: what failed together is not retried together

/**
 * The time of the next attempt, the last one at the message's deadline; undefined: give up. `random` is in [0, 1).
 * `attempts` counts those made so far, from 1.
 */
export function nextAttempt(
  plan: RetryPlan,
  facts: {
    readonly attempts: number;
    readonly receivedAt: Date;
    readonly now: Date;
    readonly random: number;
  },
): Date | undefined {
  const position = Math.min(Math.max(facts.attempts, 1), plan.scheduleSeconds.length) - 1;
  const delay = plan.scheduleSeconds[position] ?? 900;
  const jittered = delay * (1 + jitterShare * (2 * facts.random - 1));
  const next = new Date(facts.now.getTime() + jittered * 1000);
  const deadline = facts.receivedAt.getTime() + plan.maxAgeSeconds * 1000;
  if (next.getTime() <= deadline) return next;
  return facts.now.getTime() < deadline ? new Date(deadline) : undefined;
}
