// sekisho queue, as an operator runs it on mail that waits: by recipient, by message, and what is told of the rest.
import { readFileSync, writeFileSync } from "node:fs";

import { afterEach, beforeEach, expect, test } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { openOffice } from "../../src/office.ts";
import { runHere } from "../support/command-here.ts";
import { createWorkplace, type CommandResult, type Workplace } from "../support/gateway-process.ts";
import { accept, noon, submission } from "../support/storage-facts.ts";

let place: Workplace;
beforeEach(() => {
  place = createWorkplace("");
});
afterEach(() => {
  place[Symbol.dispose]();
});

const queue = (...args: readonly string[]): Promise<CommandResult> =>
  runHere(place.configFile, "queue", ...args);

/** A message to so many people waits; its id. With `leased`, an attempt has that many of them in hand. */
async function wait(people: number, leased = 0): Promise<string> {
  await using office = await openOffice(loadConfig(place.configFile));
  const to = Array.from({ length: people }, (_, n) => `u${n}@example.com`);
  const id = await accept(office.storage, submission(to));
  if (leased > 0)
    await office.storage.queue.lease({
      owner: "test",
      limit: leased,
      now: noon(),
      leaseUntil: noon(600_000),
    });
  return id;
}

test.each([
  ["retry", "waiting"],
  ["hold", "paused"],
  ["drop", "dropped"],
])("%s takes a message id for all recipients of the message", async (verb, state) => {
  const id = await wait(3);
  const done = await queue(verb, id, "--reason", "test");
  expect([done.code, done.stderr]).toEqual([0, ""]);
  expect(done.json()).toEqual([1, 2, 3].map((n) => ({ id: `${id}-${n}`, change: verb })));
  const listed = (await queue("list", "--all")).json();
  expect(listed.map((entry) => entry["state"])).toEqual([state, state, state]);
});

test("release takes a message id too", async () => {
  const id = await wait(2);
  await queue("hold", id);
  expect((await queue("release", id)).json()).toHaveLength(2);
});

test("what was not changed is named with its state, and the command fails", async () => {
  const id = await wait(2);
  const done = await queue("hold", `${id}-1`, `${id}-9`, "nobody-1");
  expect(done.json()).toEqual([{ id: `${id}-1`, change: "hold" }]);
  expect(done.code).toBe(1);
  expect(done.stderr.split("\n").filter((line) => line !== "")).toEqual([
    `not changed: ${id}-9: is not in the queue`,
    "not changed: nobody-1: is not in the queue",
  ]);
  const again = await queue("hold", `${id}-1`);
  expect([again.code, again.stdout]).toEqual([1, ""]);
  expect(again.stderr).toContain(`not changed: ${id}-1: is paused`);
});

test("of a held message, or one whose recipients are done with, it is told what they are and what to do", async () => {
  await using office = await openOffice(loadConfig(place.configFile));
  const held = await accept(
    office.storage,
    submission(["a@example.com", "b@example.com"], {
      held: { reason: "unreadable", detail: "", findings: [] },
    }),
  );
  for (const id of [held, `${held}-1`]) {
    const done = await queue("release", id);
    expect([done.code, done.stdout]).toEqual([1, ""]);
    expect(done.stderr).toContain(`held: sekisho held release ${held}, or held reject`);
  }
  const waiting = await wait(2);
  await queue("drop", waiting);
  const again = await queue("retry", waiting);
  expect(again.stderr).toBe(
    `not changed: ${waiting}: none of its recipients can be changed so; they are dropped\n`,
  );
});

test("of a message, those that an attempt has in hand are named", async () => {
  const id = await wait(3, 1);
  const done = await queue("hold", id);
  expect(done.json()).toHaveLength(2);
  expect(done.code).toBe(1);
  expect(done.stderr).toMatch(
    /^not changed: \S+-\d: is leased: .*queue pause --stream newsletter, then try again/,
  );
});

test.each([
  ["--stream", "newslettr", "allowed: newsletter"],
  ["--sender", "smple", "allowed: sample"],
])("a pause of %s %s, which is nothing, is refused", async (option, name, allowed) => {
  const done = await queue("pause", option, name, "--reason", "wrong list");
  expect([done.code, done.stdout]).toEqual([2, ""]);
  expect(done.stderr).toContain(`${option} ${name} is not in the configuration; ${allowed}`);
  expect((await queue("pauses")).stdout).toBe("");
});

test("what waits of a stream that has left the configuration can be paused and resumed", async () => {
  await wait(1);
  const text = readFileSync(place.configFile, "utf8");
  writeFileSync(place.configFile, text.replaceAll("newsletter", "letters"));
  const stream = ["--stream", "newsletter"];
  expect((await queue("pause", ...stream)).code).toBe(0);
  expect((await queue("resume", ...stream)).code).toBe(0);
});

test("a message that is not there is told", async () => {
  const done = await queue("retry", "01m8fbyeeewk0m5g93d3q8j581");
  expect(done.code).toBe(1);
  expect(done.stderr).toBe("not changed: 01m8fbyeeewk0m5g93d3q8j581: is not in the queue\n");
});

test("show tells all that happened to a recipient, however much happened to the others", async () => {
  const id = await wait(120);
  for (let turn = 0; turn < 5; turn += 1) {
    await queue("hold", id);
    await queue("release", id);
  }
  await queue("drop", `${id}-7`, "--reason", "the last word");
  const [shown] = (await queue("show", `${id}-7`)).json();
  const events = shown?.["events"] as readonly { readonly type: string }[];
  expect(events.filter(({ type }) => type === "Operation")).toHaveLength(10);
  expect(events.at(-1)?.type).toBe("Dropped");
  // As log trace tells the same events.
  const { stdout } = await runHere(place.configFile, "log", "trace", id);
  const traced = stdout.trimEnd().split("\n");
  for (const event of events) expect(traced).toContain(JSON.stringify(event));
});

test("list tells why a copy waits that no attempt was made for", async () => {
  const id = await wait(1, 1);
  {
    await using office = await openOffice(loadConfig(place.configFile));
    const reply = { code: 451, enhanced: "4.3.5", text: "the stream is not in the configuration" };
    await office.storage.queue.settle("test", [
      {
        kind: "deferred",
        recipientId: `${id}-1`,
        nextAttemptAt: new Date(Date.now() + 3_600_000),
        reply,
        counted: false,
      },
    ]);
  }
  expect((await queue("list")).json()).toMatchObject([
    {
      attempts: 0,
      waitingFor: "attempt 1, after: 451 4.3.5 the stream is not in the configuration",
    },
  ]);
});
