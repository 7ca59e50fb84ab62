import fc from "fast-check";
import { expect, test } from "vitest";

import { readReplies } from "../config/replies.ts";
import { createReplyClassifier, enhancedIn, plainWords } from "./reply-class.ts";
import { parseReplyRules, smtpPhases } from "./reply-rules.ts";

const rules = parseReplyRules(readReplies());
if (rules.kind === "bad") throw new Error(rules.problem);
const classifier = createReplyClassifier(rules.value);

test("a dead address is believed at RCPT and not after DATA", () => {
  const text = "550 No such user";
  expect(classifier.classify({ text, phase: "rcpt" })).toMatchObject({
    reason: "user-unknown",
    permanent: true,
  });
  expect(classifier.classify({ text, phase: "data" })).toMatchObject({
    reason: "policy",
    permanent: false,
  });
  expect(classifier.classify({ text })).toMatchObject({ reason: "policy", permanent: false });
});

test.each(["connect", "helo", "mail"] as const)(
  "what is said at %s never speaks of the recipient",
  (phase) => {
    for (const text of [
      "550 5.1.1 User unknown",
      "550 Host unknown",
      "551 User has moved",
      "550 5.1.1 hm",
    ])
      expect(classifier.classify({ text, phase })).toMatchObject({
        reason: "policy",
        permanent: false,
      });
  },
);

test("docomo's and au's words mean another thing after DATA (law.md §5.2)", () => {
  const docomo = { text: "550 Unknown user taro@docomo.ne.jp", hosts: ["docomo.ne.jp"] };
  expect(classifier.classify({ ...docomo, phase: "rcpt" }).reason).toBe("user-unknown");
  expect(classifier.classify({ ...docomo, phase: "data" }).reason).toBe("policy");
  expect(classifier.classify({ ...docomo, phase: "data", enhanced: "5.2.0" }).reason).toBe(
    "policy",
  );
  const au = { hosts: ["ezweb.ne.jp"], phase: "rcpt" as const };
  expect(classifier.classify({ ...au, text: "550 <taro@ezweb.ne.jp>: User unknown" }).reason).toBe(
    "user-unknown",
  );
  expect(classifier.classify({ ...au, text: "550 : User unknown" }).reason).toBe("policy");
});

test("a 4xx is never permanent, whatever it says", () => {
  expect(classifier.classify({ text: "450 4.1.1 User unknown", phase: "rcpt" })).toMatchObject({
    reason: "user-unknown",
    permanent: false,
  });
});

test("words beat codes: a blocked address with 5.1.1 is a block", () => {
  expect(
    classifier.classify({ text: "550 5.1.1 IP address blacklisted by recipient", phase: "rcpt" })
      .reason,
  ).toBe("policy");
});

test("names in addresses and URLs decide nothing", () => {
  expect(
    plainWords("550 5.7.1 <mailbox-full@spam.example> https://x.example/user-unknown [192.0.2.1]"),
  ).toBe("<@> [ip]");
});

test.each([
  ["<o'brien@example.jp>: no", "<@>: no"],
  ["RCPT ('o'brien@example.jp') no", "rcpt ('<@>') no"],
  ["'taro@example.jp' no", "'<@>' no"],
])("an apostrophe in an address is a part of it: %s", (text, words) => {
  expect(plainWords(text)).toBe(words);
});

test("finds an enhanced code where one may stand, and none in an IP address, an address or a version", () => {
  expect(enhancedIn("550 <5.1.1@example.jp> no")).toBeUndefined();
  expect(enhancedIn("550-5.7.26 no")).toBe("5.7.26");
  expect(enhancedIn("(#5.1.1)")).toBe("5.1.1");
  expect(enhancedIn("[4.2.2.1] said no")).toBeUndefined();
  expect(enhancedIn("8.12.11")).toBeUndefined();
});

test("never throws, and never calls an address dead for words of policy, spam, rate or network", () => {
  const words = fc.constantFrom(
    "policy",
    "spam",
    "blocked using zen.spamhaus.org",
    "rate limited",
    "too many connections",
    "connection timed out",
    "DMARC",
    "relay access denied",
    "greylisted",
    "lost connection",
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 400, max: 599 }),
      words,
      fc.option(fc.constantFrom(...smtpPhases), { nil: undefined }),
      fc.constantFrom("", "5.7.1 ", "4.4.2 ", "5.1.1 "),
      (code, word, phase, enhanced) => {
        const outcome = classifier.classify({
          text: `${code} ${enhanced}${word}`,
          ...(phase === undefined ? {} : { phase }),
        });
        expect(outcome.permanent).toBe(false);
      },
    ),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 5000 }), (text) => void classifier.classify({ text })),
  );
});
