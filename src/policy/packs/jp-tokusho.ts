// Rule pack jp-tokusho: advertising mail for mail-order sales to consumers under 特定商取引法 (law.md §2.6).
import { optOutAddress } from "../checks/opt-out.ts";
import type { Pack, Weight } from "../rule.ts";
import type { MailClass } from "../stream.ts";
import { japanese } from "./jp/language.ts";
import { commercialItems, sellerMailbox } from "./jp/commerce.ts";

const asOf = "2026-11-22";
const source =
  "e-Gov: 特定商取引法 351AC0000000057、同施行規則 351M50000400089 (numbering of 2023-06-01)";

const advertising: Record<MailClass, Weight> = {
  marketing: "full",
  "consent-request": "full",
  "contract-incidental": "advice", // 規則28条: advertising that accompanies contract notices
  transactional: "off",
};

export const jpTokusho: Pack = {
  name: "jp-tokusho",
  title: { en: "Japan: mail-order advertising to consumers", ja: "日本：特定商取引法（通信販売の広告メール）" },
  rules: [
    {
      name: "jp-tokusho/opt-out",
      title: { en: "Opt-out link (mail order)", ja: "配信停止先（特商法）" },
      demand: {
        en: "The opt-out link or mailbox stands in the body, easy to recognise.",
        ja: "配信停止用の URL・アドレスが本文に容易に認識できるように表示されていること。",
      },
      law: "特定商取引法 12条の3第4項、施行規則 31条",
      source, asOf, confidence: "A", severity: "fail", weights: advertising, reason: "opt-out-missing",
      remedy: {
        en: "Put the opt-out link into the body of both parts.",
        ja: "両方のパートの本文に配信停止用の URL を記載してください。",
      },
      check: { per: "alternative", look: optOutAddress(japanese) },
    },
    {
      name: "jp-tokusho/display",
      title: { en: "Items of 特定商取引法", ja: "特商法の表示事項" },
      demand: {
        en: "The items of 特定商取引法, or a link labelled so, are visible.",
        ja: "特定商取引法の表示事項、または「特定商取引法に基づく表記」へのリンクが表示されていること。",
      },
      law: "特定商取引法 11条、施行規則 23条・25条3項",
      source, asOf, confidence: "B", severity: "fail", weights: advertising, reason: "tokusho-display-missing",
      remedy: {
        en: "Add a link labelled 特定商取引法に基づく表記 to your shop's page.",
        ja: "「特定商取引法に基づく表記」という名前で、自社サイトの該当ページへのリンクを設置してください。",
      },
      check: { per: "alternative", look: commercialItems },
    },
    {
      name: "jp-tokusho/seller-mail",
      title: { en: "Seller's mail address", ja: "販売業者のメールアドレス" },
      demand: {
        en: "The seller's mail address is visible.",
        ja: "販売業者の電子メールアドレスが表示されていること。",
      },
      law: "特定商取引法 11条6号、施行規則 23条10号",
      source, asOf, confidence: "A", severity: "fail", weights: advertising, reason: "tokusho-display-missing",
      remedy: {
        en: "Write the seller's mail address into the footer of both parts.",
        ja: "両方のパートのフッターに販売業者のメールアドレスを記載してください。",
      },
      check: { per: "alternative", look: sellerMailbox },
    },
  ],
}; // prettier-ignore
