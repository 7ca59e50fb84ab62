// A campaign as a tool sends it: one template, each message with its recipient's name and link tokens; any size.
const product = (at: number, token: string): string =>
  `<tr><td style="padding:8px 16px;font-size:14px;line-height:1.6;color:#333333;"><a href="https://click.example.jp/r/${at}?u=${token}&amp;c=autumn" style="color:#0066cc;text-decoration:none;"><img src="https://img.example.jp/item/${at}.jpg" width="160" height="160" alt="商品画像${at}" border="0"></a><br>【期間限定】あったかニットセーター 第${at}弾 税込${2980 + at * 10}円<br>肌ざわりの良い素材を使った人気の定番アイテムです。</td></tr>`;
const foot = (token: string): string =>
  `<p style="font-size:12px;color:#555555;">配信停止をご希望の方は<a href="https://u.example.jp/stop?u=${token}">こちら</a><br>送信者：株式会社サンプル商事<br>〒999-9999 東京都架空区見本町1-2-3<br>お問い合わせ：03-0000-0000</p>`;

/** Message `n` to `recipient`, about `octets` large: multipart/alternative, compliant with the sample sender's facts. */
export function campaignMail(octets: number, n: number, recipient: string): Buffer {
  const token = n.toString(36).padStart(10, "0");
  const text = [
    "いつもご利用いただきありがとうございます。",
    "会員の皆さまへ、今週のおすすめ商品と期間限定クーポンのお知らせです。",
    `詳しくはこちら: https://example.jp/campaign?u=${token}`,
    "配信停止をご希望の方はこちら",
    `https://u.example.jp/stop?u=${token}`,
    "送信者：株式会社サンプル商事",
    "〒999-9999 東京都架空区見本町1-2-3",
    "お問い合わせ：03-0000-0000",
    "",
  ].join("\r\n");
  const head = `<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>今週のおすすめ</title></head><body style="margin:0;background:#f4f4f4;"><p>${token}様</p><table width="600" align="center" cellpadding="0" cellspacing="0">`;
  const tail = `</table>${foot(token)}<img src="https://open.example.jp/o.gif?u=${token}" width="1" height="1" alt=""></body></html>`;
  const whole = (rows: string): Buffer => compose(n, recipient, text, `${head}${rows}${tail}`);
  let rows = product(1, token);
  const each = whole(rows + rows).length - whole(rows).length;
  const more = Math.max(0, Math.floor((octets - whole(rows).length) / each));
  for (let at = 2; at <= more + 1; at += 1) rows += product(at, token);
  return whole(rows);
}

function compose(n: number, recipient: string, text: string, html: string): Buffer {
  const boundary = "=_sekisho_campaign";
  const part = (type: string, body: string): string =>
    `--${boundary}\r\nContent-Type: ${type}; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(
      body,
    )
      .toString("base64")
      .replace(/.{76}/g, "$&\r\n")}\r\n`;
  return Buffer.from(
    `From: news@example.jp\r\nTo: ${recipient}\r\nSubject: =?UTF-8?B?${Buffer.from("今週のおすすめ").toString("base64")}?=\r\n` +
      `Date: ${new Date().toUTCString().replace("GMT", "+0000")}\r\nMessage-ID: <${n}.${Date.now()}@example.jp>\r\n` +
      `List-Unsubscribe: <https://u.example.jp/stop?u=${n}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n` +
      `MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="${boundary}"\r\n\r\n` +
      `${part("text/plain", text)}${part("text/html", html)}--${boundary}--\r\n`,
  );
}
