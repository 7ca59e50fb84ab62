import { expect, test } from "vitest";

import { parseDomain, type Domain } from "../mail/domain.ts";
import { createLanes } from "./lanes.ts";

function domain(name: string): Domain {
  const parsed = parseDomain(name);
  if (parsed.kind === "bad") throw new Error(name);
  return parsed.value;
}
const a = domain("a.test");
const b = domain("b.test");

test("serves destinations in turn, however much waits for one of them", () => {
  const lanes = createLanes<number>(() => 10);
  for (let entry = 0; entry < 4; entry += 1) lanes.add(a, entry);
  lanes.add(b, 100);
  const order = Array.from({ length: 5 }, () => lanes.next()?.entry);
  expect(order).toEqual([0, 100, 1, 2, 3]);
  expect(lanes.next()).toBeUndefined();
});

test("lets a willing destination grow to its maximum, and halves one in trouble down to one", () => {
  const lanes = createLanes<number>(() => 8);
  const runAll = (): number => {
    let running = 0;
    while (lanes.next() !== undefined) running += 1;
    return running;
  };
  for (let entry = 0; entry < 100; entry += 1) lanes.add(a, entry);
  expect(runAll()).toBe(5);
  for (let ended = 0; ended < 5; ended += 1) lanes.end(a, "good");
  expect(runAll()).toBe(8);
  for (let ended = 0; ended < 8; ended += 1) lanes.end(a, "bad");
  expect(runAll()).toBe(1);
  lanes.end(a, "good");
  expect(runAll()).toBe(2);
});

test("counts what waits and what runs, and takes out what is asked for", () => {
  const lanes = createLanes<number>(() => 10);
  for (let entry = 0; entry < 10; entry += 1) lanes.add(entry % 2 === 0 ? a : b, entry);
  lanes.next();
  expect(lanes.take((entry) => entry > 5)).toEqual([6, 8, 7, 9]);
  expect([lanes.running(), lanes.waiting()]).toEqual([1, 5]);
});
