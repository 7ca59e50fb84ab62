// The worker's side of the judge: caps, then reading, then every rule; runs where a bomb can be killed.
import { createHash } from "node:crypto";

import { fillOptOutLink } from "../content/opt-out-placeholder.ts";
import { readMessage } from "../content/read.ts";
import { needsCampaignApproval } from "../policy/campaign.ts";
import { sketchCampaign } from "../policy/campaign-sketch.ts";
import { judge, type JudgeFacts } from "../policy/judge.ts";
import type { Stream } from "../policy/stream.ts";
import type { JudgeTask, Judgement } from "./judge.ts";
import { prescanLines } from "./prescan.ts";

export function judgeTask({ content, changing, ...task }: JudgeTask): Judgement {
  const { stream, gatewayHosts, linkedPages } = task;
  const pages = linkedPages === undefined ? {} : { linkedPages };
  return sparing(judgeMessage(content, { stream, gatewayHosts, ...pages, ...changing }), stream);
}

/**
 * Nobody asks which rules passed where none failed, and it costs as much as a rule or two to carry them to another thread.
 * Those that ask for further facts are carried all the same, and all of them where a second person looks at a campaign.
 */
function sparing(judgement: Judgement, stream: Stream): Judgement {
  if (judgement.kind !== "judged" || needsCampaignApproval(stream)) return judgement;
  const { findings } = judgement;
  if (findings.some(({ outcome }) => outcome === "fail")) return judgement;
  const kept = findings.filter(
    ({ outcome, pages, tokens }) =>
      outcome !== "pass" || pages !== undefined || tokens !== undefined,
  );
  return { ...judgement, findings: kept };
}

export function judgeMessage(content: Buffer, facts: JudgeFacts): Judgement {
  const unfit = prescanLines(content);
  if (unfit !== undefined) return { kind: "unfit", unfit };
  // Judged as recipients will see it: with a link where the template leaves a place for one.
  const shown = withLink(content, facts);
  const tooLong = shown === content ? undefined : prescanLines(shown);
  if (tooLong !== undefined) return { kind: "unfit", unfit: tooLong };
  const reading = readMessage(shown);
  if (reading.kind === "too-complex") {
    return { kind: "unfit", unfit: { reason: "too-complex", detail: reading.problem } };
  }
  const end = content.indexOf("\r\n\r\n");
  const body = content.subarray(end === -1 ? content.length : end + 4);
  return {
    kind: "judged",
    findings: judge(reading.view, facts),
    bodyHash: createHash("sha256").update(body).digest("hex"),
    ...(needsCampaignApproval(facts.stream) ? { campaign: sketchCampaign(reading.view) } : {}),
  };
}

function withLink(content: Buffer, { stream, optOutLink }: JudgeFacts): Buffer {
  return stream.placeholder === true && optOutLink !== undefined
    ? fillOptOutLink(content, optOutLink)
    : content;
}
