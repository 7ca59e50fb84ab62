// What a transaction, or the lack of a host, means; the words of receivers are in test/delivery-reply-lines.test.ts.
import { describe, expect, test } from "vitest";

import { toAddress } from "../../test/support/delivery-office.ts";
import { createReplyClassifier } from "../feedback/reply-class.ts";
import { classify } from "./classify.ts";
import type { NotConnected } from "./connect.ts";
import type { NoHost, Transaction } from "./outcome.ts";

const rule = {
  hosts: [],
  phases: [],
  enhanced: [],
  certain: true, // believed in any phase: what the phase is worth is for delivery to say
  ofReport: false,
};
const classifier = createReplyClassifier({
  rules: [
    { ...rule, reason: "user-unknown", pattern: /nobody/i, seen: "550 nobody" },
    { ...rule, reason: "rate", pattern: /slowly/i, seen: "421 slowly", pace: "pause" },
  ],
  byEnhanced: new Map(),
  byCode: new Map([[421, "system"]]),
  paceByReason: new Map(),
});
const facts = { domain: toAddress("a@example.net").domain };
const outcomeOf = (result: Transaction | NoHost): ReturnType<typeof classify> =>
  classify(result, facts, classifier);
const refused = (
  code: number,
  text: string,
  phase: "mail" | "rcpt" | "final-dot" = "rcpt",
): Transaction => ({
  kind: "refused",
  phase,
  reply: { code, text },
});

test("an answer is a failure from 500 on, and a deferral below", () => {
  expect(outcomeOf({ kind: "accepted", reply: { code: 250, text: "ok" } })).toEqual({
    kind: "delivered",
    reply: { code: 250, text: "ok" },
  });
  expect(outcomeOf(refused(500, "no"))).toMatchObject({ kind: "failed", reply: { code: 500 } });
  expect(outcomeOf(refused(499, "no"))).toMatchObject({ kind: "deferred", reply: { code: 499 } });
  expect(outcomeOf(refused(400, "no"))).toMatchObject({ kind: "deferred", reply: { code: 400 } });
  // A yes where none makes sense is no yes, and no no.
  expect(outcomeOf(refused(354, "go on"))).toMatchObject({
    kind: "deferred",
    uncertain: false,
    reply: { code: 451, enhanced: "4.5.0", text: "unexpected answer: 354 go on" },
  });
});

test("an address is lost only where RCPT says for good that there is nobody", () => {
  const lost = (result: Transaction): unknown => {
    const outcome = outcomeOf(result);
    return outcome.kind === "failed" && outcome.unknownUser;
  };
  expect(lost(refused(550, "nobody"))).toBe(true);
  expect(lost(refused(550, "nobody", "mail"))).toBe(false);
  expect(lost(refused(550, "nobody", "final-dot"))).toBe(false);
  expect(lost(refused(550, "no"))).toBe(false);
  expect(lost(refused(450, "nobody"))).toBe(false);
});

test("421 slows the destination down where its words ask for nothing else", () => {
  expect(outcomeOf(refused(421, "no"))).toMatchObject({ pace: "slow" });
  expect(outcomeOf(refused(421, "slowly"))).toMatchObject({ pace: "pause" });
  expect(outcomeOf(refused(450, "no"))).toMatchObject({ pace: "none" });
});

test.each<[string, Partial<Extract<Transaction, { kind: "lost" }>>, object]>([
  [
    "before the end of the message is not uncertain",
    {},
    { code: 451, enhanced: "4.4.2", text: "the connection was closed, at rcpt" },
  ],
  [
    "behind it may have been delivered",
    { phase: "final-dot", uncertain: true },
    {
      code: 451,
      enhanced: "4.4.2",
      text: "the connection was closed, behind the end of the message; it may have been delivered",
    },
  ],
  ["by nonsense is told as that", { loss: "protocol" }, { enhanced: "4.5.0" }],
  [
    "with a refusal keeps its words",
    { reply: { code: 421, text: "bye" } },
    { code: 421, text: "bye" },
  ],
  ["with a yes does not", { reply: { code: 250, text: "ok" } }, { code: 451 }],
])("a connection lost %s", (_name, change, reply) => {
  const lost = {
    kind: "lost",
    phase: "rcpt",
    loss: "closed",
    problem: "the connection was closed",
    uncertain: false,
    ...change,
  } as const;
  expect(outcomeOf(lost)).toMatchObject({
    kind: "deferred",
    class: "connection",
    uncertain: lost.uncertain,
    pace: "slow",
    reply,
  });
});

