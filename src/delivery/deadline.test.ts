import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createDeadline } from "./deadline.ts";

let times = 0;
const over = (): void => {
  times += 1;
};

beforeEach(() => {
  times = 0;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("moved on step by step, it needs one timer, and is over when the last step's time is", () => {
  const deadline = createDeadline(over);
  for (let step = 0; step < 10; step += 1) {
    deadline.set(1000);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(900);
  }
  expect(times).toBe(0);
  vi.advanceTimersByTime(100);
  expect(times).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(times).toBe(1);
});

test("set to an earlier time, it is over then", () => {
  const deadline = createDeadline(over);
  deadline.set(60_000);
  deadline.set(10);
  vi.advanceTimersByTime(9);
  expect(times).toBe(0);
  vi.advanceTimersByTime(1);
  expect(times).toBe(1);
});

test("a time that is over already is over in a moment", () => {
  createDeadline(over).set(-5);
  vi.advanceTimersByTime(1);
  expect(times).toBe(1);
});

test("lifted, it never comes, and leaves no timer once the old one has rung; it can be set again", () => {
  const deadline = createDeadline(over);
  deadline.set(1000);
  deadline.lift();
  vi.advanceTimersByTime(5000);
  expect(times).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  deadline.set(1000);
  vi.advanceTimersByTime(1000);
  expect(times).toBe(1);
});

test("ended, it leaves no timer behind", () => {
  const deadline = createDeadline(over);
  deadline.set(1000);
  deadline.end();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(5000);
  expect(times).toBe(0);
});
