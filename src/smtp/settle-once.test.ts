// One question, one answer: whatever the question does, and whenever.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { settleOnce } from "./settle-once.ts";

const wait = 1000;

describe("settleOnce", () => {
  const causes: string[] = [];
  const fault = (cause: unknown): string => {
    causes.push(cause instanceof Error ? cause.message : String(cause));
    return "fault";
  };
  beforeEach(() => {
    causes.length = 0;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("gives the value, and leaves no timer behind", async () => {
    expect(await settleOnce(() => Promise.resolve("yes"), wait, fault)).toBe("yes");
    expect(vi.getTimerCount()).toBe(0);
    expect(causes).toEqual([]);
  });

  test.each([
    ["rejects", () => Promise.reject(new Error("no"))],
    [
      "throws at once",
      () => {
        throw new Error("no");
      },
    ],
  ])("gives the fault of a question that %s, and leaves no timer behind", async (_how, work) => {
    expect(await settleOnce<string>(work, wait, fault)).toBe("fault");
    expect(vi.getTimerCount()).toBe(0);
    expect(causes).toEqual(["no"]);
  });

  test("gives the fault where no answer comes in time, and drops the one that comes later", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const answer = settleOnce(() => promise, wait, fault);
    vi.advanceTimersByTime(wait);
    resolve("late");
    expect(await answer).toBe("fault");
    expect(causes).toEqual(["no answer within 1000 ms"]);
  });
});
