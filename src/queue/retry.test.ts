// When mail is tried again, and when no more.
import { expect, test } from "vitest";

import { nextAttempt, type RetryPlan } from "./retry.ts";

const receivedAt = new Date("2026-11-01T00:00:00Z");
const at = (seconds: number): Date => new Date(receivedAt.getTime() + seconds * 1000);
const plan: RetryPlan = { scheduleSeconds: [60, 600, 3600], maxAgeSeconds: 7200 };
const next = (attempts: number, now: number, random = 0.5): Date | undefined =>
  nextAttempt(plan, { attempts, receivedAt, now: at(now), random });

test.each([
  [1, 0, 60],
  [2, 60, 660],
  [3, 660, 4260],
])("behind attempt %i at %i s it is due at %i s", (attempts, now, due) => {
  expect(next(attempts, now)).toEqual(at(due));
});

test("what failed together is not tried again together", () => {
  expect([next(1, 0, 0), next(1, 0, 0.999)]).toEqual([at(54), at(65.988)]);
});

test("the last attempt is at the message's deadline, not a whole step before it", () => {
  expect(next(3, 4260)).toEqual(at(7200));
  expect(next(9, 7199)).toEqual(at(7200));
});

test.each([7200, 7201, 90_000])("at %i s it is given up", (now) => {
  expect(next(4, now)).toBeUndefined();
});

test("an age shorter than the first step still gets its second attempt", () => {
  const short = { scheduleSeconds: [900], maxAgeSeconds: 60 };
  expect(nextAttempt(short, { attempts: 1, receivedAt, now: at(1), random: 0.5 })).toEqual(at(60));
});
