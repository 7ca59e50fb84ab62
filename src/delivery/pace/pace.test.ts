import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { readShaping } from "../../config/shaping.ts";
import { parseDomain, type Domain } from "../../mail/domain.ts";
import { createBuckets } from "./bucket.ts";
import { groupOf } from "./group.ts";
import { createPace, type Load, type Pace, type PaceResult, type Place } from "./pace.ts";
import { parseShaping, type Shaping, type SourceShape } from "./shaping.ts";

const shipped = parseShaping(readShaping());
if (shipped.kind === "bad") throw new Error(shipped.problem);
const shaping: Shaping = shipped.value;

function domain(name: string): Domain {
  const parsed = parseDomain(name);
  if (parsed.kind === "bad") throw new Error(name);
  return parsed.value;
}

function load(name: string, more: Partial<Load> = {}): Load {
  return {
    destination: domain(name),
    sender: "sample",
    stream: "news",
    fromDomain: "example.jp",
    ...more,
  };
}

function paceOf(sources: readonly SourceShape[] = [], clock = new Date("2026-11-25")): Pace {
  return createPace({ shaping, sources, maxOf: () => 8, clock: () => clock });
}

/** As many as may begin now. */
function beginAll(pace: Pace, what: Load, now: number): readonly Place[] {
  const places: Place[] = [];
  for (;;) {
    const begun = pace.begin(what, now);
    if ("why" in begun) return places;
    places.push(begun);
  }
}

function endAll(pace: Pace, places: readonly Place[], result: PaceResult, now: number): void {
  for (const place of places) pace.end(place, result, now);
}

test("a willing destination grows to its bound; one in trouble halves down to one", () => {
  const pace = paceOf();
  const first = beginAll(pace, load("a.test"), 0);
  expect(first).toHaveLength(5);
  endAll(pace, first, "good", 0);
  const second = beginAll(pace, load("a.test"), 0);
  expect(second).toHaveLength(8);
  endAll(pace, second, "slow", 0);
  expect(beginAll(pace, load("a.test"), 0)).toHaveLength(1);
});

test.each([
  ["gmail-smtp-in.l.google.com", "gmail"],
  ["aspmx.l.google.com", "gmail"],
  ["mta5.am0.yahoodns.net", "yahoo"],
  ["hotmail-com.olc.protection.outlook.com", "outlook"],
  ["example-com.mail.protection.outlook.com", "microsoft365"],
  ["example-com.o-v1.mx.microsoft", "microsoft365"],
  ["mx01.mail.icloud.com", "icloud"],
  ["mfsmax.docomo.ne.jp", "docomo"],
  ["mx.au.com", "au"],
  ["mx.softbank.jp", "softbank"],
  ["mx3.mail.djm.yahoo.co.jp", "yahoo-japan"],
  ["mx.example.co.jp", "example.co.jp"],
  ["mx1.mail.example.com", "example.com"],
  ["mx-ha02.web.de", "web.de"],
  ["mx_1.sub.abc.jp", "abc.jp"],
  ["mx.city.yokohama.jp", "city.yokohama.jp"],
  ["localhost", "localhost"],
  ["192.0.2.25", "192.0.2"],
  ["2001:db8:1::25", "2001:db8:1"],
])("%s belongs to the group %s", (host, name) => {
  expect(groupOf({ kind: "mx", hosts: [host] }, shaping.groups).name).toBe(name);
});

test("domains with the same exchangers share one pace: a pause asked of one holds the others", () => {
  const pace = paceOf();
  for (const name of ["a.test", "b.test"])
    pace.learn(domain(name), { kind: "mx", hosts: ["aspmx.l.google.com"] });
  const [place] = beginAll(pace, load("a.test"), 0);
  if (place === undefined) throw new Error("nothing began");
  pace.end(place, "pause", 0);
  expect(pace.begin(load("b.test"), 599_000)).toMatchObject({
    firm: true,
    until: 600_000,
    why: "gmail asked us to slow down",
  });
  expect(beginAll(pace, load("c.test"), 599_000)).toHaveLength(5);
});

