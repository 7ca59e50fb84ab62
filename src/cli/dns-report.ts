// A DNS check-up, a checklist and the records to publish as text for people: what to mend first, with its remedy.
import type { Checklist } from "../dns/checklist.ts";
import { checks, outcomes, type DnsFinding, type Outcome } from "../dns/finding.ts";
import type { NeededRecord } from "../dns/records.ts";

export interface Look {
  readonly language: "ja" | "en";
  readonly colour: boolean;
}

const words = {
  en: {
    fail: "receivers refuse mail for it",
    unknown: "no answer",
    warn: "better to improve",
    pass: "in order",
    gateway: "the gateway",
    found: "found",
    expected: "expected",
    remedy: "do",
    ready: "ready for the first campaign",
    notReady: "not ready yet",
    optional: "good to have, or later",
    split: "as a zone file has it",
  },
  ja: {
    fail: "受信側で拒否されます",
    unknown: "応答がありません",
    warn: "改善をおすすめします",
    pass: "問題ありません",
    gateway: "ゲートウェイ",
    found: "現在",
    expected: "期待値",
    remedy: "対処",
    ready: "最初の配信の準備ができています",
    notReady: "まだ準備ができていません",
    optional: "任意・または次の段階で",
    split: "ゾーンファイルでの書き方",
  },
} as const;

const marks: Readonly<Record<Outcome, string>> = { fail: "✗", unknown: "?", warn: "△", pass: "✓" };
const colours: Readonly<Record<Outcome, number>> = { fail: 31, unknown: 35, warn: 33, pass: 32 };

export function renderFindings(findings: readonly DnsFinding[], look: Look): string {
  const said = words[look.language];
  const lines: string[] = [];
  for (const [sender, own] of Map.groupBy(findings, (finding) => finding.sender ?? said.gateway)) {
    lines.push(sender);
    const ordered = own.toSorted(
      (a, b) => outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome),
    );
    for (const finding of ordered) lines.push(...renderFinding(finding, look));
    lines.push("");
  }
  return `${lines.join("\n")}\n`;
}

function renderFinding(finding: DnsFinding, look: Look): readonly string[] {
  const said = words[look.language];
  const { outcome, check, domain, found, expected, problem } = finding;
  const name = problem === undefined ? "" : ` [${problem}]`;
  const first = `  ${paint(marks[outcome], outcome, look)} ${checks[check][look.language]}: ${domain}`;
  if (outcome === "pass") return [`${first} — ${found}`];
  return [
    `${first} — ${said[outcome]}${name}`,
    `      ${said.found}: ${found}`,
    `      ${said.expected}: ${expected}`,
    `      ${said.remedy}: ${finding.remedy[look.language]}`,
  ];
}

export function renderChecklist({ sender, ready, items }: Checklist, look: Look): string {
  const said = words[look.language];
  const lines = items.map(
    ({ outcome, title, detail }) =>
      `  ${paint(marks[outcome], outcome, look)} ${title[look.language]} — ${detail}`,
  );
  return [`${sender}: ${ready ? said.ready : said.notReady}`, ...lines, "", ""].join("\n");
}

export function renderRecords(records: readonly NeededRecord[], look: Look): string {
  const said = words[look.language];
  const lines: string[] = [];
  for (const [sender, own] of Map.groupBy(records, (record) => record.sender ?? said.gateway)) {
    lines.push(sender);
    for (const { name, type, value, strings, purpose, needed } of own) {
      const optional = needed ? "" : ` (${said.optional})`;
      lines.push(`  ${name}  ${type}  ${value}`, `      ${purpose[look.language]}${optional}`);
      if (strings !== undefined && strings.length > 1)
        lines.push(`      ${said.split}: ${strings.map((piece) => `"${piece}"`).join(" ")}`);
    }
    lines.push("");
  }
  return `${lines.join("\n")}\n`;
}

function paint(text: string, outcome: Outcome, look: Look): string {
  return look.colour ? `\u001b[${colours[outcome]}m${text}\u001b[0m` : text;
}
