// Standing: what must hold for any history.
import fc from "fast-check";
import { expect, test } from "vitest";

import { at, expire, grant, pause, withdraw } from "../../test/support/consent-events.ts";
import { bases, type ConsentEvent } from "./event.ts";
import { shown, standing } from "./standing.ts";

const day = fc.integer({ min: 0, max: 12 });
const topic = fc.constantFrom("news", "sale");
const anyTopic = fc.option(topic, { nil: null });
const anyGrant = fc
  .record({
    day,
    by: fc.constantFrom("person" as const, "import" as const),
    topic,
    basis: fc.constantFrom(...bases),
    expires: fc.option(day, { nil: undefined }),
  })
  .map(({ expires, ...rest }) =>
    grant(rest.day, rest.by, {
      topic: rest.topic,
      basis: rest.basis,
      ...(expires === undefined ? {} : { expires }),
    }),
  );
const anyWithdrawal = fc.tuple(day, anyTopic).map(([when, of]) => withdraw(when, of));
const anyPause = fc.tuple(day, day, anyTopic).map(([when, until, of]) => pause(when, until, of));
const anyExpiry = fc.tuple(day, topic).map(([when, of]) => expire(when, of));
const anyEvent = fc.oneof(anyGrant, anyWithdrawal, anyPause, anyExpiry);
const history = fc.array(anyEvent, { maxLength: 12 });
const moment = day.map(at);
const runs = { numRuns: 2000 };
const permits = (events: readonly ConsentEvent[], when: Date): boolean =>
  standing(events, "news", when).kind === "granted";

test("the order of the events makes no difference", () => {
  fc.assert(
    fc.property(
      history.chain((events) =>
        fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
      ),
      moment,
      ([events, shuffled], when) => {
        expect(standing(shuffled, "news", when)).toEqual(standing(events, "news", when));
      },
    ),
    runs,
  );
});

test("an event told twice makes no difference", () => {
  fc.assert(
    fc.property(history, moment, (events, when) => {
      expect(standing([...events, ...events], "news", when)).toEqual(
        standing(events, "news", when),
      );
    }),
    runs,
  );
});

test("what stops or ends never turns a no into a yes", () => {
  const stop = fc.oneof(anyWithdrawal, anyPause, anyExpiry);
  fc.assert(
    fc.property(history, stop, moment, (events, extra, when) => {
      fc.pre(!permits(events, when));
      expect(permits([...events, extra], when)).toBe(false);
    }),
    runs,
  );
});

test("a withdrawal as of now or later stops mail whatever went before", () => {
  fc.assert(
    fc.property(history, fc.nat(5), fc.boolean(), moment, (events, later, whole, when) => {
      const stop = { ...withdraw(0, whole ? null : "news"), at: new Date(when.getTime() + later) };
      expect(standing([...events, stop], "news", when).kind).toBe("withdrawn");
    }),
    runs,
  );
});

test("no import, of any date, lifts a withdrawal or a running pause", () => {
  fc.assert(
    fc.property(history, fc.array(anyGrant), moment, (events, grants, when) => {
      const imports = grants.map((event) => ({ ...event, byPerson: false }));
      const before = standing(events, "news", when);
      fc.pre(before.kind === "withdrawn" || before.kind === "paused");
      expect(shown(standing([...events, ...imports], "news", when))).toEqual(shown(before));
    }),
    runs,
  );
});

test("the person's own grant of now permits, once no stop is dated now or ahead", () => {
  fc.assert(
    fc.property(history, moment, (events, when) => {
      const past = events.filter((event) => event.at < when);
      const own = { ...grant(0), at: when };
      expect(standing([...past, own], "news", when)).toEqual({
        kind: "granted",
        basis: "consent",
        since: when,
      });
    }),
    runs,
  );
});

test("events of other topics make no difference", () => {
  fc.assert(
    fc.property(history, moment, (events, when) => {
      const ours = events.filter((event) => event.topic !== "sale");
      expect(standing(events, "news", when)).toEqual(standing(ours, "news", when));
    }),
    runs,
  );
});

test("a yes rests on a grant that stands in the history, has begun and has not ended", () => {
  fc.assert(
    fc.property(history, moment, (events, when) => {
      const result = standing(events, "news", when);
      const rests = events.some(
        (event) =>
          result.kind === "granted" &&
          event.kind === "granted" &&
          event.topic === "news" &&
          event.basis === result.basis &&
          event.at.getTime() === result.since.getTime() &&
          event.at <= when &&
          (event.expiresAt === undefined || event.expiresAt > when),
      );
      expect(rests).toBe(result.kind === "granted");
    }),
    runs,
  );
});

test("a maximum age only ever takes away, and lifts no stop", () => {
  const ages = fc.record({ consent: fc.integer({ min: 0, max: 12 * 86_400_000 }) });
  fc.assert(
    fc.property(history, moment, ages, (events, when, maxAges) => {
      const without = standing(events, "news", when);
      const aged = standing(events, "news", when, maxAges);
      if (without.kind === "granted") expect(["granted", "expired", "ahead"]).toContain(aged.kind);
      // What has run out may have done so earlier; anything else is as it was.
      else if (without.kind === "expired") expect(aged.kind).toBe("expired");
      else expect(shown(aged)).toEqual(shown(without));
    }),
    runs,
  );
});
