// The alarm: it rings once, at the last time that it was set to.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { createAlarm } from "./alarm.ts";

describe("alarm", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("rings once, when its time is over", () => {
    const rings: string[] = [];
    createAlarm().set(1000, () => void rings.push("a"));
    vi.advanceTimersByTime(999);
    expect(rings).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(rings).toEqual(["a"]);
  });

  test("set again, rings at the later time, without a timer more", () => {
    const rings: string[] = [];
    const alarm = createAlarm();
    alarm.set(1000, () => void rings.push("a"));
    vi.advanceTimersByTime(900);
    alarm.set(1000, () => void rings.push("b"));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(999);
    expect(rings).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(rings).toEqual(["b"]);
  });

  test("set again, rings at the earlier time, and not at the later one", () => {
    const rings: string[] = [];
    const alarm = createAlarm();
    alarm.set(1000, () => void rings.push("a"));
    alarm.set(10, () => void rings.push("b"));
    vi.advanceTimersByTime(10);
    expect(rings).toEqual(["b"]);
    vi.advanceTimersByTime(10_000);
    expect(rings).toEqual(["b"]);
  });

  test("put off, is silent until it is set again", () => {
    const rings: string[] = [];
    const alarm = createAlarm();
    alarm.set(1000, () => void rings.push("a"));
    alarm.putOff();
    vi.advanceTimersByTime(5000);
    expect(rings).toEqual([]);
    alarm.set(1000, () => void rings.push("b"));
    vi.advanceTimersByTime(1000);
    expect(rings).toEqual(["b"]);
  });

  test("may be set by its own ringing", () => {
    let rings = 0;
    const alarm = createAlarm();
    const again = (): void => {
      rings += 1;
      alarm.set(100, again);
    };
    alarm.set(100, again);
    vi.advanceTimersByTime(1000);
    expect(rings).toBe(10);
  });

  test("rings after weeks, which no timer counts, and sleeps until then", () => {
    const day = 86_400_000;
    const nap = 2 ** 31 - 1; // Node has a timer of more ring after 1 ms
    const rings: string[] = [];
    const from = performance.now();
    createAlarm().set(60 * day, () => void rings.push("a"));
    vi.advanceTimersToNextTimer();
    expect([performance.now() - from, rings.length]).toEqual([nap, 0]);
    vi.advanceTimersByTime(60 * day - nap - 1);
    expect(rings).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(rings).toEqual(["a"]);
  });

  test("ended, leaves no timer behind", () => {
    const alarm = createAlarm();
    alarm.set(1000, () => expect.unreachable());
    alarm.end();
    expect(vi.getTimerCount()).toBe(0);
  });
});
