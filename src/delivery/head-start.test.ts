import { setImmediate } from "node:timers/promises";

import { expect, test } from "vitest";

import type { Lease } from "../queue/store.ts";
import { createHeadStart, type HeadStart } from "./head-start.ts";
import type { AtHand, Prepared } from "./prepare.ts";

const minutes = 60_000;

/** `made`: for whom something was prepared, in this order; what it came to bears the number of its making. */
function startPreparing(fails = false): {
  readonly headStart: HeadStart;
  readonly made: readonly string[];
  readonly wait: (milliseconds: number) => void;
} {
  const made: string[] = [];
  let now = 0;
  const prepare = (lease: Lease): Promise<Prepared> => {
    made.push(lease.recipientId);
    return fails
      ? Promise.reject(new Error("no memory"))
      : Promise.resolve({ kind: "unsigned", detail: `making ${made.length}` });
  };
  return {
    headStart: createHeadStart({ prepare }, () => now),
    made,
    wait: (milliseconds) => {
      now += milliseconds;
    },
  };
}

const leaseOf = (recipientId: string): Lease => ({ recipientId }) as Lease;
const atHand = (octets: number): AtHand => ({ content: Buffer.alloc(octets), isShared: false });

test("who asks gets what was begun for him, once", async () => {
  const { headStart, made } = startPreparing();
  headStart.begin(leaseOf("a"), atHand(10));
  headStart.begin(leaseOf("b"), atHand(10));
  expect(made).toEqual(["a", "b"]);
  expect(await headStart.prepare(leaseOf("a"))).toMatchObject({ detail: "making 1" });
  expect(await headStart.prepare(leaseOf("b"))).toMatchObject({ detail: "making 2" });
  // A later attempt has facts of its own, and what it was given before may have been freed.
  expect(await headStart.prepare(leaseOf("a"))).toMatchObject({ detail: "making 3" });
});

test("what was forgotten is prepared anew for who asks all the same", async () => {
  const { headStart } = startPreparing();
  headStart.begin(leaseOf("a"), atHand(10));
  headStart.forget("a");
  headStart.forget("nobody");
  expect(await headStart.prepare(leaseOf("a"))).toMatchObject({ detail: "making 2" });
});

test.each([
  [4, "making 1"],
  [5, "making 2"],
])("a signature that waited for %i minutes: %s goes", async (waited, detail) => {
  const { headStart, wait } = startPreparing();
  headStart.begin(leaseOf("a"), atHand(10));
  wait(waited * minutes);
  expect(await headStart.prepare(leaseOf("a"))).toMatchObject({ detail });
});

test("beyond 8 MB of content nothing is begun, until some of it was asked for or forgotten", async () => {
  const { headStart, made } = startPreparing();
  const large = atHand(3 * 1024 * 1024);
  for (const id of ["a", "b", "c"]) headStart.begin(leaseOf(id), large);
  expect(made).toEqual(["a", "b"]);
  await headStart.prepare(leaseOf("a"));
  headStart.begin(leaseOf("d"), large);
  headStart.begin(leaseOf("e"), large);
  expect(made).toEqual(["a", "b", "d"]);
  headStart.forget("b");
  headStart.begin(leaseOf("f"), large);
  expect(made).toEqual(["a", "b", "d", "f"]);
});

test("what went wrong is told to who asks, and to nobody where nobody does", async () => {
  const { headStart } = startPreparing(true);
  headStart.begin(leaseOf("a"), atHand(10));
  headStart.begin(leaseOf("b"), atHand(10));
  await setImmediate(); // an unhandled rejection would fail the run
  await expect(headStart.prepare(leaseOf("a"))).rejects.toThrow("no memory");
});
