// What delivery makes of real receivers' replies: outcome, class, pace and suppression, from the one table of replies.
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { loadReplyClassifier } from "../src/cli/reply-classifier.ts";
import { classify } from "../src/delivery/classify.ts";
import { isMailPhase } from "../src/delivery/outcome.ts";
import { isSmtpPhase, type SmtpPhase } from "../src/feedback/reply-rules.ts";
import { parseReply } from "../src/mail/reply.ts";
import { toAddress } from "./support/delivery-office.ts";

const classifier = loadReplyClassifier();
const lines = linesOf("receivers.txt");
const seen = readSeen();

/** What differs in it is who is written to, from where, and where help is found: two such are one line. */
function wordsOf(reply: string): string {
  return reply
    .toLowerCase()
    .replaceAll("\\n", " ")
    .replace(/<?[^\s<>]+@[^\s<>]+>?/g, "<@>")
    .replace(/\d+(?:\.\d+){3}/g, "ip")
    .replace(/https?:\S+/g, "url")
    .replace(/[a-z0-9-]+\.(?:test|example|com|jp|org|net)\b/g, "host")
    .replace(/\s+/g, " ")
    .trim();
}

test("the receivers' lines are more than 400 different ones", () => {
  const replies = [
    ...lines.map((line) => line.split(/ \| (.*)/s)[1] ?? ""),
    ...seen.map(({ reply }) => reply),
  ];
  expect(new Set(replies.map(wordsOf)).size).toBeGreaterThan(400);
  // Each of those with a source is a line of its own; some of the others differ in the receiver alone.
  expect(new Set(seen.map(({ reply }) => wordsOf(reply))).size).toBe(seen.length);
  expect(seen.filter(({ source }) => source === "").length).toBe(0);
});

test.each(seen)(
  "$reply is $reason by $decidedBy",
  ({ reason, phase, domain, reply, decidedBy }) => {
    const parsed = parseReply(reply);
    if (parsed === undefined) throw new Error(`no reply: ${reply}`);
    const outcome = classifier.classify({
      text: parsed.text,
      code: parsed.code,
      ...(parsed.enhanced === undefined ? {} : { enhanced: parsed.enhanced }),
      ...(phase === undefined ? {} : { phase }),
      hosts: [domain],
    });
    expect(outcome.reason).toBe(reason);
    const [by, code] = /^(enhanced|code) ([\d.]+)$/.exec(decidedBy)?.slice(1) ?? [];
    if (decidedBy === "nothing") expect(outcome.by).toBe("nothing");
    else if (by === undefined) expect(outcome).toMatchObject({ by: "words", rule: decidedBy });
    else {
      expect(outcome.by).toBe(by);
      expect(reply).toContain(code);
    }
  },
);

test.each(lines)("%s", (line) => {
  const [head = "", raw = ""] = line.split(/ \| (.*)/s);
  const [kind, replyClass, pace, suppress, phase = "", domain = ""] = head.split(" ");
  const reply = parseReply(raw.replaceAll("\\n", "\r\n"));
  if (reply === undefined) throw new Error(`no reply: ${raw}`);
  const facts = { domain: toAddress(`a@${domain}`).domain };
  const problem = "refused by the greeting";
  const outcome = isMailPhase(phase)
    ? classify({ kind: "refused", phase, reply }, facts, classifier)
    : classify(
        {
          kind: "unreachable",
          failures: [
            { kind: "not-connected", host: `mx.${domain}`, phase: "greeting", problem, reply },
          ],
        },
        facts,
        classifier,
      );
  expect(outcome).toMatchObject({ kind, class: replyClass, pace });
  if (outcome.kind === "failed") expect(outcome.unknownUser).toBe(suppress === "suppress");
});

function linesOf(file: string): readonly string[] {
  return readFileSync(new URL(`fixtures/replies/${file}`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** The lines with a source, each with what stands above it. */
function readSeen(): readonly {
  readonly reason: string;
  readonly phase: SmtpPhase | undefined;
  readonly domain: string;
  readonly source: string;
  readonly reply: string;
  readonly decidedBy: string;
}[] {
  let decidedBy = "";
  return linesOf("in-the-wild.txt").flatMap((line) => {
    if (line.startsWith("= ")) {
      decidedBy = line.slice(2);
      return [];
    }
    const [head = "", reply = ""] = line.split(/ \| (.*)/s);
    const [reason = "", told = "", domain = "", source = ""] = head.split(" ");
    const phase = told === "final-dot" ? "data" : isSmtpPhase(told) ? told : undefined;
    return [{ reason, phase, domain, source, reply, decidedBy }];
  });
}
