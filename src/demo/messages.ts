// The demonstration's messages: one compliant newsletter, and what goes wrong with others.

const sender = "=?UTF-8?B?5qCq5byP5Lya56S+44K144Oz44OX44Or5ZWG5LqL?= <news@example.jp>"; // 株式会社サンプル商事
const footer = [
  "――――――――――",
  "送信者：株式会社サンプル商事",
  "住所：〒999-9999 東京都架空区見本町1-2-3",
  "お問い合わせ：03-0000-0000 / support@example.jp",
];
const optOut = "配信停止をご希望の方はこちら";
const optOutUrl = "https://u.example.jp/stop";

interface Variant {
  readonly to: string;
  readonly subject: string;
  readonly from?: string;
  readonly textFooter?: boolean;
  readonly htmlFooterStyle?: string;
}

/** A multipart/alternative message in Japanese with CRLF line ends, base64 in both parts. */
export function newsletter(variant: Variant): Buffer {
  const text = [
    "サンプル通信をお届けします。",
    "",
    ...(variant.textFooter === false ? [] : [...footer, optOut, optOutUrl]),
  ].join("\r\n");
  const style = variant.htmlFooterStyle === undefined ? "" : ` style="${variant.htmlFooterStyle}"`;
  const html = `<!DOCTYPE html><html><body><h1>サンプル通信</h1><p>新しいお知らせをお届けします。</p><div${style}>${footer
    .map((line) => `<p>${line}</p>`)
    .join("")}<p>${optOut}：<a href="${optOutUrl}">配信を停止する</a></p></div></body></html>`;
  const boundary = "=_sekisho_demo";
  const part = (type: string, body: string): string =>
    [
      `--${boundary}`,
      `Content-Type: ${type}; charset=UTF-8`,
      "Content-Transfer-Encoding: base64",
      "",
      base64(body),
      "",
    ].join("\r\n");
  return Buffer.from(
    [
      `From: ${variant.from ?? sender}`,
      `To: ${variant.to}`,
      `Subject: =?UTF-8?B?${Buffer.from(variant.subject).toString("base64")}?=`,
      `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
      `Message-ID: <${variant.to.replace("@", ".")}.${Date.now()}@example.jp>`,
      "MIME-Version: 1.0",
      `Content-Type: multipart/alternative; boundary="${boundary}"`,
      "",
      `${part("text/plain", text)}${part("text/html", html)}--${boundary}--`,
      "",
    ].join("\r\n"),
  );
}

function base64(text: string): string {
  return Buffer.from(text)
    .toString("base64")
    .replace(/(.{76})/g, "$1\r\n");
}
