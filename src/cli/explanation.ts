// An explanation as text for people: the decision first, then what to do, then what is in order.
import type { ExplainedFinding, Explanation } from "../intake/examine.ts";
import { formatReply } from "../mail/reply.ts";
import { ruleNamed } from "../policy/packs/packs.ts";
import { reasons } from "../policy/reasons.ts";

interface Look {
  readonly language: "ja" | "en";
  readonly colour: boolean;
}

const words = {
  en: {
    accept: "would be accepted",
    refuse: "would be refused",
    hold: "would be held for a person",
    defer: "would be deferred",
    reply: "SMTP reply",
    fail: "To correct",
    warn: "Better to improve",
    pass: "In order",
    part: "part",
    seen: "seen",
    law: "law",
    remedy: "do",
    observed: " (observed only, lets the message go)",
    noLaw: "no law, a guard against slips",
    parts: {
      "text/plain": "text part",
      "text/html": "HTML part",
      header: "header",
      message: "whole message",
    },
    confidence: {
      A: "",
      B: " (read in an official or secondary page)",
      C: " (not read again)",
      U: " (not verified: never refuses)",
    },
  },
  ja: {
    accept: "送信できます",
    refuse: "送信できません（拒否）",
    hold: "担当者の確認待ちになります（保留）",
    defer: "いまは送信できません（延期）",
    reply: "SMTP 応答",
    fail: "修正が必要です",
    warn: "改善をおすすめします",
    pass: "問題ありません",
    part: "パート",
    seen: "確認結果",
    law: "根拠",
    remedy: "対処",
    observed: "（観測のみ・送信は止めません）",
    noLaw: "法令ではなく、誤送信を防ぐための確認です",
    parts: {
      "text/plain": "テキスト版",
      "text/html": "HTML 版",
      header: "ヘッダー",
      message: "メール全体",
    },
    confidence: {
      A: "",
      B: "（公的資料・二次資料による）",
      C: "（条文は未再確認）",
      U: "（未確認のため、拒否の理由にはしません）",
    },
  },
} as const;

const colours = {
  accept: 32,
  refuse: 31,
  hold: 33,
  defer: 33,
  fail: 31,
  warn: 33,
  pass: 32,
} as const;

/** Several lines with a final line break. */
export function renderExplanation(file: string, explanation: Explanation, look: Look): string {
  const said = words[look.language];
  const { decision, reason, reply, findings } = explanation;
  const why = reason === null ? "" : ` — ${reasons[reason].text[look.language]} [${reason}]`;
  const lines = [
    `${file}: ${paint(said[decision], colours[decision], look)}${why}`,
    `  ${said.reply}: ${formatReply(reply)}`,
  ];
  for (const outcome of ["fail", "warn"] as const) {
    const those = findings.filter((finding) => finding.outcome === outcome);
    if (those.length === 0) continue;
    lines.push("", `  ${paint(said[outcome], colours[outcome], look)}`);
    for (const group of groupByRule(those)) lines.push(...renderRule(group, look));
  }
  const passed = groupByRule(findings.filter((finding) => finding.outcome === "pass"));
  if (passed.length > 0) {
    lines.push("", `  ${paint(said.pass, colours.pass, look)}`);
    for (const group of passed) {
      const [first] = group;
      if (first === undefined) continue;
      const seen = [...new Set(group.map((finding) => finding.evidence))].join(" · ");
      lines.push(`    ✓ ${headingOf(first, look)}: ${seen}`);
    }
  }
  return `${lines.join("\n")}\n\n`;
}

function renderRule(group: readonly ExplainedFinding[], look: Look): string[] {
  const said = words[look.language];
  const [first] = group;
  if (first === undefined) return [];
  const mark = first.outcome === "fail" ? "✗" : "△";
  const demand = ruleNamed(first.rule)?.demand[look.language];
  const shadow = first.observed === true ? said.observed : "";
  const lines = [`    ${mark} ${headingOf(first, look)}${shadow}`];
  if (demand !== undefined) lines.push(`        ${demand}`);
  for (const { part, evidence } of group)
    lines.push(`        ${said.seen} [${partIn(part, look)}] ${evidence}`);
  const remedies = [...Map.groupBy(group, (finding) => finding.remedy)];
  for (const [remedy, those] of remedies) {
    const parts = [...new Set(those.map(({ part }) => partIn(part, look)))].join(", ");
    lines.push(`        ${said.remedy}${remedies.length > 1 ? ` [${parts}]` : ""}: ${remedy}`);
  }
  if (first.law !== "") lines.push(`        ${said.law}: ${lawIn(first.law, look)}`);
  return lines;
}

/** "Sender's name [jp/name]": the words for the reader, the name for whoever looks it up. */
function headingOf({ rule }: ExplainedFinding, look: Look): string {
  const title = ruleNamed(rule)?.title[look.language];
  return title === undefined ? rule : `${title} [${rule}]`;
}

/** `text/html`, or with its MIME path where there are several: `1.2 text/html`. */
function partIn(part: string, { language }: Look): string {
  const match = /^(?:([\d.]+) )?(text\/plain|text\/html|header|message)$/.exec(part);
  const [, path, kind] = match ?? [];
  if (kind === undefined) return part;
  const named = words[language].parts[kind as keyof typeof words.en.parts];
  return path === undefined ? named : `${named} ${path}`;
}

/** How sure we are of the law, in words: nothing where its text was read. */
function lawIn(law: string, { language }: Look): string {
  if (law.startsWith("no law")) return words[language].noLaw;
  const confidence = / \(([ABCU])\)$/.exec(law)?.[1];
  if (confidence === undefined) return law;
  const meaning = words[language].confidence[confidence as keyof typeof words.en.confidence];
  return law.slice(0, -4) + meaning;
}

function groupByRule(
  findings: readonly ExplainedFinding[],
): readonly (readonly ExplainedFinding[])[] {
  return [...Map.groupBy(findings, (finding) => finding.rule).values()];
}

function paint(text: string, colour: number, look: Look): string {
  return look.colour ? `\u001b[${colour}m${text}\u001b[0m` : text;
}
