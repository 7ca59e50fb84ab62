// Our own ways of writing a name, an address and a contact, and those that are another party's or none at all.
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { factsFor, judgeMail, outcomeOf, registry } from "../support/judged-mail.ts";

type Wordings = Readonly<
  Record<"pass" | "warn" | "fail" | "registered", readonly string[] | undefined>
>;

const tables = JSON.parse(
  readFileSync(new URL("../fixtures/footers/identity-wordings.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Wordings>>;

for (const [rule, wordings] of Object.entries(tables)) {
  for (const expected of ["pass", "warn", "fail"] as const) {
    if (wordings[expected] === undefined) continue;
    describe(`${rule} is a ${expected}`, () => {
      for (const wording of wordings[expected] ?? []) {
        test(`${wording.replaceAll("\n", "⏎")}`, () => {
          const text = `いつもお世話になっております。\n今月の新商品をご紹介します。\n\n${wording}\n`;
          const findings = judgeMail({ text });
          const [finding] = findings.filter((one) => one.rule === rule);
          expect({ is: outcomeOf(findings, rule), note: finding?.evidence }).toEqual({
            is: expected,
            note: finding?.evidence,
          });
        });
      }
    });
  }
}

const named = (name: string): ReturnType<typeof factsFor> =>
  factsFor({ sender: { ...registry, legal: { ...registry.legal, names: [name] } } });

test.each([
  ["サンプル商事株式会社", "サンプル商事(株)", "pass"],
  ["サンプル商事株式会社", "サンプル商事株式会社 営業部", "pass"],
  ["サンプル商事株式会社", "サンプル商事株式会社営業部", "pass"],
  ["サンプル商事株式会社", "新サンプル商事株式会社", "fail"],
  ["サンプル商事株式会社", "東日本サンプル商事株式会社", "fail"],
  ["有限会社見本堂", "㈲見本堂", "pass"],
  ["合同会社見本", "(同)見本", "pass"],
  ["一般社団法人見本協会", "(一社)見本協会", "pass"],
  ["特定非営利活動法人見本の会", "NPO法人見本の会", "pass"],
  ["医療法人社団見本会", "医療法人社団　見本会", "pass"],
  ["見本 太郎", "見本太郎", "pass"],
  ["見本 太郎", "発行者：見本　太郎（みほん堂）", "pass"],
  ["見本 太郎", "見本太郎商店", "fail"],
  ["髙橋商店株式会社", "高橋商店株式会社", "pass"],
  ["Sample Shoji K.K.", "SAMPLE SHOJI K.K.", "pass"],
  ["Sample Shoji K.K.", "Resample Shoji K.K.", "fail"],
])("registered as %s, written %s: %s", (name, text, expected) => {
  expect(outcomeOf(judgeMail({ text: `新商品です。\n\n${text}\n` }, named(name)), "jp/name")).toBe(
    expected,
  );
});

const at = (address: string): ReturnType<typeof factsFor> =>
  factsFor({ sender: { ...registry, legal: { ...registry.legal, addresses: [address] } } });

test.each([
  ["北海道見本市北10条西3丁目2-1", "北海道見本市北十条西三丁目二番一号", "pass"],
  ["北海道見本市北10条西3丁目2-1", "〒060-0000 見本市北10条西3-2-1 見本ビル", "pass"],
  ["北海道見本市北10条西3丁目2-1", "北海道見本市北10条西4丁目2-1", "fail"],
  [
    "京都府京都市見本区架空通上る西入見本町123",
    "京都市見本区架空通上ル西入ル見本町123番地",
    "pass",
  ],
  [
    "京都府京都市見本区架空通上る西入見本町123",
    "京都市見本区架空通下ル西入ル見本町123番地",
    "fail",
  ],
  ["長野県見本郡架空村大字見本123", "長野県見本郡架空村見本123番地", "pass"],
  ["長野県見本郡架空村大字見本123番地4", "長野県見本郡架空村大字見本123-4", "pass"],
  ["東京都架空区霞ヶ丘2-3-4", "東京都架空区霞が丘二丁目3番4号", "pass"],
  ["京都府京都市見本区架空通上る西入見本町123", "京都市見本区架空上る西入見本町123", "pass"],
  // In a box drawn with characters, or quoted.
  [
    "東京都架空区見本町1-2-3",
    "┃ 〒999-9999　　　┃\n┃ 東京都架空区見本町 ┃\n┃ 1-2-3 見本ビル ┃",
    "pass",
  ],
  ["東京都架空区見本町1-2-3", "|東京都架空区|\n|見本町1-2-3|\n|03-0000-0000|", "pass"],
  ["東京都架空区見本町1-2-3", "> 東京都架空区見本町\n> 1-2-3", "pass"],
  ["東京都架空区見本町1-2-34", "│東京都架空区見本町1-2-3│\n│4階│", "fail"],
  ["京都府京都市見本区架空通上る見本町123番地", "京都市見本区見本町123（架空通上ル）", "pass"],
  ["京都府京都市見本区架空通上る見本町123番地", "京都市見本区別町123", "fail"],
  ["岐阜県見本市森字宮の下2番地", "岐阜県見本市森宮の下2", "pass"],
  ["北海道見本市西2条南9丁目1番地6", "見本市西二条南九丁目一番地六\n0155-00-0000", "pass"],
  ["京都府京都市見本区見本大路通四条下る架空町11", "京都市見本区見本大路四条下ル架空町11", "pass"],
  ["沖縄県見本郡架空村字山田3425番地2", "架空村山田3425-2", "pass"],
  ["沖縄県見本郡架空村字山田3425番地2", "架空村山田3425-3", "fail"],
  ["京都府京都市見本区見本大路東入三丁目架空町11", "京都市見本区架空町11", "pass"],
  ["新潟県三条市見本町1-2-3", "三条市見本町一丁目二番三号", "pass"],
  ["高知県見本市架空通四丁目10番地", "高知県見本市架空通り4-10", "pass"],
  ["千葉県見本市架空字架空1番地2", "見本市架空1-2", "pass"],
  ["東京都架空区見本町1-2-3", "東京都架空区見本町一丁目二番三号\n03-0000-0000", "pass"],
  ["東京都架空区見本町123", "東京都架空区見本町123番地\n03-0000-0000", "pass"],
  ["東京都架空区丸の内1-1-1", "東京都架空区丸ノ内1-1-1", "pass"],
  ["神奈川県横浜市見本区一番町12-3", "横浜市見本区一番町12番3号", "pass"],
  [
    "東京都架空区見本町1-2-3 サンプルビル5F",
    "東京都架空区見本町1丁目2番3号　サンプルビル5階",
    "pass",
  ],
  ["東京都架空区見本町1-2-3 サンプルビル5F", "東京都架空区見本町1-2-3", "pass"],
  ["東京都架空区見本町23番地", "東京都架空区見本町二十三番地", "pass"],
  ["東京都架空区六本木6-10-1", "東京都架空区六本木6丁目10番1号", "pass"],
  ["三重県四日市市見本町5-6", "三重県四日市市見本町五番六号", "pass"],
  ["千葉県見本市イの2568番地", "千葉県見本市イ2568", "pass"],
  ["香川県見本郡見本町甲1850番地", "香川県見本郡見本町甲の1850", "pass"],
  ["千葉県見本市イの2568番地", "千葉県見本市ロの2568番地", "fail"],
  ["岩手県見本郡見本町第10地割5番地2", "岩手県見本郡見本町10地割5-2", "pass"],
  ["岩手県見本郡見本町第10地割5番地2", "岩手県見本郡見本町第11地割5番地2", "fail"],
  ["京都府京都市見本区架空通御池上る二条架空町552番地", "京都市見本区二条架空町552", "pass"],
  ["京都府京都市見本区架空通御池上る二条架空町552番地", "京都市見本区三条架空町552", "fail"],
  // As tools put it together from the fields of a company's profile.
  [
    "東京都架空区見本町1-2-3 見本ビル5F",
    "見本町1-2-3 見本ビル5F, 架空区, 東京都 999-9999, Japan",
    "pass",
  ],
  ["東京都架空区見本町1-2-3 見本ビル5F", "見本町一丁目2番3号\n架空区, 東京都", "pass"],
  ["福岡県福岡市見本区架空町4-2-1", "架空町4-2-1, 福岡市見本区, 福岡県", "pass"],
  ["東京都架空区見本町1-2-3", "見本町1-2-30, 架空区, 東京都", "fail"],
  ["東京都架空区見本町1-2-3", "見本町1-2, 架空区, 東京都", "fail"],
  ["東京都架空区見本町1-2-3", "新見本町1-2-3, 架空区, 東京都", "fail"],
  ["東京都架空区見本町1-2-3", "別区見本町1-2-3、架空区の店", "fail"],
  ["東京都架空市見本町1-2-3", "見本町1-2-3, 架空市, 広島県", "fail"],
  [
    "1 Sample Street, Suite 300, San Francisco, CA 94105, USA",
    "1 Sample Street\nSuite 300\nSan Francisco, CA 94105",
    "pass",
  ],
  [
    "1 Sample Street, Suite 300, San Francisco, CA 94105, USA",
    "Sample Inc. | 1 Sample St., Ste. #300, San Francisco CA 94105 U.S.A.",
    "pass",
  ],
  ["2-3-4 Mihon, Kakuu-ku, Tokyo 999-9999, Japan", "2-3-4 Mihon, Kakuu-ku, Tokyo 999-9999", "pass"],
  [
    "1 Sample Street, Suite 300, San Francisco, CA 94105, USA",
    "11 Sample Street, Suite 300, San Francisco, CA 94105, USA",
    "fail",
  ],
  [
    "1 Sample Street, Suite 300, San Francisco, CA 94105, USA",
    "1 Sample Street, San Francisco",
    "fail",
  ],
])("registered at %s, written %s: %s", (address, text, expected) => {
  expect(
    outcomeOf(judgeMail({ text: `新商品です。\n\n${text}\n` }, at(address)), "jp/address"),
  ).toBe(expected);
});

test("an address in another language that nobody sees is told as hidden, and digits elsewhere are not taken for it", () => {
  const facts = at("1 Sample Street, Suite 300, San Francisco, CA 94105, USA");
  const evidence = (html: string): string | undefined =>
    judgeMail({ html }, facts).find(({ rule }) => rule === "jp/address")?.evidence;
  expect(
    evidence(
      '<p>News</p><p style="display:none">1 Sample Street, Suite 300, San Francisco, CA 94105</p>',
    ),
  ).toMatch(/not visible/);
  expect(evidence('<p>News</p><p style="display:none">No. 1</p>')).toMatch(
    /^neither 1 Sample Street/,
  );
});

test.each([
  ["Sample Inc.", "SAMPLE INC", "pass"],
  ["Sample Inc.", "Sample, Inc.", "pass"],
  ["Sample Inc", "Sample Incorporated", "pass"],
  ["Sample Shoji Co., Ltd.", "Sample Shoji Co.,Ltd", "pass"],
  ["Sample Shoji Co., Ltd.", "Sample Shoji Company, Limited", "pass"],
  ["サンプル商事 K.K.", "サンプル商事 K.K.", "pass"],
  ["Sample K.K.", "Sample KK", "pass"],
  ["Sample Inc.", "Sample Increase", "fail"],
  ["Sample Inc.", "Resample Inc.", "fail"],
  ["Sample Inc.", "Sample Inc. とは関係ありません", "fail"],
  ["Sample Inc.", "Sample Ltd.", "fail"],
  ["株式会社瀧澤藝能", "株式会社滝沢芸能", "pass"],
  ["冨士見曾根商店株式会社", "富士見曽根商店株式会社", "pass"],
  ["株式会社スタジオ42", "株式会社スタジオ４２ 広報室", "pass"],
  ["株式会社スタジオ42", "株式会社スタジオ421", "fail"],
])("%s, written %s, is a %s", (name, written, expected) => {
  const sender = { ...registry, legal: { ...registry.legal, names: [name] } };
  const findings = judgeMail({ text: `Our news.\n\n${written}\n` }, factsFor({ sender }));
  expect(outcomeOf(findings, "jp/name")).toBe(expected);
});

test("an address in Latin letters that is registered in Japanese alone is told to be registered so, too", () => {
  const sender = {
    ...registry,
    legal: { ...registry.legal, addresses: ["東京都架空区見本町1-2-3"] },
  };
  const text = "Our news.\n\nSample Inc.\n1-2-3 Mihoncho, Kakuu-ku, Tokyo\n";
  const finding = judgeMail({ text }, factsFor({ sender })).find(
    ({ rule }) => rule === "jp/address",
  );
  expect(finding?.outcome).toBe("fail");
  expect(finding?.evidence).toContain("1-2-3 Mihoncho, Kakuu-ku, Tokyo");
  expect(finding?.remedy.en).toContain("senders[].legal.addresses");
});
