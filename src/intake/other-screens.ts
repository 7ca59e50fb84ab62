// What a message's own style sheets hide on phones or in dark mode only: told as warnings to whoever asks (docs/decisions/0009).
import type { Finding } from "../policy/finding.ts";
import { bound, type JudgeFacts } from "../policy/judge.ts";
import type { Judge, JudgeResult } from "./judge.ts";

const screens = [
  {
    screen: "phone",
    en: "on phones",
    ja: "スマートフォンでは",
    remedy: {
      en: "It is seen on a desktop and not on phones: a rule under @media hides it there. Leave it out of what is hidden on narrow screens, or show it there in another place.",
      ja: "パソコンでは見えますが、@media の指定によりスマートフォンでは見えません。狭い画面で隠す対象から外すか、スマートフォン用にも表示してください。",
    },
  },
  {
    screen: "dark",
    en: "in dark mode",
    ja: "ダークモードでは",
    remedy: {
      en: "It is seen in light colours and not in dark mode: the rules under prefers-color-scheme give text and background nearly the same colour, or hide it. Set both colours there.",
      ja: "通常の配色では見えますが、prefers-color-scheme の指定によりダークモードでは見えません。文字色と背景色の両方を指定してください。",
    },
  },
] as const;

/**
 * What fails there and not in `result`, the judgement of the message for a desktop client. Warnings only: the law does not
 * say on which screen an item must be seen. `content` has CRLF line ends.
 */
export async function judgeOtherScreens(
  judge: Pick<Judge, "judge">,
  content: Buffer,
  facts: JudgeFacts,
  result: JudgeResult,
): Promise<readonly Finding[]> {
  if (result.kind !== "judged") return [];
  const failed = new Set(result.findings.filter(isFailed).map(placeOf));
  const warnings: Finding[] = [];
  for (const { screen, en, ja, remedy } of screens) {
    const there = await judge.judge(content, { ...facts, screen });
    if (there.kind !== "judged") continue;
    for (const finding of there.findings) {
      if (!isFailed(finding) || failed.has(placeOf(finding))) continue;
      const { rule, part, law, reason, evidence, evidenceJa } = finding;
      warnings.push({
        rule,
        part,
        outcome: "warn",
        evidence: bound(`${en}: ${evidence}`),
        evidenceJa: bound(`${ja}：${evidenceJa ?? evidence}`),
        law,
        remedy,
        reason,
      });
    }
  }
  return warnings;
}

/** A page that a duty is left to was read for the desktop's judgement, and is not read again. */
function isFailed({ outcome, reason }: Finding): boolean {
  return outcome === "fail" && reason !== "page-unchecked";
}

function placeOf({ rule, part }: Finding): string {
  return `${rule} ${part}`;
}
