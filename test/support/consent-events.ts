// Short makers of consent events for tests: days counted from 2026-01-01, one person, sender `sample`, topic `news`.
import { createIndexer } from "../../src/consent/address-index.ts";
import type { Basis, ConsentEvent } from "../../src/consent/event.ts";
import { parseAddress } from "../../src/mail/address.ts";

const address = parseAddress("taro@example.jp");
if (address.kind === "bad") throw new Error(address.problem);
const subject = createIndexer(Buffer.alloc(32, 1)).address(address.value);

type Of<Kind extends ConsentEvent["kind"]> = Extract<ConsentEvent, { readonly kind: Kind }>;

export const at = (day: number): Date => new Date(Date.UTC(2026, 0, 1) + day * 86_400_000);
const common = (
  day: number,
): Pick<ConsentEvent, "subject" | "sender" | "at" | "evidence" | "actor"> => ({
  subject,
  sender: "sample",
  at: at(day),
  evidence: {},
  actor: "test",
});
export const grant = (
  day: number,
  by: "person" | "import" = "person",
  more: { topic?: string; basis?: Basis; expires?: number } = {},
): Of<"granted"> => ({
  ...common(day),
  kind: "granted",
  topic: more.topic ?? "news",
  basis: more.basis ?? "consent",
  byPerson: by === "person",
  ...(more.expires === undefined ? {} : { expiresAt: at(more.expires) }),
});
export const withdraw = (day: number, topic: string | null = "news"): ConsentEvent => ({
  ...common(day),
  kind: "withdrawn",
  topic,
});
export const pause = (day: number, until: number, topic: string | null = "news"): ConsentEvent => ({
  ...common(day),
  kind: "paused",
  topic,
  until: at(until),
});
export const expire = (day: number, topic = "news"): ConsentEvent => ({
  ...common(day),
  kind: "expired",
  topic,
});