test("of the destinations of one receiver the oldest are forgotten, not the receiver", () => {
  const pace = paceOf();
  for (let index = 0; index <= 100_000; index += 1)
    pace.learn(domain(`d${index}.test`), { kind: "mx", hosts: ["aspmx.l.google.com"] });
  expect(pace.places(domain("d0.test")).group).toBe("d0.test");
  expect(pace.places(domain("d1.test")).group).toBe("gmail");
  expect(pace.places(domain("d100000.test")).group).toBe("gmail");
});

test("after a pause one connection goes on, and a second pause within the hour is twice as long", () => {
  const pace = paceOf();
  const what = load("a.test");
  endAll(pace, beginAll(pace, what, 0), "pause", 0); // five complaints of the same moment are one
  const after = beginAll(pace, what, 600_000);
  expect(after).toHaveLength(1);
  endAll(pace, after, "pause", 600_000);
  expect(pace.begin(what, 600_000)).toMatchObject({ until: 600_000 + 1_200_000 });
});

test("a hold stops one sender at one group; others go on", () => {
  const pace = paceOf();
  const [place] = beginAll(pace, load("a.test"), 0);
  if (place === undefined) throw new Error("nothing began");
  pace.end(place, "hold", 0);
  expect(pace.begin(load("a.test"), 1000)).toMatchObject({ firm: true });
  expect(pace.begin(load("a.test", { sender: "other" }), 1000)).not.toHaveProperty("why");
  expect(pace.begin(load("b.test"), 1000)).not.toHaveProperty("why");
});

test("a sender's, a stream's and a receiver's rate hold at once, and what was not sent is given back", () => {
  const pace = paceOf([
    { kind: "stream", name: "news", rates: [{ messages: 2, seconds: 1 }] },
    { kind: "sender", name: "sample", rates: [], connections: 3 },
  ]);
  const first = beginAll(pace, load("a.test"), 0);
  expect(first).toHaveLength(2);
  expect(pace.begin(load("b.test"), 0)).toMatchObject({ firm: true, why: "rate of stream news" });
  endAll(pace, first, "unsent", 0);
  expect(beginAll(pace, load("b.test"), 0)).toHaveLength(2);
  expect(beginAll(pace, load("c.test", { stream: "receipts" }), 0)).toHaveLength(1); // the sender's third place
});

test("a warm-up goes on where the last process left it, on the same day", () => {
  const source: SourceShape = {
    kind: "from",
    name: "example.jp",
    rates: [],
    warmUp: new Date("2026-11-24"),
  };
  const now = performance.now();
  const before = paceOf([source]);
  const places = beginAll(before, load("a.test"), now);
  expect(places.length).toBeGreaterThan(0);
  endAll(before, places, "none", now);
  const [left, ...others] = before.warmUps(now);
  if (left === undefined) throw new Error("nothing was spent");
  expect(others).toEqual([]);
  expect(left).toMatchObject({ kind: "from", name: "example.jp", group: "a.test" });

  const after = paceOf([source]);
  after.restore(left);
  expect(after.begin(load("a.test"), now)).toMatchObject({
    firm: true,
    why: "warm-up of example.jp, day 2",
  });
  expect(beginAll(after, load("b.test"), now)).toHaveLength(places.length);
  const nextDay = paceOf([source], new Date("2026-11-26"));
  nextDay.restore(left);
  expect(beginAll(nextDay, load("a.test"), now).length).toBeGreaterThan(0);
});

