// A kill at every boundary of every commit: before a write, between writes and sync, behind the sync. Short form: one in thirteen.
import { expect, test } from "vitest";

import { canInject, failpoints } from "../support/failpoints.ts";

const every = 13; // `npm run torture -- failpoints` takes each

if (!canInject) console.warn("no strace: nothing is killed at its system calls");

test.skipIf(!canInject)(
  "row 46: killed at a write or sync, the store has all that it said, and nothing by halves",
  { timeout: 240_000 },
  async () => {
    const ends = new Set<string>();
    for await (const { call, said, problems } of failpoints(1, every)) {
      expect(problems, `killed at call ${call}`).toEqual([]);
      ends.add((said.at(-1) ?? "nothing").split(" ")[0] ?? "");
    }
    // It was killed within several steps, and came to its end once.
    expect(ends.size).toBeGreaterThan(2);
    expect(ends).toContain("closed");
  },
);
