import { expect, test } from "vitest";

import { createReloadingClassifier } from "./reloading-classifier.ts";
import { createReplyClassifier } from "./reply-class.ts";
import { parseReplyRules } from "./reply-rules.ts";

test("takes a new table for those who hold it, and keeps the old one where the new one is bad", () => {
  let reason = "rate";
  const classifier = createReloadingClassifier(() => {
    const rules = parseReplyRules({
      rules: [{ reason, lines: [{ seen: "451 come back", when: "come back", pace: "pause" }] }],
      enhanced: {},
      codes: {},
    });
    if (rules.kind === "bad") throw new Error(rules.problem);
    return createReplyClassifier(rules.value);
  });
  const { classify } = classifier;
  expect(classify({ text: "451 come back" })).toMatchObject({ reason: "rate", pace: "pause" });
  reason = "policy";
  const commit = classifier.prepare();
  expect(classify({ text: "451 come back" })).toMatchObject({ reason: "rate" });
  commit();
  expect(classify({ text: "451 come back" })).toMatchObject({ reason: "policy" });
  reason = "nonsense";
  expect(() => {
    classifier.prepare();
  }).toThrow("no known `reason`");
  expect(classify({ text: "451 come back" })).toMatchObject({ reason: "policy" });
});

test.each([
  [{ pace: { rate: "faster" } }, "pace"],
  [{ rules: [{ reason: "rate", lines: [{ seen: "a", when: "a", pace: "stop" }] }] }, "`pace`"],
])("refuses a table that asks for a pace that is none: %j", (more, problem) => {
  expect(parseReplyRules({ rules: [], enhanced: {}, codes: {}, ...more })).toMatchObject({
    kind: "bad",
    problem: expect.stringContaining(problem) as unknown,
  });
});
