// Suppressions: for whose mail one holds, until when, and how its scope is written.
import { expect, test } from "vitest";

import { at, grant } from "../../test/support/consent-events.ts";
import {
  applies,
  formatScope,
  outlasts,
  parseScope,
  type Suppression,
  type SuppressionScope,
} from "./suppression.ts";

const { subject } = grant(1);
function suppression(scope: SuppressionScope, expires?: number): Suppression {
  return {
    subject,
    ofDomain: false,
    kind: "manual",
    scope,
    origin: "test",
    createdAt: at(1),
    ...(expires === undefined ? {} : { expiresAt: at(expires) }),
  };
}

const to = { sender: "sample", stream: "news", now: at(10) };
test.each<[SuppressionScope, boolean]>([
  [{ kind: "all" }, true],
  [{ kind: "sender", id: "sample" }, true],
  [{ kind: "sender", id: "other" }, false],
  [{ kind: "sender", id: "news" }, false],
  [{ kind: "stream", id: "news" }, true],
  [{ kind: "stream", id: "other" }, false],
  [{ kind: "stream", id: "sample" }, false],
])("one of scope %o holds for stream news of sender sample: %s", (scope, holds) => {
  expect(applies(suppression(scope), to)).toBe(holds);
  expect(applies(suppression(scope, 11), to)).toBe(holds);
  expect(applies(suppression(scope, 10), to)).toBe(false);
  expect(applies(suppression(scope, 9), to)).toBe(false);
});

test("one without an end outlasts every other, and none outlasts it", () => {
  const [endless, long, short] = [undefined, 20, 10].map((expires) =>
    suppression({ kind: "all" }, expires),
  ) as [Suppression, Suppression, Suppression];
  expect([outlasts(endless, long), outlasts(long, endless)]).toEqual([true, false]);
  expect([outlasts(long, short), outlasts(short, long)]).toEqual([true, false]);
  expect([outlasts(endless, endless), outlasts(long, long)]).toEqual([false, false]);
});

test.each<[string, SuppressionScope]>([
  ["all", { kind: "all" }],
  ["sender:sample", { kind: "sender", id: "sample" }],
  ["stream:news:2", { kind: "stream", id: "news:2" }],
])("the scope %s is read as it is written", (text, scope) => {
  expect(parseScope(text)).toEqual(scope);
  expect(formatScope(scope)).toBe(text);
});

test.each([
  "",
  "ALL",
  "all ",
  "sender:",
  "stream:",
  "sender",
  "topic:news",
  " sender:a",
  "xsender:a",
])("%j is no scope", (text) => {
  expect(parseScope(text)).toBeUndefined();
});