test("a message that was not offered gives back its share of a warm-up", () => {
  const pace = paceOf([
    { kind: "from", name: "example.jp", rates: [], warmUp: new Date("2026-11-24") },
  ]);
  const now = performance.now();
  const places = beginAll(pace, load("a.test"), now);
  endAll(pace, places, "unsent", now);
  expect(pace.warmUps(now)).toEqual([]);
  expect(beginAll(pace, load("a.test"), now)).toHaveLength(places.length);
});

test("a warm-up gives each group the day's share and no more, and ends with its ladder", () => {
  const source = {
    kind: "from",
    name: "example.jp",
    rates: [],
    warmUp: new Date("2026-11-24"),
  } as const;
  const sent = (clock: Date): number => {
    const pace = paceOf([source], clock);
    let count = 0;
    for (let second = 0; second < 86_400; second += 60)
      for (const place of beginAll(pace, load("a.test"), second * 1000)) {
        pace.end(place, "none", second * 1000);
        count += 1;
      }
    return count;
  };
  const second = sent(new Date("2026-11-25T00:00:00Z"));
  expect(second).toBeGreaterThanOrEqual(400 - 1);
  expect(second).toBeLessThanOrEqual(400 + 1);
  const late = paceOf([source], new Date("2027-06-01"));
  expect(beginAll(late, load("a.test"), 0)).toHaveLength(5);
});

test("a bucket gives ten seconds' share at once, and then one at a time", () => {
  const buckets = createBuckets([{ messages: 60, seconds: 60 }]);
  const takeAll = (now: number): number => {
    let count = 0;
    for (; buckets.waitMs(now) === 0; count += 1) buckets.take(now);
    return count;
  };
  expect([takeAll(5000), buckets.waitMs(5000), buckets.waitMs(5999)]).toEqual([10, 1000, 1]);
  expect([takeAll(6000), takeAll(7999), takeAll(60_000)]).toEqual([1, 1, 10]);
  expect(takeAll(59_000)).toBe(0); // A clock that goes back gives nothing.
});

test("what did not go is given back, and never more than there may be", () => {
  const buckets = createBuckets([{ messages: 60, seconds: 60 }]);
  for (let n = 0; n < 10; n += 1) buckets.take(0);
  expect(buckets.waitMs(0)).toBe(1000);
  buckets.giveBack();
  expect(buckets.waitMs(0)).toBe(0);
  for (let n = 0; n < 20; n += 1) buckets.giveBack();
  for (let n = 0; n < 10; n += 1) buckets.take(0);
  expect(buckets.waitMs(0)).toBe(1000);
});

test("of several bounds the tightest decides", () => {
  const buckets = createBuckets([
    { messages: 60, seconds: 60 },
    { messages: 2, seconds: 3600 },
  ]);
  expect(buckets.fullAt(100)).toBe(100);
  for (let n = 0; n < 2; n += 1) buckets.take(100);
  expect(buckets.waitMs(100)).toBe(1_800_000);
  expect(buckets.fullAt(100)).toBeCloseTo(100 + 3_600_000, 3);
  expect(buckets.fullAt(1_000_000)).toBeCloseTo(100 + 3_600_000, 3);
});

test("a process to come knows how far a share is spent, and gives none of it back", () => {
  const before = createBuckets([{ messages: 2, seconds: 3600 }]);
  for (let n = 0; n < 2; n += 1) before.take(100);
  const next = createBuckets([{ messages: 2, seconds: 3600 }]);
  next.spendUntil(before.fullAt(100), 100);
  expect(next.waitMs(100)).toBe(1_800_000);
  next.spendUntil(100, 100);
  expect(next.waitMs(100)).toBe(1_800_000);
});

test("a bucket never gives an hour's share at once after a quiet time", () => {
  const buckets = createBuckets([{ messages: 3600, seconds: 3600 }]);
  let count = 0;
  for (; buckets.waitMs(7_200_000) === 0; count += 1) buckets.take(7_200_000);
  expect(count).toBe(10);
  expect(buckets.waitMs(7_200_000)).toBe(1000);
});

