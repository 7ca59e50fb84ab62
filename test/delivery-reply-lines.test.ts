// What delivery makes of real receivers' replies: outcome, class, pace and suppression, from the one table of replies.
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { loadReplyClassifier } from "../src/cli/reply-classifier.ts";
import { classify } from "../src/delivery/classify.ts";
import { isMailPhase } from "../src/delivery/outcome.ts";
import { parseReply } from "../src/mail/reply.ts";
import { toAddress } from "./support/delivery-office.ts";

const classifier = loadReplyClassifier();
const lines = readFileSync(new URL("fixtures/replies/receivers.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));

test("the receivers' lines are many", () => {
  expect(lines.length).toBeGreaterThan(190);
});

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
