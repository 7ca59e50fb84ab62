import { expect, test } from "vitest";

import type { AuditDraft } from "../audit/event.ts";
import { createIndexer } from "../consent/address-index.ts";
import { parseAddress } from "../mail/address.ts";
import type { Lease, Settlement } from "../queue/store.ts";
import { createBlockAlarms } from "./block-alarms.ts";

const address = parseAddress("hanako@example.net");
if (address.kind === "bad") throw new Error(address.problem);
const lease: Lease = {
  recipientId: "m-1",
  messageId: "m",
  address: address.value,
  subject: createIndexer(Buffer.alloc(32, 1)).address(address.value),
  destination: address.value.domain,
  attempts: 0,
  stream: "newsletter",
  sender: "sample",
  envelope: { mailFrom: null, eightBit: false, smtpUtf8: false },
  fromDomain: address.value.domain,
  receivedAt: new Date(0),
  trace: { helo: "ma", protocol: "ESMTPS" },
  notification: false,
  uncertain: false,
};

function failed(reason: string, kind: "failed" | "deferred" = "failed"): Settlement {
  const event: AuditDraft = { type: "Bounce", at: new Date(0), detail: { class: reason } };
  const common = { recipientId: "m-1", reply: { code: 550, text: "blocked" }, event };
  return kind === "failed"
    ? { ...common, kind }
    : { ...common, kind, nextAttemptAt: new Date(0), counted: true };
}

test("a receiver's refusal of us is told once an hour for each reason, and nobody else's failure ever", async () => {
  let now = new Date(0);
  const told: string[] = [];
  const note = createBlockAlarms({
    audit: {
      append: (events) => {
        for (const { detail } of events) told.push(String(detail?.["reason"]));
        return Promise.resolve();
      },
    },
    clock: () => now,
    raised: () => undefined,
    lost: () => undefined,
  });
  for (let n = 0; n < 1000; n += 1)
    note(failed("policy", n % 2 === 0 ? "failed" : "deferred"), lease, "none");
  note(failed("spam"), lease, "none");
  for (const reason of ["user-unknown", "mailbox-full", "network", "tls"])
    note(failed(reason), lease, "none");
  expect(told).toEqual(["policy", "spam"]);
  now = new Date(3_600_000);
  note(failed("policy"), lease, "none");
  expect(told).toEqual(["policy", "spam", "policy"]);
});

test("a pace that is about one recipient alone, as greylisting is, is no refusal of us; a temporary block is", async () => {
  const told: AuditDraft[] = [];
  const note = createBlockAlarms({
    audit: { append: () => Promise.resolve() },
    clock: () => new Date(0),
    raised: (alarm) => {
      told.push(alarm);
    },
    lost: () => undefined,
  });
  note(failed("rate", "deferred"), lease, "none");
  note(failed("rate"), lease, "none");
  expect(told).toEqual([]);
  note(failed("policy", "deferred"), lease, "none");
  note(failed("rate", "deferred"), lease, "slow");
  await expect.poll(() => told.map(({ detail }) => detail?.["reason"])).toEqual(["policy", "rate"]);
});

test("mail that finds no way of ours raises one alarm an hour for each domain", () => {
  let now = new Date(0);
  const told: unknown[] = [];
  const note = createBlockAlarms({
    audit: {
      append: (events) => {
        told.push(...events.map(({ detail }) => detail));
        return Promise.resolve();
      },
    },
    clock: () => now,
    raised: () => undefined,
    lost: () => undefined,
  });
  const other = parseAddress("hanako@example.org");
  if (other.kind === "bad") throw new Error(other.problem);
  for (let n = 0; n < 100; n += 1) {
    note(failed("no-route"), lease, "unsent");
    note(
      failed("no-route"),
      { ...lease, sender: "other", destination: other.value.domain },
      "unsent",
    );
    note(failed("routing"), lease, "unsent"); // the domain does not exist
  }
  const alarm = (destination: string): object => ({
    what: "mail finds no way: delivery.routes or delivery.allow_private may be wrong",
    reason: "no-route",
    destination,
  });
  expect(told).toEqual([alarm("example.net"), alarm("example.org")]);
  now = new Date(3_600_000);
  note(failed("no-route"), lease, "unsent");
  expect(told).toHaveLength(3);
});

test("an alarm that cannot be recorded is told to the log and stops nothing", async () => {
  const lost: unknown[] = [];
  const note = createBlockAlarms({
    audit: { append: () => Promise.reject(new Error("disk full")) },
    clock: () => new Date(0),
    raised: () => undefined,
    lost: (cause) => {
      lost.push(cause);
    },
  });
  note(failed("policy"), lease, "none");
  await expect.poll(() => lost.length).toBe(1);
});

test("row 32: mail that cannot be signed raises one alarm an hour for each From domain, wherever it goes", () => {
  const told: unknown[] = [];
  const note = createBlockAlarms({
    audit: {
      append: (events) => {
        told.push(...events.map(({ detail }) => detail));
        return Promise.resolve();
      },
    },
    clock: () => new Date(0),
    raised: () => undefined,
    lost: () => undefined,
  });
  const unsigned: Settlement = {
    kind: "deferred",
    recipientId: "m-1",
    reply: { code: 451, enhanced: "4.7.5", text: "not signed: the key file is missing" },
    event: {
      type: "TransientFailure",
      at: new Date(0),
      reason: "signing-failed",
      detail: { class: "unfit" },
    },
    nextAttemptAt: new Date(0),
    counted: true,
  };
  const other = parseAddress("hanako@example.org");
  if (other.kind === "bad") throw new Error(other.problem);
  for (const destination of [lease.destination, other.value.domain])
    for (const fromDomain of [lease.fromDomain, other.value.domain])
      note(unsigned, { ...lease, destination, fromDomain }, "unsent");
  expect(told).toEqual(
    [lease.fromDomain, other.value.domain].map((domain) => ({
      what: "mail cannot be signed and waits: sekisho keys list, and the files in keys_dir",
      reason: "signing-failed",
      domain,
    })),
  );
});
