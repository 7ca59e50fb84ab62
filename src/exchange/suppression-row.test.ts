// Rows of a suppressions table: what becomes of good ones, and what is told about bad ones.
import { expect, test } from "vitest";

import { createIndexer } from "../consent/address-index.ts";
import { parseDomain } from "../mail/domain.ts";
import type { RowContext } from "./row-problem.ts";
import { readSuppressionRow } from "./suppression-row.ts";

const indexer = createIndexer(Buffer.alloc(32, 1));
const now = new Date("2026-06-01T00:00:00Z");
const context: RowContext = {
  indexer,
  senders: [{ id: "sample", topics: ["news"] }],
  streams: ["newsletter"],
  zone: 540,
  now,
  actor: "import:0123456789abcdef",
  trusted: new Set(),
};
const read = (row: Record<string, string>): ReturnType<typeof readSuppressionRow> =>
  readSuppressionRow(new Map(Object.entries(row)), context);

test("a row with an address alone is kept from everything, for ever", () => {
  expect(read({ email: "a@example.jp" })).toMatchObject({
    kind: "ok",
    value: {
      target: { text: "a@example.jp" },
      suppression: { kind: "import", scope: { kind: "all" }, ofDomain: false, createdAt: now },
    },
  });
});

test("a full row is kept as it says, until the end of its last day", () => {
  const domain = parseDomain("example.jp");
  expect(
    read({
      email: "*@Example.jp",
      kind: "Hard Bounce",
      scope: "stream:newsletter",
      reason: "closed",
      expires_at: "2026/12/31",
    }),
  ).toEqual({
    kind: "ok",
    value: {
      target: "example.jp",
      suppression: {
        subject: domain.kind === "ok" ? indexer.domain(domain.value) : "",
        ofDomain: true,
        kind: "hard-bounce",
        scope: { kind: "stream", id: "newsletter" },
        origin: "import:0123456789abcdef",
        reason: "closed",
        createdAt: now,
        expiresAt: new Date("2026-12-31T15:00:00Z"),
      },
    },
  });
});

test.each([
  ["a domain without *@", { email: "example.jp" }, "email"],
  ["an unknown kind", { email: "a@example.jp", kind: "whim" }, "kind"],
  ["an unknown sender", { email: "a@example.jp", scope: "sender:x" }, "scope"],
  ["an unknown stream", { email: "a@example.jp", scope: "stream:x" }, "scope"],
  ["half a scope", { email: "a@example.jp", scope: "sender" }, "scope"],
  ["an unclear date", { email: "a@example.jp", expires_at: "1/2/2026" }, "expires_at"],
  ["an endless reason", { email: "a@example.jp", reason: "x".repeat(501) }, "reason"],
  ["a card number", { email: "a@example.jp", note: "4111 1111 1111 1111" }, "note"],
])("a row with %s is bad", (_name, row, column) => {
  expect(read(row)).toMatchObject({ kind: "bad", problems: [{ column }] });
});
