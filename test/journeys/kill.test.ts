// Kills the gateway at random under load: whatever was acknowledged is delivered once it is back, copies only in flight.
import { expect, test } from "vitest";

import { killRounds } from "../support/kill-rounds.ts";

test(
  "row 46: acknowledged mail survives kill -9 at random, and is doubled only where it was in flight",
  { timeout: 180_000 },
  async () => {
    const rounds = 4; // `npm run torture` runs more
    const balance = await killRounds({ rounds, seed: 20_261_125 });
    expect(balance.acknowledged).toBeGreaterThan(rounds * 3);
    expect(balance.missing).toEqual([]);
    expect(balance.doubled).toBeLessThanOrEqual(balance.uncertain);
    // Balance: what the queue calls delivered, the receiver has; nothing waits, nothing failed.
    expect(balance.states).toEqual({ delivered: balance.received });
    expect(balance).toMatchObject({ audit: "intact", lastExit: 0 });
  },
);
