import { expect, test } from "vitest";

import type { AuditEvent } from "../audit/event.ts";
import { createIndexer } from "../consent/address-index.ts";
import { parseAddress } from "../mail/address.ts";
import { createEarlierBounces } from "./earlier-bounces.ts";

const address = parseAddress("hanako@example.net");
if (address.kind === "bad") throw new Error(address.problem);
const subject = createIndexer(Buffer.alloc(32, 1)).address(address.value);

/** What counts of one failure at our own attempt. */
async function read(
  outcomeClass: string,
  enhanced: string,
  text: string,
  type: "Bounce" | "Expiration" = "Bounce",
): Promise<string | undefined> {
  const event: AuditEvent = {
    type,
    at: new Date(0),
    sequence: 1,
    chain: "x",
    subject,
    reply: { code: 550, enhanced, text },
    detail: { class: outcomeClass },
  };
  const earlier = createEarlierBounces({
    search: () => Promise.resolve({ items: [event], next: null }),
  });
  return (await earlier(subject, undefined))[0]?.reason;
}

test("what the DNS tells of the domain itself counts as a host that is not there", async () => {
  expect(await read("routing", "5.1.2", "the domain does not exist")).toBe("host-unknown");
  expect(await read("routing", "5.1.10", "the domain takes no mail (null MX)")).toBe(
    "host-unknown",
  );
  expect(await read("routing", "5.4.4", "no mail exchanger of the domain has an address")).toBe(
    "host-unknown",
  );
  expect(await read("routing", "4.4.3", "no answer", "Expiration")).toBeUndefined();
});

test("a way that we did not find does not count", async () => {
  expect(await read("no-route", "5.4.4", "no route for the domain is set up")).toBeUndefined();
});

test("mail that came back counts once the reporter has given up, and a copy does not count against itself", async () => {
  const about = { at: new Date(0), chain: "x", subject } as const;
  const events: readonly AuditEvent[] = [
    {
      ...about,
      type: "Returned",
      sequence: 1,
      recipientId: "m-1",
      detail: { reason: "mailbox-full", final: true },
    },
    {
      ...about,
      type: "Returned",
      sequence: 2,
      recipientId: "m-2",
      detail: { reason: "suspended", final: false },
    },
    {
      ...about,
      type: "Returned",
      sequence: 3,
      recipientId: "m-3",
      detail: { reason: "nonsense", final: true },
    },
    { ...about, type: "Returned", sequence: 4, recipientId: "m-4" },
    { ...about, type: "Bounce", sequence: 5, recipientId: "m-5" },
    {
      ...about,
      type: "Expiration",
      sequence: 6,
      recipientId: "m-6",
      detail: { class: "mailbox-full" },
    },
    { ...about, type: "Bounce", sequence: 7, detail: { class: "user-unknown" } },
  ];
  const asked: object[] = [];
  const earlier = createEarlierBounces({
    search: (query) => {
      asked.push(query);
      return Promise.resolve({ items: events, next: null });
    },
  });
  const reasons = async (except?: string): Promise<readonly string[]> =>
    (await earlier(subject, except)).map(({ reason }) => reason);
  expect(await reasons()).toEqual(["mailbox-full", "mailbox-full", "user-unknown"]);
  expect(await reasons("m-1")).toEqual(["mailbox-full", "user-unknown"]);
  expect(await reasons("m-9")).toEqual(["mailbox-full", "mailbox-full", "user-unknown"]);
  expect(asked[0]).toEqual({
    types: ["Returned", "Bounce", "Expiration"],
    subject,
    newestFirst: true,
    limit: 50,
  });
});
