// When MAIL is deferred for want of room.
import { expect, test } from "vitest";

import { recipientStates, type RecipientState } from "../queue/store.ts";
import { createCapacity } from "./capacity.ts";

const limits = { queuedRecipientsMax: 100, queuedBytesMax: 1000 };

function queueOf(waiting: number, contentBytes: number): Parameters<typeof createCapacity>[0] {
  const none = Object.fromEntries(recipientStates.map((state) => [state, 0])) as Record<
    RecipientState,
    number
  >;
  return { counts: () => Promise.resolve({ states: { ...none, waiting }, contentBytes }) };
}

test("has room as long as rows, octets and disk have", async () => {
  expect(await createCapacity(queueOf(99, 999), limits, () => 0)()).toBe("room");
});

test("row 64: is full at the limit of rows or of octets", async () => {
  expect(await createCapacity(queueOf(100, 0), limits, () => 0)()).toBe("full");
  expect(await createCapacity(queueOf(0, 1000), limits, () => 0)()).toBe("full");
});

test.each(recipientStates)(
  "row 64: counts what is %s only while it is under way",
  async (state) => {
    const states = Object.fromEntries(
      recipientStates.map((each) => [each, each === state ? 100 : 0]),
    ) as Record<RecipientState, number>;
    const queue = { counts: () => Promise.resolve({ states, contentBytes: 0 }) };
    const isOpen = ["held", "waiting", "paused", "leased"].includes(state);
    expect(await createCapacity(queue, limits, () => 0)()).toBe(isOpen ? "full" : "room");
  },
);

test("reads the counts once for all who ask within two seconds, whichever way the clock is set", async () => {
  let reads = 0;
  let now = 10_000;
  const { counts } = queueOf(0, 0);
  const queue = {
    counts: () => {
      reads += 1;
      return counts();
    },
  };
  const capacity = createCapacity(queue, limits, () => now);
  const readsAt = async (time: number): Promise<number> => {
    now = time;
    expect(await Promise.all([capacity(), capacity()])).toEqual(["room", "room"]);
    return reads;
  };
  expect(await readsAt(10_000)).toBe(1);
  expect(await readsAt(11_999)).toBe(1);
  expect(await readsAt(12_000)).toBe(2);
  expect(await readsAt(10_001)).toBe(2);
  expect(await readsAt(10_000)).toBe(3);
});

test("row 55: is full at the disk's low-water mark, and open again above it", async () => {
  let full = true;
  let now = 0;
  const health = (): Promise<{ full?: true }> => Promise.resolve(full ? { full: true } : {});
  const capacity = createCapacity(queueOf(0, 0), limits, () => now, health);
  expect(await capacity()).toBe("full");
  full = false;
  now += 2000;
  expect(await capacity()).toBe("room");
});

test("is unavailable where the queue cannot be read", async () => {
  const broken = { counts: () => Promise.reject(new Error("gone")) };
  expect(await createCapacity(broken, limits, () => 0)()).toBe("unavailable");
});
