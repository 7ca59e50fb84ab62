import { expect, test } from "vitest";

import { parseDomain, type Domain } from "../mail/domain.ts";
import { createLanes, type Begun } from "./lanes.ts";

function domain(name: string): Domain {
  const parsed = parseDomain(name);
  if (parsed.kind === "bad") throw new Error(name);
  return parsed.value;
}
const a = { destination: domain("a.test"), stream: "news" };
const b = { destination: domain("b.test"), stream: "news" };
const receipts = { destination: a.destination, stream: "receipts" };

function lanesOf(
  begin: (name: string) => Begun<string> = (name) => ({ kind: "go", place: name }),
): ReturnType<typeof createLanes<number, string>> {
  return createLanes<number, string>({
    begin: ({ destination }) => begin(destination),
    places: (destination) => ({ group: destination, running: 0, limit: 5 }),
  });
}

test("serves destinations, and streams of one destination, in turn, however much waits in one lane", () => {
  const lanes = lanesOf();
  for (let entry = 0; entry < 4; entry += 1) lanes.add(a, entry);
  lanes.add(b, 100);
  lanes.add(receipts, 200);
  const order = Array.from({ length: 6 }, () => lanes.next(0)?.entry);
  expect(order).toEqual([0, 100, 200, 1, 2, 3]);
  expect(lanes.next(0)).toBeUndefined();
});

test("a lane that must wait holds nobody up, and is not asked before its time", () => {
  const asked: string[] = [];
  let free = false;
  const lanes = lanesOf((name) => {
    asked.push(name);
    return name === "a.test" && !free
      ? { kind: "wait", until: 1000, firm: true, why: "asked us to slow down" }
      : { kind: "go", place: name };
  });
  lanes.add(a, 1);
  lanes.add(b, 2);
  lanes.add(b, 3);
  expect([lanes.next(0)?.entry, lanes.next(0)?.entry, lanes.next(0)]).toEqual([2, 3, undefined]);
  expect(asked.filter((name) => name === "a.test")).toHaveLength(1);
  expect(lanes.wakeAt()).toBe(1000);
  expect([lanes.stands(a, -1), lanes.stands(a, 0), lanes.stands(b, -1)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(lanes.waits(0)).toEqual([{ ...a, count: 1, until: 1000, why: "asked us to slow down" }]);
  free = true;
  expect(lanes.next(1000)?.entry).toBe(1);
});

test("counts what waits and what runs, and takes out what is asked for", () => {
  const lanes = lanesOf();
  for (let entry = 0; entry < 10; entry += 1) lanes.add(entry % 2 === 0 ? a : b, entry);
  lanes.next(0);
  expect(lanes.take((entry) => entry > 5)).toEqual([7, 9, 6, 8]);
  expect([lanes.running(), lanes.waiting()]).toEqual([1, 5]);
});

test("a destination is full once as much waits as may run, and low at half of that", () => {
  const lanes = lanesOf();
  for (let entry = 0; entry < 5; entry += 1) lanes.add(entry % 2 === 0 ? a : receipts, entry);
  expect(lanes.full()).toEqual([a.destination]);
  expect(lanes.isLow(a.destination)).toBe(false);
  for (let entry = 0; entry < 3; entry += 1) lanes.next(0);
  expect(lanes.isLow(a.destination)).toBe(true);
});
