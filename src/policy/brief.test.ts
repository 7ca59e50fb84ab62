// What an SMTP client reads of a finding: ASCII, meaningful, and no quotation that the reply would garble.
import { expect, test } from "vitest";

import { judgeMail, factsFor, registry, type Mail } from "../../test/support/judged-mail.ts";
import { briefOf } from "./brief.ts";
import { decideMessage } from "./decide.ts";
import { contentReasons } from "./reasons/content-reasons.ts";
import { whyHidden } from "./why-hidden.ts";

const footer = `株式会社サンプル商事<br>東京都架空区見本町1-2-3<br>TEL 03-0000-0000<br>配信停止は<a href="https://u.example.jp/1">こちら</a>`;

function detailOf(mail: Mail): string {
  const decision = decideMessage(judgeMail(mail), factsFor().stream);
  return decision.kind === "refuse" ? (decision.detail ?? "") : decision.kind;
}

test.each<[string, Mail, string]>([
  [
    "a hidden name",
    {
      html: footer.replace(
        "株式会社サンプル商事",
        `<b style="display:none">株式会社サンプル商事</b>`,
      ),
    },
    "text/html: the registered name is in the part but not visible: hidden by display:none",
  ],
  [
    "no name",
    { html: footer.replace("株式会社サンプル商事", "サンプルストア") },
    "text/html: the registered name is not in the visible text",
  ],
  [
    "a longer name",
    { html: footer.replace("商事", "商事ホールディングス") },
    "text/html: the text found is part of a longer name",
  ],
  [
    "no address, and no contact either",
    { html: footer.replace("見本町1-2-3", "").replace("TEL 03-0000-0000", "") },
    "text/html: the text found is not the whole registered address: town, block and number are needed; also: contact-missing",
  ],
  [
    "a link to nowhere",
    { html: footer.replace("https://u.example.jp/1", "#") },
    "text/html: the link leads nowhere; also: opt-out-notice-missing",
  ],
  [
    "a denial",
    { html: footer.replace(/配信停止は.*$/, `配信停止はできません https://u.example.jp/1`) },
    "text/html: the text found does not say that the mail can be stopped",
  ],
])("%s", (_what, mail, detail) => {
  expect(detailOf(mail)).toBe(detail);
});

test("every failure of every spoilt mail is told in ASCII of bounded length", () => {
  const mails: Mail[] = [
    { text: "こんにちは" },
    { html: `<p>${"{{名前}}"}様</p>`, subject: "Re: {{件名}}" },
    { html: `<div style="opacity:0">${footer}</div>` },
    { html: footer.replaceAll("<br>", "　").replace("こちら", "今月の特集") },
  ];
  for (const finding of mails.flatMap((mail) => judgeMail(mail))) {
    const brief = briefOf(finding, registry.legal);
    expect(brief).toMatch(/^[\x20-\x7e]{1,160}$/);
    expect(brief).not.toContain("...");
  }
});

test("where a reply leaves a placeholder's Japanese name out, its page says where the name is shown", () => {
  expect(detailOf({ html: footer.replace("株式会社", "{{会員名}}様 株式会社") })).toContain(
    "{{(Japanese text)}}",
  );
  const { en, ja } = contentReasons.placeholder.remedy;
  for (const text of [en, ja]) {
    expect(text).toContain("(Japanese text)");
    expect(text).toContain("sekisho explain");
  }
});

test("reasons for not being visible are said in Japanese", () => {
  expect(whyHidden({ why: "contrast 1.0" }).ja).toBe("背景とほぼ同じ色、コントラスト比 1.0:1");
  expect(whyHidden({ why: "overflow:hidden, height 0px" }).ja).toBe(
    "overflow:hidden と height 0px により切り取られている",
  );
  expect(whyHidden({ why: "something new" })).toEqual({ en: "something new", ja: "something new" });
});
