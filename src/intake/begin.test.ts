// MAIL: each reason for a no, which of several is told, and whose addresses a stream may use.
import { expect, test } from "vitest";

import { address } from "../../test/support/memory-stores.ts";
import { makeSender, makeStream } from "../../test/support/smtp-gateway.ts";
import { mailClasses } from "../policy/stream.ts";
import { decideBegin, type BeginFacts } from "./begin.ts";

const facts: BeginFacts = {
  stream: makeStream({ class: "marketing" }),
  mailFrom: address("news@example.jp"),
  frozen: false,
  withinRate: true,
  room: "room",
};
function answerTo(change: Partial<BeginFacts>): string {
  const answer = decideBegin({ ...facts, ...change });
  return answer.kind === "refused" ? answer.no.reason : answer.kind;
}

// Each with all that come behind it: the first is told.
const faults: readonly (readonly [string, Partial<BeginFacts>])[] = [
  ["storage-full", { room: "full" }],
  ["internal-error", { room: "unavailable" }],
  ["sender-not-ready", { notReady: "no SPF record" }],
  ["settings-waiting", { stream: makeStream({ awaitsApproval: true }) }],
  ["frozen", { frozen: true }],
  ["rate-limited", { withinRate: false }],
  ["sender-not-permitted", { mailFrom: address("news@example.com") }],
];
test.each(faults.map(([reason], index) => [reason, index] as const))(
  "%s is told alone, and before what comes behind it",
  (reason, index) => {
    expect(answerTo(faults[index]?.[1] ?? {})).toBe(reason);
    expect(
      answerTo(
        faults
          .slice(index)
          .toReversed()
          .reduce((all, [, change]) => ({ ...all, ...change }), {}),
      ),
    ).toBe(reason);
  },
);

test("the reverse-path is of a domain of the sender, exactly", () => {
  const sender = makeSender({
    domains: [address("a@example.jp").domain, address("a@n.example.jp").domain],
  });
  for (const [text, answer] of [
    ["news@example.jp", "sender-ok"],
    ["NEWS@EXAMPLE.JP", "sender-ok"],
    ["news@n.example.jp", "sender-ok"],
    ["news@m.example.jp", "sender-not-permitted"],
    ["news@xexample.jp", "sender-not-permitted"],
  ] as const) {
    const stream = makeStream({ class: "marketing", sender });
    expect([text, answerTo({ stream, mailFrom: address(text) })]).toEqual([text, answer]);
  }
});

test("only a transactional stream sends as nobody", () => {
  for (const mailClass of mailClasses)
    expect([
      mailClass,
      answerTo({ stream: makeStream({ class: mailClass }), mailFrom: null }),
    ]).toEqual([mailClass, mailClass === "transactional" ? "sender-ok" : "sender-not-permitted"]);
});
