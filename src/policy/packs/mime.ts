// Rule pack mime, always on: what two mail clients would show differently cannot be judged, so it does not pass.
import { readable } from "../checks/readable.ts";
import { everyClass, type Pack } from "../rule.ts";

export const mime: Pack = {
  name: "mime",
  title: { en: "Readability", ja: "読み取り" },
  rules: [
    {
      name: "mime/readable",
      title: { en: "Readability", ja: "読み取り" },
      demand: {
        en: "Every mail client shows the same text: no contradictory headers, charsets or part boundaries.",
        ja: "どのメールソフトでも同じ内容が表示されること（ヘッダー・文字コード・パート境界に矛盾がないこと）。",
      },
      law: "RFC 2045; RFC 5322; 特定電子メール法 4条柱書「正しく表示される」",
      source: "law.md JP-26; threats.md rows 23–30",
      asOf: "2026-11-22",
      confidence: "A",
      severity: "fail",
      weights: everyClass,
      reason: "unreadable",
      remedy: {
        en: "Correct what the evidence names in the tool that makes the message: label each part with the charset it is really in, and give each header once.",
        ja: "メールの作成ツール側で、指摘の箇所を修正してください（各パートの文字コードを実際のものに合わせる、ヘッダーを重複させない等）。",
      },
      check: { per: "message", look: readable },
    },
  ],
};
