import fc from "fast-check";
import { expect, test } from "vitest";

import { createMessageId } from "../mail/message-id.ts";
import { createReturnPath } from "./return-path.ts";

const now = new Date("2026-11-25T00:00:00Z");
const key = Buffer.alloc(32, 1);
const paths = createReturnPath(key);
const recipientId = `${createMessageId(now, () => Buffer.alloc(10, 3))}-1`;
const day = 86_400_000;
const later = (days: number): Date => new Date(now.getTime() + days * day);

test("reads what it issued, in any case, within 64 octets", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 32_767 }),
      fc.constantFrom("bounce", "unsubscribe"),
      (number, purpose) => {
        const id = recipientId.replace(/\d+$/, String(number));
        const local = paths.issue(id, purpose, now);
        expect(Buffer.byteLength(local)).toBeLessThanOrEqual(64);
        expect(paths.read(local, now)).toEqual({ kind: "ok", purpose, recipientId: id });
        expect(paths.read(local.toUpperCase(), now)).toEqual({
          kind: "ok",
          purpose,
          recipientId: id,
        });
      },
    ),
  );
});

test("a bounce address is stale after two weeks, an opt-out mailbox never", () => {
  const bounce = paths.issue(recipientId, "bounce", now);
  const optOut = paths.issue(recipientId, "unsubscribe", now);
  expect(paths.read(bounce, later(14)).kind).toBe("ok");
  expect(paths.read(bounce, later(15))).toEqual({ kind: "stale", purpose: "bounce" });
  expect(paths.read(optOut, later(3650)).kind).toBe("ok");
});

test("every changed character makes it a forgery", () => {
  const local = paths.issue(recipientId, "bounce", now);
  const readings = Array.from({ length: local.length - 2 }, (_, at) => {
    const index = at + 2;
    const other = local[index] === "0" ? "1" : "0";
    return paths.read(local.slice(0, index) + other + local.slice(index + 1), now).kind;
  });
  expect(new Set(readings)).toEqual(new Set(["forged"]));
});

test("one purpose never opens the other, and another key opens nothing", () => {
  const local = paths.issue(recipientId, "bounce", now);
  expect(paths.read(local.replace(/^b-/, "unsubscribe+"), now)).toEqual({
    kind: "forged",
    purpose: "unsubscribe",
  });
  expect(createReturnPath(Buffer.alloc(32, 2)).read(local, now).kind).toBe("forged");
  expect(createReturnPath(Buffer.alloc(32, 2), [key]).read(local, now).kind).toBe("ok");
});

test("never throws, and no text is taken for ours by chance", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(paths.read(text, now).kind).not.toBe("ok");
      expect(paths.read(`b-${text}`, now).kind).toBe("forged");
    }),
  );
});

test("refuses to issue for what is no recipient", () => {
  const messageId = recipientId.slice(0, -2);
  for (const wrong of [
    "x",
    messageId,
    `${messageId}-`,
    `${messageId}-32768`,
    `${messageId}-100000`,
    `x${recipientId}`,
    `${recipientId}x`,
    `${messageId}x-1`,
  ])
    expect(() => paths.issue(wrong, "bounce", now), wrong).toThrow(RangeError);
  expect(paths.issue(`${messageId}-32767`, "bounce", now)).toMatch(/^b-/);
});

test("a bounce address of tomorrow's clock is read, one of the day behind it is stale", () => {
  const issuedIn = (days: number): string =>
    paths.read(paths.issue(recipientId, "bounce", later(days)), now).kind;
  expect([issuedIn(1), issuedIn(2)]).toEqual(["ok", "stale"]);
});

test("a name that only looks like one of ours is foreign, and a genuine one with more around it is not read", () => {
  const local = paths.issue(recipientId, "bounce", now);
  for (const other of ["news", "", `x${local}`, local.slice(2)])
    expect(paths.read(other, now)).toEqual({ kind: "foreign" });
  for (const more of [`${local}0`, `b-0${local.slice(2)}`, `${local}-1`])
    expect(paths.read(more, now)).toEqual({ kind: "forged", purpose: "bounce" });
});
