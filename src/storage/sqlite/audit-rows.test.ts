// What of an event stays readable, and what only the person's key opens.
import { createSecretKey } from "node:crypto";

import { expect, test } from "vitest";

import type { AuditDraft } from "../../audit/event.ts";
import { unseal } from "../sealing.ts";
import { storedEvent } from "./audit-rows.ts";

const key = createSecretKey(Buffer.alloc(32, 1));
const person = { key, address: "Taro@example.jp" };
const draft: AuditDraft = { type: "Bounce", at: new Date(1), actor: "gateway" };

test("a detail that names the person's address is sealed, however it is spelt, and nothing else of the event", () => {
  const detail = { note: "sent for tARO@example.jp", attempt: 1 };
  const event = storedEvent({ ...draft, detail }, 7, person, key);
  expect(event.rest).toBe('{"actor":"gateway"}');
  const secret = unseal(key, "audit/main/7", event.sealed ?? Buffer.alloc(0));
  expect(JSON.parse(secret.toString("utf8"))).toEqual({ detail });
});

test("an address elsewhere in the event does not hide a detail that does not name it", () => {
  const event = storedEvent(
    { ...draft, actor: "Taro@example.jp", detail: { b: 1 } },
    7,
    person,
    key,
  );
  expect(event.rest).toBe('{"actor":"Taro@example.jp","detail":{"b":1}}');
  expect(event.sealed).toBeNull();
});