test.each<[string, Transaction | NoHost, object]>([
  [
    "a domain that takes no mail fails",
    { kind: "no-route", permanent: true, ofDomain: true, reply: { code: 556, text: "none" } },
    { kind: "failed", class: "routing", unknownUser: false },
  ],
  [
    "a route that we lack fails, and says nothing of the domain",
    { kind: "no-route", permanent: true, ofDomain: false, reply: { code: 550, text: "none" } },
    { kind: "failed", class: "no-route", unknownUser: false },
  ],
  [
    "name servers that do not answer defer",
    { kind: "no-route", permanent: false, ofDomain: true, reply: { code: 451, text: "none" } },
    { kind: "deferred", class: "routing", uncertain: false },
  ],
  [
    "hosts that no policy lets us use defer",
    { kind: "insecure", reply: { code: 451, text: "none" } },
    { kind: "deferred", class: "tls", uncertain: false, pace: "none" },
  ],
  [
    "a host that cannot take the message fails",
    { kind: "unfit", reply: { code: 554, text: "no SMTPUTF8" } },
    { kind: "failed", class: "unfit", unknownUser: false, pace: "none" },
  ],
  ["no place is no attempt", { kind: "busy" }, { kind: "busy" }],
])("%s", (_name, result, outcome) => {
  expect(outcomeOf(result)).toMatchObject(outcome);
});

describe("of hosts that were not reached", () => {
  const not = (change: Partial<NotConnected>): NotConnected => ({
    kind: "not-connected",
    host: "mx1.example.net",
    phase: "connect",
    problem: "refused",
    ...change,
  });
  test.each<[string, readonly NotConnected[], object]>([
    [
      "the last stands for all",
      [not({}), not({ host: "mx2.example.net", problem: "timed out" })],
      {
        class: "connection",
        pace: "slow",
        reply: { enhanced: "4.4.1", text: "mx2.example.net: timed out" },
      },
    ],
    [
      "one that answered says more than one that did not",
      [
        not({ phase: "greeting", problem: "not now", reply: { code: 421, text: "slowly" } }),
        not({}),
      ],
      {
        class: "rate",
        pace: "pause",
        reply: { enhanced: "4.4.1", text: "mx1.example.net: not now (421 slowly)" },
      },
    ],
    [
      "one without TLS is told as that, whatever it answered",
      [
        not({
          phase: "starttls",
          problem: "offers no STARTTLS",
          reply: { code: 502, text: "slowly" },
        }),
      ],
      { class: "tls", pace: "slow", reply: { enhanced: "4.7.4" } },
    ],
    [
      "one whose handshake fails is told as that",
      [not({ phase: "handshake", problem: "no common cipher" })],
      { class: "tls", reply: { enhanced: "4.7.5" } },
    ],
    ["none is told as that", [], { class: "connection", reply: { text: "no host" } }],
  ])("%s", (_name, failures, outcome) => {
    expect(outcomeOf({ kind: "unreachable", failures })).toMatchObject({
      kind: "deferred",
      uncertain: false,
      ...outcome,
    });
  });

  test("the words are kept to 512 octets", () => {
    const outcome = outcomeOf({
      kind: "unreachable",
      failures: [not({ problem: "x".repeat(999) })],
    });
    expect("reply" in outcome ? outcome.reply.text : "").toHaveLength(512);
  });
});
