// Consents in Japanese words, for papers that a person or an inspector reads: bases with their article, senders by their names.
import type { Basis, RecordedConsentEvent } from "../consent/event.ts";
import type { ShownStanding } from "../consent/standing.ts";
import { tokyoTime } from "./document.ts";

/** Registered name by id; one that is configured no longer has none. */
export type SenderNames = ReadonlyMap<string, string>;

/** 特定電子メール法 (法) and its 施行規則 (規則). */
const basisWords: Readonly<Record<Basis, string>> = {
  consent: "同意・請求（法3条1項1号）",
  written_notice: "名刺等の書面による通知（法3条1項2号）",
  any_notice: "その他の方法による通知（規則2条1項1号）",
  relationship: "取引関係（法3条1項3号）",
  published_address: "公表されたアドレス（法3条1項4号）",
  contract: "契約に関する通知（規則6条1号）",
};

/** `株式会社サンプル商事（sample）`; the id alone where there is no name. */
export function senderWord(id: string, names: SenderNames): string {
  const name = names.get(id);
  return name === undefined ? id : `${name}（${id}）`;
}

export function standingWord(standing: ShownStanding): string {
  switch (standing.kind) {
    case "none":
      return "同意の記録なし";
    case "granted":
      return `配信可（根拠：${basisWords[standing.basis]}、${tokyoTime(standing.since)} から）`;
    case "withdrawn":
      return `停止（${tokyoTime(standing.since)} から${standing.scope === "sender" ? "、すべての種別" : ""}）`;
    case "paused":
      return `休止（${tokyoTime(standing.until)} まで）`;
    case "expired":
      return `失効（${tokyoTime(standing.since)}）`;
    case "ahead":
      return `配信不可（${tokyoTime(standing.from)} から配信可）`;
  }
}

export function consentWord(event: RecordedConsentEvent): string {
  switch (event.kind) {
    case "granted": {
      const end = event.expiresAt === undefined ? "" : `、期限：${tokyoTime(event.expiresAt)}`;
      return `同意等（根拠：${basisWords[event.basis]}${event.byPerson ? "、本人の操作" : ""}${end}）`;
    }
    case "withdrawn":
      return "停止の申し出";
    case "paused":
      return `休止（${tokyoTime(event.until)} まで）`;
    case "expired":
      return "失効";
  }
}

/** One fact a line. */
export function evidenceText({ evidence }: RecordedConsentEvent): string {
  const { method, source, wording, policyVersion, more } = evidence;
  const named = [
    ["方法", method],
    ["取得元", source],
    ["文言", wording],
    ["ポリシー版", policyVersion],
    ...Object.entries(more ?? {}),
  ] as const;
  return named
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}：${value}`)
    .join("\n");
}
