// The worker's side of the judge: caps, then reading, then every rule; runs where a bomb can be killed.
import { hash } from "node:crypto";

import { fillOptOutLink } from "../content/opt-out-placeholder.ts";
import { readMessage } from "../content/read.ts";
import { needsCampaignApproval } from "../policy/campaign.ts";
import { sketchCampaign } from "../policy/campaign-sketch.ts";
import { judge, type JudgeFacts, judgeSparingly } from "../policy/judge.ts";
import type { JudgeTask, Judgement } from "./judge.ts";
import { prescanLines } from "./prescan.ts";

export function judgeTask({
  content,
  changing,
  stream,
  gatewayHosts,
  linkedPages,
}: JudgeTask): Judgement {
  const constant =
    linkedPages === undefined ? { stream, gatewayHosts } : { stream, gatewayHosts, linkedPages };
  // Where a second person looks at a campaign, that person is told of all rules.
  const judging = needsCampaignApproval(stream) ? judge : judgeSparingly;
  return judgeMessage(content, { ...constant, ...changing }, judging);
}

/** Caps first, then the rules: all of their findings, unless `judging` leaves some out. */
export function judgeMessage(content: Buffer, facts: JudgeFacts, judging = judge): Judgement {
  const unfit = prescanLines(content);
  if (unfit !== undefined) return { kind: "unfit", unfit };
  // Judged as recipients will see it: with a link where the template leaves a place for one.
  const shown = withLink(content, facts);
  const tooLong = shown === content ? undefined : prescanLines(shown);
  if (tooLong !== undefined) return { kind: "unfit", unfit: tooLong };
  const reading = readMessage(shown, "crlf", facts.screen);
  if (reading.kind === "too-complex") {
    return { kind: "unfit", unfit: { reason: "too-complex", detail: reading.problem } };
  }
  const end = content.indexOf("\r\n\r\n");
  const body = content.subarray(end === -1 ? content.length : end + 4);
  const findings = judging(reading.view, facts);
  const bodyHash = hash("sha256", body, "hex");
  return needsCampaignApproval(facts.stream)
    ? { kind: "judged", findings, bodyHash, campaign: sketchCampaign(reading.view) }
    : { kind: "judged", findings, bodyHash };
}

function withLink(content: Buffer, { stream, optOutLink }: JudgeFacts): Buffer {
  return stream.placeholder === true && optOutLink !== undefined
    ? fillOptOutLink(content, optOutLink)
    : content;
}
