// A compliant newsletter stays one, whatever names, numbers and links are merged into it: a refusal would hit some readers
// of a campaign and not the others.
import fc from "fast-check";

import type { Finding } from "../../src/policy/finding.ts";
import { parseAddress } from "../../src/mail/address.ts";
import { factsFor, judgeMail, type Mail } from "../support/judged-mail.ts";
import { must, settled } from "./must.ts";
import type { FuzzTarget } from "./targets.ts";

const oneOf = (letters: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...Array.from(letters)), { minLength, maxLength })
    .map((characters) => characters.join(""));
const digits = (count: number): fc.Arbitrary<string> => oneOf("0123456789", count, count);

/** Random octets; in them, far more often than by chance, what could be taken for an address or a field of a template. */
const octets = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 8 }).map((some) => Buffer.from(some)) },
      { weight: 1, arbitrary: fc.constantFrom("@", "^@f.plp\0", "\0M@8.wf\0", "{{\u0001}}", "${\u00e2\u0012}", "%", "#N/A", "@M@", "$[f]$", "%(", "~C.f~").map((text) => Buffer.from(text, "latin1")) },
    ),
    { minLength: 4, maxLength: 24 },
  )
  .map((pieces) => Buffer.concat([Buffer.from([0xff]), ...pieces])); // prettier-ignore
const token = fc.oneof(
  octets.map((some) => some.toString("base64url")),
  octets.map((some) => some.toString("hex")),
  octets.map((some) => encodeURIComponent(some.toString("base64"))),
  octets.map((some) => some.toString("hex").replace(/../g, "%$&")),
  octets.map((some) => `e30.${some.toString("base64url")}.${some.toString("base64url")}`),
  oneOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~", 8, 80),
  digits(16),
);

const letters =
  "佐藤鈴木高橋田中渡辺山本井伊無停止解除退会拒否受信配達不同意料未承諾広告様御社名氏電話番号住所太郎花子翔結衣あいうえおアイウエオ";
const latinName = oneOf("abcdefghijklmnopqrstuvwxyz", 2, 8).map(
  (name) => name.slice(0, 1).toUpperCase() + name.slice(1),
);
const kanji = fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((point) => String.fromCodePoint(point));
const name = fc.oneof(
  fc.tuple(oneOf(letters, 1, 3), fc.constantFrom("", " ", "　"), oneOf(letters, 1, 4)).map((parts) => parts.join("")),
  fc.tuple(kanji, kanji, fc.constant(" "), kanji).map((parts) => parts.join("")),
  fc.tuple(fc.constantFrom("__", "**", "--", "~~", "☆☆", "()", "「」", "～～"), latinName).map(([marks, one]) => marks.slice(0, 1) + one + marks.slice(1)),
  fc.tuple(latinName, fc.oneof(latinName, fc.constantFrom("Null", "Nil", "None", "NULL"))).map((parts) => parts.join(" ")),
); // prettier-ignore
const number = fc.oneof(
  digits(8),
  digits(10),
  digits(12),
  digits(16),
  fc.constantFrom("4111111111111111", "4111-1111-1111-1111", "123456789018", "1234-5678-9018"),
  fc.tuple(digits(3), digits(7), digits(7)).map((parts) => parts.join("-")),
  oneOf("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6, 14),
  octets.map((some) => some.toString("hex").slice(0, 24)),
);
const mailbox = fc
  .tuple(
    oneOf("abcdefghijklmnopqrstuvwxyz0123456789abcdefghij._-+'%=", 1, 16),
    fc.constantFrom("gmail.com", "docomo.ne.jp", "yahoo.co.jp", "example.net"),
  )
  .map((parts) => parts.join("@"))
  .filter((text) => parseAddress(text).kind === "ok");

interface Merged {
  readonly to: string;
  readonly company: string;
  readonly person: string;
  readonly item: string;
  readonly numbers: readonly [string, string, string];
  readonly link: string;
  /** Of the opt-out. */
  readonly token: string;
}

const merged: fc.Arbitrary<Merged> = mailbox.chain((to) =>
  fc.record({
    to: fc.constant(to),
    company: fc.oneof(fc.constant(""), name.map((one) => `株式会社${one}`)),
    person: name,
    item: name,
    numbers: fc.tuple(number, number, number),
    link: token,
    token: fc.oneof(
      token,
      fc.constantFrom(
        encodeURIComponent(to),
        Buffer.from(to).toString("base64url"),
        Buffer.from(`12-${to}`).toString("base64url"),
        Buffer.from(JSON.stringify({ id: 7, to })).toString("base64url"),
      ),
    ),
  }),
); // prettier-ignore

function mailOf({ to, company, person, item, numbers, link, token }: Merged): Mail {
  const [member, order, coupon] = numbers;
  const optOut = `https://u.example.jp/s/${token}`;
  const product = `https://www.example.jp/i/${link}?m=${encodeURIComponent(member)}`;
  const lines = [
    company,
    `${person} 様`,
    "いつもご利用いただきありがとうございます。",
    `会員番号：${member}`,
    "保有ポイント：120ポイント（有効期限：2027年3月31日）",
    `前回のご注文：${order}（${item} 1,000円）`,
    `クーポンコード：${coupon}`,
  ];
  const footer = [
    "送信者：株式会社サンプル商事",
    "〒999-9999 東京都架空区見本町1-2-3",
    "お問い合わせ：03-0000-0000 support@example.jp",
  ];
  const paragraphs = (some: readonly string[]): string =>
    some.map((line) => `<p>${line}</p>`).join("");
  return {
    to,
    subject: `${person}様へ ご注文${order}のお届けと秋の新商品のお知らせ`,
    headers: [`List-Unsubscribe: <${optOut}>`, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"],
    text: [...lines, product, "-----", "配信停止をご希望の方はこちらからお手続きください。", optOut, ...footer].join("\n"),
    html: `${paragraphs(lines)}<p><a href="${product}">${item}を見る</a></p><hr><p>配信停止をご希望の方は<a href="${optOut}">こちら</a>からお手続きください。</p>${paragraphs(footer)}`,
  }; // prettier-ignore
}

/** Newsletters to one person each pass every rule. */
export const mergedTarget: FuzzTarget = {
  name: "merged newsletters",
  weight: 2,
  run: ({ seed, runs }) =>
    settled(() => {
      fc.assert(
        fc.property(merged, (data) => {
          const facts = factsFor({}, { recipients: [data.to] });
          const failed = judgeMail(mailOf(data), facts).filter(isFailure);
          must(
            failed.length === 0,
            failed.map(({ rule, evidence }) => `${rule}: ${evidence}`).join("; "),
          );
        }),
        { seed, numRuns: runs },
      );
    }),
};

function isFailure({ outcome }: Finding): boolean {
  return outcome === "fail";
}
