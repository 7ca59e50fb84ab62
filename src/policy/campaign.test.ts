// Which mail a person must look at before it goes: new templates, new hosts, sudden crowds; and which is the same as before.
import { expect, test } from "vitest";

import { makeSender, makeStream } from "../../test/support/smtp-gateway.ts";
import {
  decideCampaign,
  needsCampaignApproval,
  recipientsMaxOf,
  type CampaignFacts,
  type KnownCampaign,
} from "./campaign.ts";

const approved: KnownCampaign = {
  id: "c1",
  state: "approved",
  name: "",
  sketch: ["a", "b", "c", "d", "e"],
  hosts: ["u.example.jp"],
  recipients: 100,
};
const facts: CampaignFacts = {
  name: "",
  sketch: approved.sketch,
  hosts: ["u.example.jp"],
  recipients: 1,
  findings: [],
  known: [approved],
};

test("the same template flows, with a line that is one person's too", () => {
  expect(decideCampaign(facts)).toEqual({ kind: "flow", campaign: "c1" });
  const personal = { ...facts, sketch: ["a", "b", "c", "d", "x"] };
  expect(decideCampaign(personal).kind).toBe("flow");
});

test("three pieces of five make the same template, and two do not", () => {
  expect(decideCampaign({ ...facts, sketch: ["a", "b", "c", "x", "y"] }).kind).toBe("flow");
  expect(decideCampaign({ ...facts, sketch: ["a", "b", "x", "y", "z"] }).kind).toBe("ask");
});

test("a text that left much out, or took much in, is of its template up to a bound", () => {
  const long = { ...approved, sketch: Array.from("abcdefghij") };
  const kindOf = (sketch: string, known: KnownCampaign): string =>
    decideCampaign({ ...facts, sketch: Array.from(sketch), known: [known] }).kind;
  expect([kindOf("abcd", long), kindOf("abc", long)]).toEqual(["flow", "ask"]);
  expect([kindOf("abcde1234567", approved), kindOf("abcde12345678", approved)]).toEqual([
    "flow",
    "ask",
  ]);
});

test("only advertising of a sender who demands it waits for its campaign", () => {
  const needs = (change: Parameters<typeof makeStream>[0]): boolean =>
    needsCampaignApproval(makeStream(change));
  const strict = makeSender({ approvals: ["campaign"] });
  expect(needs({ class: "marketing", sender: strict })).toBe(true);
  expect(needs({ class: "transactional", sender: strict })).toBe(false);
  expect(needs({ class: "marketing", sender: makeSender({ approvals: ["release"] }) })).toBe(false);
  expect(needs({ class: "marketing" })).toBe(false);
});

test("another template is asked about, and its findings are named", () => {
  const other = {
    ...facts,
    sketch: ["v", "w", "x", "y", "a"],
    findings: [
      { rule: "jp/contact", outcome: "warn" },
      { rule: "jp/name", outcome: "pass" },
    ] as const,
  };
  expect(decideCampaign(other)).toEqual({
    kind: "ask",
    because: ["a template not seen before", "findings: jp/contact"],
  });
});

test("an excerpt of what was approved, and what was approved with as much again, are other templates", () => {
  expect(decideCampaign({ ...facts, sketch: ["a"] }).kind).toBe("ask");
  const longer = [...approved.sketch, "1", "2", "3", "4", "5", "6", "7", "8"];
  expect(decideCampaign({ ...facts, sketch: longer }).kind).toBe("ask");
});

test("a header that names the campaign does not let another text through", () => {
  const known = [{ ...approved, name: "spring" }];
  const named = { ...facts, name: "spring", known };
  expect(decideCampaign(named).kind).toBe("flow");
  expect(decideCampaign({ ...named, sketch: ["v", "w", "x"] })).toMatchObject({
    kind: "ask",
    because: ["the text of spring is another"],
  });
  expect(decideCampaign({ ...named, name: "summer" })).toMatchObject({
    kind: "ask",
    because: ["a template not seen before"],
  });
});

test("a link to a host that nobody saw is asked about, for the campaign that is known", () => {
  const linked = { ...facts, hosts: ["u.example.jp", "evil.example"] };
  expect(decideCampaign(linked)).toEqual({
    kind: "ask",
    campaign: "c1",
    because: ["links to a host not seen before: evil.example"],
  });
});

test("three times the usual recipients are asked about, once it is known what is usual", () => {
  expect(recipientsMaxOf([100, 120], 5)).toBeUndefined();
  expect(recipientsMaxOf([100, 5000, 120], 5)).toBe(360);
  expect(recipientsMaxOf([100, 5000, 120], 400)).toBe(1200);
  expect(recipientsMaxOf([500, 1, 300, 2, 400], 5)).toBe(900);
  const at = (recipients: number): string =>
    decideCampaign({ ...facts, known: [{ ...approved, recipients, recipientsMax: 360 }] }).kind;
  expect([at(359), at(360)]).toEqual(["flow", "ask"]);
});

test("what waits, waits; what was rejected stays so", () => {
  const as = (state: KnownCampaign["state"]): string =>
    decideCampaign({ ...facts, known: [{ ...approved, state }] }).kind;
  expect([as("waiting"), as("rejected")]).toEqual(["wait", "rejected"]);
});

test("a message without any text is one template of its own", () => {
  expect(decideCampaign({ ...facts, sketch: [] }).kind).toBe("ask");
  const empty = [{ ...approved, sketch: [] }];
  expect(decideCampaign({ ...facts, sketch: [], known: empty }).kind).toBe("flow");
});
