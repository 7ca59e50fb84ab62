// How long a message's content stays in memory: until the last of its attempts ends, and no longer.
import { expect, test } from "vitest";

import type { Lease, NewMessage, NewRecipient } from "../queue/store.ts";
import { createClaims, type Accepted, type Claims, type Kept } from "./claims.ts";

interface Begun {
  readonly lease: Lease;
  readonly kept: Kept;
}

function claimsThatBegin(
  begun: Begun[],
  isOpen = true,
): { claims: Claims; nudges: () => number; prepared: readonly string[] } {
  let nudges = 0;
  const prepared: string[] = [];
  const claims = createClaims({
    owner: "gateway/1",
    leaseMs: 60_000,
    clock: () => new Date(0),
    isOpen: () => isOpen,
    begin: (lease, kept) => {
      begun.push({ lease, kept });
    },
    nudge: () => {
      nudges += 1;
    },
    headStart: {
      begin: ({ recipientId }, { content }) => {
        prepared.push(`begin ${recipientId} ${content.length}`);
      },
      forget: (recipientId) => {
        prepared.push(`forget ${recipientId}`);
      },
    },
  });
  return { claims, nudges: () => nudges, prepared };
}

const messageOf = (content: Buffer, more: Partial<NewMessage> = {}): NewMessage =>
  ({ messageId: "m1", content, ...more }) as NewMessage;
const recipientsOf = (count: number): readonly NewRecipient[] =>
  Array.from({ length: count }, (_, at) => ({ recipientId: `m1-${at + 1}` }) as NewRecipient);
const contentOf = (): Buffer => Buffer.allocUnsafeSlow(5000).fill(65);
const stored = (): Promise<Accepted> => Promise.resolve({ kind: "stored" });

test.each([1, 2, 3])(
  "content is there for each of %i attempts, and gone behind the last",
  async (count) => {
    const begun: Begun[] = [];
    const content = contentOf();
    const { claims } = claimsThatBegin(begun);
    await claims.handOver(messageOf(content), recipientsOf(count), stored);
    expect(begun.map(({ lease }) => lease.recipientId)).toHaveLength(count);
    for (const { kept } of begun) {
      expect(kept.content).toHaveLength(5000);
      expect(kept.isShared).toBe(count > 1);
      kept.end();
    }
    expect(content).toHaveLength(0);
  },
);

test("what was not stored begins no attempt, and its content is gone", async () => {
  const begun: Begun[] = [];
  const { claims } = claimsThatBegin(begun);
  const repeated = contentOf();
  await claims.handOver(messageOf(repeated), recipientsOf(2), () =>
    Promise.resolve({ kind: "duplicate", messageId: "m0" }),
  );
  const refused = contentOf();
  const refusing = claims.handOver(messageOf(refused), recipientsOf(2), () =>
    Promise.reject(new Error("no room")),
  );
  await expect(refusing).rejects.toThrow("no room");
  expect([begun.length, repeated.length, refused.length]).toEqual([0, 0, 0]);
});

test.each([
  ["held", true, { held: { reason: "judge-timeout", detail: "", findings: [] } }],
  ["behind others", false, {}],
] as const)("a message that is %s is the store's alone", async (_, isOpen, more) => {
  const begun: Begun[] = [];
  const content = contentOf();
  const { claims, nudges } = claimsThatBegin(begun, isOpen);
  await claims.handOver(messageOf(content, more), recipientsOf(1), (claim) => {
    expect(claim).toBeUndefined();
    return stored();
  });
  expect([begun.length, nudges(), content.length]).toEqual([0, 1, 5000]);
});

test("room that was taken is there again once attempts ended", async () => {
  const begun: Begun[] = [];
  const { claims } = claimsThatBegin(begun);
  const large = (): Buffer => Buffer.allocUnsafeSlow(30 * 1024 * 1024);
  await claims.handOver(messageOf(large()), recipientsOf(1), stored);
  await claims.handOver(messageOf(large()), recipientsOf(1), stored);
  expect(begun).toHaveLength(1); // of 48 MB in all, the second found no room
  begun[0]?.kept.end();
  await claims.handOver(messageOf(large()), recipientsOf(1), stored);
  expect(begun).toHaveLength(2);
});

test("2000 recipients are under way at once, and room for one is there when one ended", async () => {
  const begun: Begun[] = [];
  const { claims, nudges } = claimsThatBegin(begun);
  const handOver = (count: number): Promise<Accepted> =>
    claims.handOver(messageOf(Buffer.allocUnsafeSlow(1)), recipientsOf(count), stored);
  await handOver(1999);
  await handOver(2);
  expect([begun.length, nudges()]).toEqual([1999, 1]);
  await handOver(1);
  expect([begun.length, nudges()]).toEqual([2000, 1]);
  await handOver(1);
  expect([begun.length, nudges()]).toEqual([2000, 2]);
  begun[0]?.kept.end();
  await handOver(1);
  expect([begun.length, nudges()]).toEqual([2001, 2]);
});

test("what one recipient gets is prepared while it is being stored, and forgotten behind its attempt", async () => {
  const begun: Begun[] = [];
  const { claims, prepared } = claimsThatBegin(begun);
  const commit = Promise.withResolvers<Accepted>();
  const handedOver = claims.handOver(messageOf(contentOf()), recipientsOf(1), () => commit.promise);
  expect([begun.length, prepared]).toEqual([0, ["begin m1-1 5000"]]);
  commit.resolve({ kind: "stored" });
  await handedOver;
  expect([begun.length, prepared]).toEqual([1, ["begin m1-1 5000"]]);
  begun[0]?.kept.end();
  expect(prepared).toEqual(["begin m1-1 5000", "forget m1-1"]);
});

test.each([
  ["repeated", () => Promise.resolve<Accepted>({ kind: "duplicate", messageId: "m0" })],
  ["refused", () => Promise.reject(new Error("no room"))],
])("what was prepared for a message that was %s is forgotten", async (_, store) => {
  const { claims, prepared } = claimsThatBegin([]);
  await claims
    .handOver(messageOf(contentOf()), recipientsOf(1), store)
    .catch((error: unknown) => error);
  expect(prepared).toEqual(["begin m1-1 5000", "forget m1-1"]);
});

test("what several get is left to the first who asks for it", async () => {
  const begun: Begun[] = [];
  const { claims, prepared } = claimsThatBegin(begun);
  await claims.handOver(messageOf(contentOf()), recipientsOf(2), stored);
  for (const { kept } of begun) kept.end();
  expect(prepared).toEqual([]);
});
