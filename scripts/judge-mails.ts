// Mails for scripts/bench-judge.ts: two templates of any size, filled for one person after another as campaigns are.

export interface Person {
  readonly name: string;
  /** Ten digits: in links, in the opt-out, in the message id. */
  readonly id: string;
}

/** What one campaign sends to one person. `campaign`: another number is another template, never seen before. */
export type Compose = (campaign: number, person: Person) => Buffer;

const families = ["佐藤", "鈴木", "高橋", "五十嵐", "勅使河原", "林"];
const givens = ["一", "花子", "健太郎", "美咲", "翔"];

export function personOf(index: number): Person {
  const family = families[index % families.length] ?? "";
  const given = givens[index % givens.length] ?? "";
  return { name: `${family} ${given}`, id: String((index * 7_919 + 1) % 1e10).padStart(10, "0") };
}

/** One HTML part in base64: many small rows, a style sheet with selectors that match each cell. */
export function newsletter(kilobytes: number): Compose {
  const templates = new Map<number, string>();
  return (campaign, person) => {
    const template = templates.get(campaign) ?? newsletterTemplate(kilobytes, campaign);
    keepOne(templates, campaign, template);
    const body = base64(fill(template, person));
    return Buffer.from(
      [
        ...head(person, "今週のお知らせ"),
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        "",
        body,
        "",
      ].join("\r\n"),
    );
  };
}

function newsletterTemplate(kilobytes: number, campaign: number): string {
  const rules = Array.from(
    { length: 40 },
    (_, at) => `.c${at},.d${at} a{color:#${at + 100}abc}`,
  ).join("");
  const top = `<!DOCTYPE html><html><head><title>お知らせ</title><style>/* ${campaign} */body{margin:0}table{border-collapse:collapse}${rules}@media only screen and (max-width:600px){.m{width:100%!important}}</style></head><body><p>@NAME@ 様</p><table width="600" align="center">`;
  const foot = `</table><div style="font-size:12px">送信者：株式会社サンプル商事<br>〒999-9999 東京都架空区見本町1-2-3<br>お問い合わせ：03-0000-0000<br>配信停止をご希望の方は<a href="https://u.example.jp/u?t=@ID@">こちら</a></div><img src="https://img.example.jp/o.gif?u=@ID@" width="1" height="1" alt=""></body></html>`;
  const row = (at: number): string =>
    `<tr><td class="m c${at % 9}" style="padding:10px ${20 + (campaign % 50)}px;font-family:Arial,sans-serif;font-size:14px;line-height:1.6;color:#333"><p style="margin:0 0 10px">商品${campaign}-${at}のご案内です。<strong>20%OFF</strong>、詳しくは<a href="https://click.example.jp/t/${at}?a=1&amp;u=@ID@" style="color:#1a73e8">こちら</a>。</p><img src="https://img.example.jp/${at}.png" width="200" height="100" alt="商品${at}"></td></tr>`;
  return repeat(top, row, foot, kilobytes * 1024);
}

/** Plain text in base64 and HTML in quoted-printable, as the mail path's bench sends them (scripts/bench/mkmsg.py). */
export function campaignMail(kilobytes: number): Compose {
  const templates = new Map<number, { plain: string; html: string }>();
  return (campaign, person) => {
    const template = templates.get(campaign) ?? campaignTemplate(kilobytes, campaign);
    keepOne(templates, campaign, template);
    return Buffer.from(
      [
        ...head(person, "【最大50%OFF】今週のおすすめ商品のお知らせ"),
        'Content-Type: multipart/alternative; boundary="part"',
        "",
        "--part",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: base64",
        "",
        base64(fill(template.plain, person)),
        "--part",
        "Content-Type: text/html; charset=UTF-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        quotedPrintable(fill(template.html, person)),
        "--part--",
        "",
      ].join("\r\n"),
    );
  };
}

