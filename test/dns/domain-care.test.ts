// The schedule of the check-up on a clock turned by hand: a break is seen within the interval, its end sooner.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { generateKey } from "../../src/dkim/generate.ts";
import type { Timers } from "../../src/dns/repeat.ts";
import { startDomainCare } from "../../src/domain-care.ts";
import { openOffice } from "../../src/office.ts";
import { startDnsStub } from "../support/dns-stub.ts";
import { address, domain, hostname, rightZone } from "./zones.ts";

const folder = mkdtempSync(join(tmpdir(), "sekisho-schedule-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** Timers that go off when the clock is turned past them. */
function createClock(): Timers & {
  readonly turn: (milliseconds: number) => void;
  /** Resolves once a timer of more than a minute is set: a look is over. */
  readonly looked: () => Promise<number>;
} {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly work: () => void }>();
  let waiting: ((pause: number) => void) | undefined;
  let last: number | undefined;
  return {
    setTimeout: (work, milliseconds) => {
      const timer = { at: now + milliseconds, work };
      timers.add(timer);
      if (milliseconds > minuteMs) {
        if (waiting === undefined) last = milliseconds;
        waiting?.(milliseconds);
        waiting = undefined;
      }
      return timer;
    },
    clearTimeout: (timer) => void timers.delete(timer as { at: number; work: () => void }),
    turn: (milliseconds) => {
      now += milliseconds;
      for (const timer of timers) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.work();
      }
    },
    looked: () => {
      const pause = last;
      last = undefined;
      return pause === undefined
        ? new Promise((resolve) => {
            waiting = resolve;
          })
        : Promise.resolve(pause);
    },
  };
}

test("a record removed is seen within the hour and holds; put back, it is seen within five minutes", async () => {
  await using dns = await startDnsStub({});
  const file = join(folder, "gateway.yaml");
  writeFileSync(
    file,
    `
version: 1
hostname: ${hostname}
log: { level: error }
senders: [{ id: sample, legal: { names: [Sample] }, domains: [example.test] }]
dns: { servers: ["${dns.server}"], source_addresses: ["${address}"], on_failure: hold }
`,
  );
  await using office = await openOffice(loadConfig(file));
  const act = { actor: "test", at: new Date() };
  const privateKey = await generateKey({ algorithm: "rsa", bits: 2048 });
  const key = await office.storage.keys.add({ domain, selector: "s1", privateKey }, act);
  await office.storage.keys.setState(domain, "s1", "active", act);
  Object.assign(dns.zones, rightZone(key));

  const paused: string[] = [];
  const delivery = {
    pause: (_what: { readonly kind: string }, by?: string) => void paused.push(`pause ${by ?? ""}`),
    resume: (_what: { readonly kind: string }, by?: string) =>
      void paused.push(`resume ${by ?? ""}`),
  };
  const clock = createClock();
  await using care = await startDomainCare(office, delivery, clock);
  expect(await clock.looked()).toBe(hourMs);
  expect([care.holds("sample"), care.readiness().ok]).toEqual([undefined, true]);
  expect(paused.splice(0)).toEqual(["pause dns", "resume dns"]); // Nothing left before the first look.

  const zone = dns.zones[key.record.name];
  Reflect.deleteProperty(dns.zones, key.record.name);
  clock.turn(hourMs - 1);
  expect(care.holds("sample")).toBeUndefined();
  clock.turn(1);
  expect(await clock.looked()).toBe(5 * minuteMs);
  expect(care.holds("sample")).toBe(`dkim-missing ${key.record.name}`);
  expect(paused.splice(0)).toEqual(["pause dns"]);

  if (zone !== undefined) dns.zones[key.record.name] = zone;
  clock.turn(5 * minuteMs);
  expect(await clock.looked()).toBe(hourMs);
  expect(care.holds("sample")).toBeUndefined();
  expect(paused).toEqual(["resume dns"]);
});
