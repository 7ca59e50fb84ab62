// Receivers that are slow, lie, break off or talk without end: all that was accepted is accounted for.
import { expect, test } from "vitest";

import { nothing, openBalanceWorld } from "../support/balance-world.ts";
import type { FakeMxScript, Step } from "../support/fake-mx.ts";

const minute = 60_000;

/** What a receiver does the first time it comes to this step; afterwards it is well behaved. */
function once(
  step: Step,
  action: { readonly send?: string; readonly afterwards: "reset" | "close" },
): FakeMxScript {
  let done = false;
  return {
    on: {
      [step]: () => {
        if (done) return undefined;
        done = true;
        return action;
      },
    },
  };
}

test("row 44: balance with tarpits, drips, early and senseless answers, dropped connections, and a megabyte of reply", async () => {
  const waits: Readonly<Record<string, FakeMxScript>> = {
    tarpit: { on: { connect: { afterwards: "hold" } } },
    drip: { on: { ehlo: { drip: { line: "250-x", everyMs: 40 } } } },
    stalled: { on: { data: { send: "354 go", afterwards: "stop-reading" } } },
    early: { on: { data: "354 go\r\n250 2.0.0 taken already" } },
    two: { on: { mail: "2" } },
    garbage: { on: { mail: "garbage" } },
    megabyte: { on: { rcpt: `450 4.2.0 ${"x".repeat(1_000_000)}` } },
  };
  const scripts: Readonly<Record<string, FakeMxScript>> = {
    good: {},
    ...waits,
    refusal: { on: { data: "354 go\r\n552 5.3.4 too large" } },
    leaving: once("rcpt", { send: "421 4.3.2 shutting down", afterwards: "close" }),
    dropping: once("end", { afterwards: "reset" }),
    vanishing: { on: { end: { afterwards: "reset" } } },
  };
  const names = Object.keys(scripts);
  await using world = await openBalanceWorld({
    receivers: Object.fromEntries(names.map((name) => [`${name}.test`, scripts[name] ?? {}])),
    timeouts: {
      greeting: 400,
      command: 400,
      setup: 1500,
      dataStart: 400,
      block: 400,
      finalDot: 600,
      total: 2500,
    },
  });
  await world.send(names.map((name) => `a@${name}.test`));
  await world.run();
  // The refusal is final. The end of three messages is unknown (stalled, dropping, vanishing): no yes, and no no.
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 12,
    delivered: 1,
    failed: 1,
    waiting: 10,
    taken: 3,
    uncertain: 3,
  });
  expect(await world.lastReply("a@refusal.test")).toMatch(/^552 5\.3\.4 too large/);
  expect((await world.lastReply("a@megabyte.test")).length).toBeLessThanOrEqual(600);

  // All but the tarpit and the one that never answers behind the dot come to their senses.
  for (const name of Object.keys(waits))
    if (name !== "tarpit") world.receivers[`${name}.test`]?.rescript({});
  await world.runFor(3 * 60 * minute);
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 12,
    delivered: 9,
    failed: 3, // refusal, tarpit, vanishing
    taken: 10, // vanishing has it, and nobody knows
    doubled: 2,
    uncertain: 4,
  });
  // What is tried once more carries the same Message-ID: the receiver may see that it is the same.
  for (const name of ["dropping", "vanishing"]) {
    const ids = world.receivers[`${name}.test`]?.deliveries.map(
      ({ data }) => /^Message-ID: (.*)$/m.exec(data.toString("latin1"))?.[1],
    );
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  }
});