function campaignTemplate(kilobytes: number, campaign: number): { plain: string; html: string } {
  const foot = (line: string, link: string): string =>
    `配信停止をご希望の方は${link}${line}発行: 株式会社サンプル商事${line}〒999-9999 東京都架空区見本町1-2-3${line}お問い合わせ: 03-0000-0000`;
  const item = (at: number): string =>
    `◆ おすすめ${campaign}-${at}: あったかニットセーター 税込2,980円 https://shop.example.jp/item/${at}?u=@ID@\r\n`;
  const plain = repeat(
    "@NAME@ 様\r\n\r\nいつもご利用いただきありがとうございます。\r\n今週のおすすめ商品と期間限定クーポンのお知らせです。\r\n\r\n",
    item,
    `\r\n${foot("\r\n", "こちら: https://u.example.jp/u?t=@ID@")}\r\n`,
    kilobytes * 100,
  );
  const row = (at: number): string =>
    `<tr><td style="padding:8px ${16 + (campaign % 50)}px;font-size:14px;line-height:1.6;color:#333333;"><a href="https://click.example.jp/r/${at}?u=@ID@&amp;c=${campaign}" style="color:#0066cc;text-decoration:none;"><img src="https://img.example.jp/item/${at}.jpg" width="160" height="160" alt="商品画像${at}" border="0"></a><br>【期間限定】あったかニットセーター 第${campaign}-${at}弾 税込2,980円<br>肌ざわりの良い素材を使った人気の定番アイテムです。</td></tr>\n`;
  const html = repeat(
    `<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>今週のおすすめ</title></head><body style="margin:0;background:#f4f4f4;"><p>@NAME@ 様</p><table width="600" align="center" cellpadding="0" cellspacing="0">\n`,
    row,
    `</table><p style="font-size:12px;color:#555555;">${foot("<br>", '<a href="https://u.example.jp/u?t=@ID@">こちら</a>')}</p><img src="https://open.example.jp/o.gif?u=@ID@" width="1" height="1" alt=""></body></html>\n`,
    kilobytes * 450, // twice as many octets in quoted-printable, nearly
  );
  return { plain, html };
}

/** As many rows as fit into so many octets. */
function repeat(top: string, row: (at: number) => string, foot: string, octets: number): string {
  let rows = row(0);
  let size = Buffer.byteLength(top + rows + foot);
  for (let at = 1; size < octets; at += 1) {
    const next = row(at);
    size += Buffer.byteLength(next);
    rows += next;
  }
  return top + rows + foot;
}

function keepOne<Value>(kept: Map<number, Value>, campaign: number, value: Value): void {
  if (kept.has(campaign)) return;
  kept.clear();
  kept.set(campaign, value);
}

function fill(template: string, { name, id }: Person): string {
  return template.replaceAll("@NAME@", name).replaceAll("@ID@", id);
}

function head({ id, name }: Person, subject: string): readonly string[] {
  return [
    "Date: Mon, 16 Nov 2026 09:00:00 +0900",
    `From: ${word("サンプル商事")} <news@example.jp>`,
    `To: ${word(name)} <u${id}@example.net>`,
    `Subject: ${word(subject)}`,
    `Message-ID: <${id}.campaign@example.jp>`,
    `List-Unsubscribe: <https://u.example.jp/u?t=${id}>`,
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    "MIME-Version: 1.0",
  ];
}

function word(text: string): string {
  return `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64").replace(/.{76}/g, "$&\r\n").trimEnd();
}

/** RFC 2045 §6.7, lines of at most 76. */
function quotedPrintable(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => {
    let out = "";
    let length = 0;
    for (const octet of Buffer.from(line)) {
      const isPlain = octet >= 0x20 && octet < 0x7f && octet !== 0x3d;
      const piece = isPlain ? String.fromCharCode(octet) : `=${octet.toString(16).toUpperCase().padStart(2, "0")}`; // prettier-ignore
      if (length + piece.length > 75) {
        out += "=\r\n";
        length = 0;
      }
      out += piece;
      length += piece.length;
    }
    return out.replace(/ $/, "=20");
  });
  return lines.join("\r\n");
}
