import { expect, test } from "vitest";

import type { BounceReason } from "../feedback/bounce-reason.ts";
import { createIndexer } from "../consent/address-index.ts";
import { parseAddress } from "../mail/address.ts";
import type { Lease } from "../queue/store.ts";
import type { OutcomeClass } from "./classify.ts";
import { lessonOf } from "./lesson.ts";

const now = new Date("2026-11-25T00:00:00Z");
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
  receivedAt: now,
  trace: { helo: "ma", protocol: "ESMTPS" },
  notification: false,
  uncertain: false,
};

/** `daysAgo`: earlier failures of the same class. */
async function lesson(
  failed: OutcomeClass,
  more: { readonly unknownUser?: boolean; readonly daysAgo?: readonly number[] } = {},
): Promise<string | undefined> {
  const reason = (failed === "routing" ? "host-unknown" : failed) as BounceReason;
  const earlier = (more.daysAgo ?? []).map((days) => ({
    at: new Date(now.getTime() - days * 86_400_000),
    reason,
  }));
  const suppression = await lessonOf(
    lease,
    {
      class: failed,
      unknownUser: more.unknownUser ?? false,
      reply: { code: 550, enhanced: "5.1.1", text: "hanako@example.net is not here" },
    },
    { earlierBounces: () => Promise.resolve(earlier), now },
  );
  if (suppression === undefined) return undefined;
  const days = ((suppression.expiresAt?.getTime() ?? Infinity) - now.getTime()) / 86_400_000;
  return `${suppression.kind} ${suppression.reason} ${days}`;
}

test("an address that does not exist is lost at once, and the reason names nobody", async () => {
  expect(await lesson("user-unknown", { unknownUser: true })).toBe(
    "hard-bounce user unknown: 550 5.1.1 Infinity",
  );
});

test("user unknown said where it may mean filtered teaches nothing", async () => {
  expect(await lesson("user-unknown")).toBeUndefined();
});

test("a full mailbox counts in time", async () => {
  expect(await lesson("mailbox-full", { daysAgo: [1, 5, 9] })).toBeUndefined();
  expect(await lesson("mailbox-full", { daysAgo: [1, 2, 3, 4, 5] })).toBeUndefined();
  expect(await lesson("mailbox-full", { daysAgo: [1, 5, 9, 14] })).toMatch(/^hard-bounce .* 60$/);
  expect(await lesson("mailbox-full", { daysAgo: [91, 92, 93, 94] })).toBeUndefined();
});

test("a domain that is not there counts in time too", async () => {
  expect(await lesson("routing", { daysAgo: [1] })).toBeUndefined();
  expect(await lesson("routing", { daysAgo: [1, 3] })).toMatch(/^hard-bounce host unknown.* 180$/);
});

test.each([
  "policy",
  "spam",
  "rate",
  "authentication",
  "network",
  "tls",
  "connection",
  "unfit",
  "no-route",
] as const)("%s never suppresses anybody, however often it comes", async (failed) => {
  const daysAgo = Array.from({ length: 50 }, (_, index) => index);
  expect(await lesson(failed, { daysAgo })).toBeUndefined();
});

test("earlier failures that cannot be read are none, and a report teaches nothing", async () => {
  const failure = {
    class: "mailbox-full",
    unknownUser: false,
    reply: { code: 552, text: "full" },
  } as const;
  const broken = { earlierBounces: () => Promise.reject(new Error("disk")), now };
  expect(await lessonOf(lease, failure, broken)).toBeUndefined();
  const report = { ...lease, notification: true };
  expect(await lessonOf(report, { ...failure, unknownUser: true }, { now })).toBeUndefined();
});
