import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { readReplies } from "../config/replies.ts";
import { createReplyClassifier, plainWords, type RefusalFacts } from "./reply-class.ts";
import { parseReplyRules, type ReplyRule } from "./reply-rules.ts";

const parsed = parseReplyRules(readReplies());
const rules = parsed.kind === "ok" ? parsed.value : undefined;

/** A seen line as it came: with the phase and host that its group demands. */
function factsOf(rule: ReplyRule): RefusalFacts {
  const phase =
    rule.phases[0] ?? (rule.reason === "user-unknown" && !rule.certain ? "rcpt" : undefined);
  return {
    text: rule.seen,
    hosts: rule.hosts.slice(0, 1),
    ...(phase === undefined ? {} : { phase }),
  };
}

test("the shipped table is good", () => {
  expect(parsed.kind === "bad" ? parsed.problem : "").toBe("");
  expect(rules?.rules.length).toBeGreaterThan(200);
});

test("every pattern matches the line it stands under, and the whole table gives that line the same class", () => {
  const wrong = [];
  if (rules === undefined) throw new Error("no rules");
  const classifier = createReplyClassifier(rules);
  for (const rule of rules.rules) {
    const facts = factsOf(rule);
    const got = rule.ofReport ? classifier.byWords(facts, true) : classifier.byWords(facts);
    if (!rule.pattern.test(plainWords(rule.seen)) || got?.reason !== rule.reason)
      wrong.push({ seen: rule.seen, wanted: rule.reason, got });
  }
  expect(wrong).toEqual([]);
});

test("no pattern nests a repetition in a repetition without bound on both", () => {
  const text = readFileSync(new URL("../../config/replies.yaml", import.meta.url), "utf8");
  expect(text).not.toMatch(/\([^()]*[+*]\)[+*]/);
});

test.each([
  ["no mapping", [], "has no list `rules`"],
  [
    "an unknown class",
    { rules: [{ reason: "bored", lines: [] }] },
    "rules[0] has no known `reason`",
  ],
  [
    "an unknown key",
    { rules: [{ reason: "spam", lines: [], x: 1 }] },
    "rules[0] has an unknown key `x`",
  ],
  [
    "a broken pattern",
    { rules: [{ reason: "spam", lines: [{ seen: "550 a", when: "(" }] }] },
    "rules[0] (550 a) has a pattern that is no regular expression",
  ],
  [
    "no seen line",
    { rules: [{ reason: "spam", lines: [{ when: "a" }] }] },
    "rules[0] has a line without `seen`",
  ],
  [
    "an unknown phase",
    { rules: [{ reason: "spam", phases: ["noon"], lines: [] }] },
    "rules[0] names an unknown phase",
  ],
  [
    "a code that is none",
    { rules: [], enhanced: { "5.1.1": "spam" }, codes: {} },
    "enhanced has a key `5.1.1` that is no code",
  ],
])("refuses a table with %s", (_name, data, problem) => {
  expect(parseReplyRules(data)).toEqual({ kind: "bad", problem });
});