test("a pause outlasts the process that was told", () => {
  const before = paceOf();
  const [place] = beginAll(before, load("a.test"), performance.now());
  if (place === undefined) throw new Error("nothing began");
  before.end(place, "pause", performance.now());
  const after = paceOf();
  for (const pause of before.pauses(performance.now())) after.restore(pause);
  expect(after.begin(load("a.test"), performance.now())).toMatchObject({ firm: true });
});

test("every shipped group has a source or says that its figures are our own", () => {
  const text = readFileSync(new URL("../../../config/shaping.yaml", import.meta.url), "utf8");
  const blocks = text.split(/\n(?=  # )/).filter((block) => block.includes("- name:"));
  expect(blocks).toHaveLength(shaping.groups.length);
  for (const block of blocks) expect(block).toMatch(/igures are our\s+(?:# )?own/);
});

test.each([
  [{}, "has no list"],
  [{ groups: [{ name: "x", mx: ["a.test"], rate: ["10/x"] }] }, "`rate`"],
  [{ groups: [{ name: "x", mx: [] }] }, "`mx`"],
  [{ groups: [{ name: "x", mx: ["a.test"], speed: 1 }] }, "unknown key"],
  [{ groups: [], warm_up: [0] }, "`warm_up`"],
])("refuses shaping data that is wrong: %j", (data, problem) => {
  expect(parseShaping(data)).toMatchObject({
    kind: "bad",
    problem: expect.stringContaining(problem) as unknown,
  });
});

test("other bounds count from the next message on, and what is paused stays paused", () => {
  const pace = paceOf([{ kind: "sender", name: "sample", rates: [], connections: 3 }]);
  const first = beginAll(pace, load("a.test"), 0);
  expect(first).toHaveLength(3);
  pace.reshape({
    shaping,
    sources: [{ kind: "sender", name: "sample", rates: [], connections: 4 }],
  });
  expect(beginAll(pace, load("a.test"), 0)).toHaveLength(1);
  endAll(pace, first, "good", 0);
  expect(beginAll(pace, load("a.test"), 0)).toHaveLength(3);

  pace.learn(domain("b.test"), { kind: "mx", hosts: ["mx.b-hosts.example"] });
  const one = pace.begin(load("b.test", { sender: "other" }), 0);
  if ("why" in one) throw new Error(one.why);
  pace.end(one, "pause", 0);
  const group = { name: "b-hosts.example", mx: ["b-hosts.example"], connections: 2, rates: [] };
  pace.reshape({ shaping: { groups: [group], ladder: [] }, sources: [] });
  expect(pace.begin(load("b.test", { sender: "other" }), 1)).toMatchObject({ firm: true });
  expect(pace.places(domain("b.test"))).toMatchObject({ limit: 1 });
  // Two hours later it grows to the new bound and no further.
  const later = 8_000_000;
  for (let n = 0; n < 5; n += 1)
    endAll(pace, beginAll(pace, load("b.test", { sender: "other" }), later), "good", later);
  expect(pace.places(domain("b.test"))).toMatchObject({ limit: 2 });
});

test("another beginning of a warm-up counts from the next message on, the same day too", () => {
  const from = { kind: "from", name: "example.jp", rates: [] } as const;
  const now = performance.now();
  const climbed = paceOf([{ ...from, warmUp: new Date("2020-01-01") }]);
  const begun = beginAll(climbed, load("a.test"), now);
  endAll(climbed, begun, "none", now);
  climbed.reshape({ shaping, sources: [{ ...from, warmUp: new Date("2026-11-24") }] });
  const fresh = paceOf([{ ...from, warmUp: new Date("2026-11-24") }]);
  expect(beginAll(climbed, load("a.test"), now)).toHaveLength(
    beginAll(fresh, load("a.test"), now).length,
  );
  expect(climbed.begin(load("a.test"), now)).toMatchObject({ why: "warm-up of example.jp, day 2" });
});
