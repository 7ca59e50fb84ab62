// MIME as tools write it and as attackers do: oddities that every client reads alike pass, what two would read apart fails.
import iconv from "iconv-lite";
import { expect, test } from "vitest";

import { readMessage } from "../../src/content/read.ts";
import { judge } from "../../src/policy/judge.ts";
import { factsFor } from "../support/judged-mail.ts";
import { iso2022Bytes } from "./iso-2022-jp-writer.ts";

const F =
  "株式会社サンプル商事\r\n東京都架空区見本町1-2-3\r\nTEL 03-0000-0000\r\n配信停止はこちら\r\nhttps://u.example.jp/s/1\r\n";
const FH =
  '<p>株式会社サンプル商事<br>東京都架空区見本町1-2-3<br>TEL 03-0000-0000<br><a href="https://u.example.jp/s/1">配信停止はこちら</a></p>\r\n';
const H =
  "From: news@example.jp\r\nTo: a@example.net\r\nSubject: t\r\nDate: Wed, 25 Nov 2026 09:00:00 +0900\r\nMessage-ID: <1@example.jp>\r\n";
const M = H + "MIME-Version: 1.0\r\n";
const b64 = (s: string | Buffer): string =>
  Buffer.from(s as string)
    .toString("base64")
    .replace(/.{76}/g, "$&\r\n")
    .split("\r\n")
    .join("\r\n");
const B = (...p: (string | Buffer)[]): Buffer =>
  Buffer.concat(p.map((x) => (typeof x === "string" ? Buffer.from(x) : x)));
const alt = (t: string, h: string, ct = 'multipart/alternative; boundary="b"'): string =>
  `Content-Type: ${ct}\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${t}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${h}\r\n--b--\r\n`;
const unseen = "body{visibility:hidden}";
const amp = (head: string, type = "text/x-amp-html", body = FH): Buffer =>
  B(
    M,
    `Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${F}\r\n--b\r\nContent-Type: ${type}; charset=utf-8\r\n\r\n<!doctype html><html ⚡4email data-css-strict><head><meta charset="utf-8"><script async src="https://cdn.ampproject.org/v0.js"></script>${head}</head><body>${body}</body></html>\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${FH}\r\n--b--\r\n`,
  );
/** Behind text and HTML, all three as alternatives. */
const besides = (...lines: readonly string[]): Buffer =>
  B(
    M,
    alt(F, FH).replace("--b--\r\n", () => `--b\r\n${lines.join("\r\n")}\r\n--b--\r\n`),
  );
/** With AMP's elements around the footer. */
const ampWith = (open: string, close: string): Buffer =>
  amp(
    `<style amp4email-boilerplate>${unseen}</style>`,
    "text/x-amp-html",
    `<p>sale</p>${open}${FH}${close}`,
  );
const png = ["Content-Type: image/png", "Content-Transfer-Encoding: base64"];
const ordinary: [string, Buffer][] = [
  ["ct case", B(M, 'content-type: TEXT/PLAIN; CHARSET="UTF-8"\r\n\r\n', F)],
  ["ct folded", B(M, 'Content-Type: text/plain;\r\n\tcharset="utf-8"\r\n\r\n', F)],
  ["ct trailing semi", B(M, "Content-Type: text/plain; charset=utf-8;\r\n\r\n", F)],
  ["ct single quotes", B(M, "Content-Type: text/plain; charset='utf-8'\r\n\r\n", F)],
  ["ct comment", B(M, "Content-Type: text/plain (x); charset=utf-8\r\n\r\n", F)],
  ["ct name rfc2231", B(M, alt(F, FH))],
  [
    "cte upper",
    B(
      M,
      "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: BASE64\r\n\r\n",
      b64(F),
      "\r\n",
    ),
  ],
  [
    "b64 long lines",
    B(
      M,
      "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      Buffer.from(F).toString("base64"),
      "\r\n",
    ),
  ],
  [
    "b64 trailing blank",
    B(
      M,
      "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      b64(F),
      "\r\n\r\n\r\n",
    ),
  ],
  [
    "qp lower hex",
    B(
      M,
      "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
      [...Buffer.from(F)]
        .map((x) => (x === 13 ? "\r" : x === 10 ? "\n" : "=" + x.toString(16).padStart(2, "0")))
        .join("")
        .replace(/((?:=..){20})/g, "$1=\r\n"),
    ),
  ],
  [
    "qp unencoded =?",
    B(
      M,
      "Content-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
      '<p class=3D"x">' +
        FH.replaceAll("=", "=3D").replace(/[\u0080-\uffff]/g, (c) =>
          [...Buffer.from(c)].map((x) => "=" + x.toString(16).toUpperCase()).join(""),
        ),
    ),
  ],
  [
    "iso-2022-jp 7bit",
    B(
      M,
      "Content-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n\r\n",
      iso2022Bytes(F),
    ),
  ],
  [
    "iso-2022-jp unclosed at eol",
    B(
      M,
      "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n",
      Buffer.from(iso2022Bytes(F).toString("latin1").slice(0, -"\u001b(B".length), "latin1"),
    ),
  ],
  [
    "iso-2022-jp roman J",
    B(
      M,
      "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n",
      Buffer.from(iso2022Bytes(F).toString("latin1").replaceAll("\x1b(B", "\x1b(J"), "latin1"),
    ),
  ],
  [
    "iso-2022-jp ㈱ ext (cp50220)",
    B(
      M,
      "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n",
      Buffer.from(iso2022Bytes(F).toString("latin1"), "latin1"),
      Buffer.from("\x1b$B-j\x1b(B\r\n", "latin1"),
    ),
  ],
  [
    "sjis 8bit",
    B(
      M,
      "Content-Type: text/plain; charset=Shift_JIS\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
      iconv.encode(F, "shift_jis"),
    ),
  ],
  [
    "cp932 ①",
    B(
      M,
      "Content-Type: text/plain; charset=Windows-31J\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      b64(iconv.encode("①②㈱～" + F, "cp932")),
    ),
  ],
  ["utf8 bom", B(M, "Content-Type: text/plain; charset=utf-8\r\n\r\n", "\ufeff" + F)],
  ["no mime-version", B(H, "Content-Type: text/plain; charset=utf-8\r\n\r\n", F)],
  [
    "alt in mixed",
    B(
      M,
      "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n",
      alt(F, FH),
      '\r\n--o\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; filename="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--o--\r\n',
    ),
  ],
  [
    "related in alt",
    B(
      M,
      `Content-Type: multipart/alternative; boundary=o\r\n\r\n--o\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${F}\r\n--o\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${FH}\r\n--r\r\nContent-Type: image/png\r\nContent-ID: <i>\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--r--\r\n\r\n--o--\r\n`,
    ),
  ],
  [
    "std preamble",
    B(
      M,
      'Content-Type: multipart/alternative; boundary="b"\r\n\r\nThis is a multi-part message in MIME format.\r\n\r\n',
      alt(F, FH).replace(/^[^]*?\r\n\r\n/, ""),
    ),
  ],
  [
    "boundary specials",
    B(M, alt(F, FH).replaceAll('"b"', '"=_b:?1/2"').replaceAll("--b", "--=_b:?1/2")),
  ],
  [
    "boundary unquoted special",
    B(M, alt(F, FH).replaceAll('"b"', "----=_Part_1_2.3").replaceAll("--b", "------=_Part_1_2.3")),
  ],
  ["no final crlf", B(M, alt(F, FH).replace(/\r\n$/, ""))],
  ["epilogue blank", B(M, alt(F, FH), "\r\n\r\n")],
  [
    "html only meta",
    B(
      M,
      'Content-Type: text/html; charset=utf-8\r\n\r\n<html><head><meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"></head><body>',
      FH,
    ),
  ],
  [
    "calendar",
    B(
      M,
      `Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${F}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${FH}\r\n--b\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n--b--\r\n`,
    ),
  ],
  [
    "subject folded words",
    B(
      H.replace(
        "Subject: t",
        "Subject: =?UTF-8?B?" +
          Buffer.from("新商品の").toString("base64") +
          "?=\r\n =?UTF-8?B?" +
          Buffer.from("ご案内").toString("base64") +
          "?=",
      ),
      "MIME-Version: 1.0\r\n",
      alt(F, FH),
    ),
  ],
  [
    "subject iso-2022-jp",
    B(
      H.replace(
        "Subject: t",
        "Subject: =?ISO-2022-JP?B?" + iso2022Bytes("新商品のご案内").toString("base64") + "?=",
      ),
      "MIME-Version: 1.0\r\n",
      alt(F, FH),
    ),
  ],
  [
    "subject raw utf8",
    B(H.replace("Subject: t", "Subject: 新商品"), "MIME-Version: 1.0\r\n", alt(F, FH)),
  ],
  [
    "subject words not separated",
    B(
      H.replace("Subject: t", "Subject: 【=?UTF-8?B?44GC?=】=?UTF-8?Q?abc?="),
      "MIME-Version: 1.0\r\n",
      alt(F, FH),
    ),
  ],
  [
    "from name quoted word",
    B(
      H.replace("From: news@example.jp", 'From: "=?UTF-8?B?44GC?=" <news@example.jp>'),
      "MIME-Version: 1.0\r\n",
      alt(F, FH),
    ),
  ],
  [
    "dup received ok",
    B("Received: a\r\nReceived: b\r\nX-Mailer: x\r\nX-Mailer: y\r\n", M, alt(F, FH)),
  ],
  [
    "same dup cte",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
      F,
    ),
  ],
  [
    "disposition inline",
    B(M, "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: inline\r\n\r\n", F),
  ],
  [
    "language header",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8; reply-type=original; delsp=yes; format=flowed\r\nContent-Language: ja\r\n\r\n",
      F,
    ),
  ],
  ["charset utf8 label", B(M, "Content-Type: text/plain; charset=utf8\r\n\r\n", F)],
  [
    "charset cp932 label",
    B(M, "Content-Type: text/plain; charset=cp932\r\n\r\n", iconv.encode(F, "cp932")),
  ],
  [
    "ascii html entities",
    B(
      M,
      "Content-Type: text/html; charset=us-ascii\r\n\r\n",
      FH.replace(/[\u0080-\uffff]/g, (c) => `&#${c.charCodeAt(0)};`),
    ),
  ],
  [
    "no ct html entities",
    B(
      M,
      "Content-Type: text/html\r\n\r\n",
      FH.replace(/[\u0080-\uffff]/g, (c) => `&#${c.charCodeAt(0)};`),
    ),
  ],
  [
    "iso-8859-1 ascii entity",
    B(
      M,
      "Content-Type: text/html; charset=iso-8859-1\r\n\r\n",
      FH.replace(/[\u0080-\uffff]/g, (c) => `&#${c.charCodeAt(0)};`),
    ),
  ],
  [
    "amp",
    B(
      M,
      `Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${F}\r\n--b\r\nContent-Type: text/x-amp-html; charset=utf-8\r\n\r\n<html amp4email>${FH}</html>\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${FH}\r\n--b--\r\n`,
    ),
  ],
  ["amp as its specification wants it", amp(`<style amp4email-boilerplate>${unseen}</style>`)],
  [
    "amp with the sheet in upper case and on lines of its own",
    amp(`<STYLE amp4email-boilerplate="">\r\n${unseen}\r\n</STYLE>`),
  ],
  [
    "amp in an open section of an accordion",
    ampWith(
      "<amp-accordion><section expanded><h4>会社</h4><div>",
      "</div></section></amp-accordion>",
    ),
  ],
  [
    "amp on the first slide",
    ampWith('<amp-carousel type="slides"><div>', "</div><div>2</div></amp-carousel>"),
  ],
  [
    "alternative with a footer in text/enriched",
    besides(
      `Content-Type: text/enriched; charset=utf-8\r\n\r\n${F.replace("サンプル", "<bold>サンプル</bold>")}`,
    ),
  ],
  [
    "alternative with an attached file",
    besides(...png, 'Content-Disposition: attachment; filename="a.png"', "", "iVBORw0KGgo="),
  ],
  [
    "alternative with a picture that the HTML shows",
    besides(...png, "Content-ID: <a@example.jp>", "", "iVBORw0KGgo="),
  ],
  ["alternative with a business card", besides("Content-Type: text/x-vcard", "", "BEGIN:VCARD")],
  [
    "alternative with an application's data",
    besides("Content-Type: application/ics", "", "BEGIN:VCALENDAR"),
  ],
  [
    "a picture before the HTML",
    B(
      M,
      alt(F, FH).replace(
        "--b\r\nContent-Type: text/html",
        (html) => `--b\r\n${png.join("\r\n")}\r\n\r\niVBORw0KGgo=\r\n${html}`,
      ),
    ),
  ],
  [
    "a picture as an alternative, and the footer below both",
    B(
      M,
      `Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n本文\r\n--b\r\n${png.join("\r\n")}\r\n\r\niVBORw0KGgo=\r\n--b--\r\n--o\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${F}\r\n--o--\r\n`,
    ),
  ],
  [
    "signed",
    B(
      M,
      `Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="s"\r\n\r\n--s\r\n${alt(F, FH)}\r\n--s\r\nContent-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="smime.p7s"\r\n\r\nAAAA\r\n--s--\r\n`,
    ),
  ],
];

const doubtful: [string, Buffer][] = [
  ["alternative ends in a picture", besides(...png, "", "iVBORw0KGgo=")],
  [
    "alternative ends in a picture to be shown inline",
    besides(...png, 'Content-Disposition: inline; filename="a.png"', "", "iVBORw0KGgo="),
  ],
  ["alternative ends in a pdf", besides("Content-Type: application/pdf", "", "%PDF-1.7")],
  [
    "alternative ends in a picture within a multipart",
    besides(
      "Content-Type: multipart/mixed; boundary=i",
      "",
      "--i",
      ...png,
      "",
      "iVBORw0KGgo=",
      "--i--",
    ),
  ],
  [
    "alternative ends in text/enriched without a footer",
    besides("Content-Type: text/enriched", "", "<bold>sale</bold>"),
  ],
  [
    "alternative ends in a type of text that nobody knows",
    besides("Content-Type: text/x-unknown", "", "sale"),
  ],
  [
    "the sheet of amp in ordinary html",
    amp(`<style amp4email-boilerplate>${unseen}</style>`, "text/html"),
  ],
  ["amp hidden by a sheet of its own", amp(`<style amp-custom>${unseen}</style>`)],
  [
    "amp in a closed section of an accordion",
    ampWith("<amp-accordion><section><h4>会社</h4><div>", "</div></section></amp-accordion>"),
  ],
  ["amp in a sidebar", ampWith("<amp-sidebar id=s layout=nodisplay>", "</amp-sidebar>")],
  ["amp in a lightbox", ampWith("<amp-lightbox id=l layout=nodisplay>", "</amp-lightbox>")],
  [
    "amp on the second slide",
    ampWith('<amp-carousel type="slides"><div>1</div><div>', "</div></amp-carousel>"),
  ],
  [
    "amp in the answer to a form",
    ampWith(
      '<form method="post" action-xhr="https://www.example.jp/"><div submit-success>',
      "</div></form>",
    ),
  ],
  [
    "amp whose sheet has more than the sheet",
    amp(`<style amp4email-boilerplate>${unseen}p{visibility:hidden}</style>`),
  ],
  [
    "subject split multibyte over two encoded words",
    B(
      H.replace("Subject: t", () => {
        const x = Buffer.from("新商品のご案内");
        return (
          "Subject: =?UTF-8?B?" +
          x.subarray(0, 4).toString("base64") +
          "?=\r\n =?UTF-8?B?" +
          x.subarray(4).toString("base64") +
          "?="
        );
      }),
      "MIME-Version: 1.0\r\n",
      alt(F, FH),
    ),
  ],
  [
    "a boundary that begins like another",
    B(
      M,
      `Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n`,
      alt(F, FH).replaceAll('"b"', '"b-1"').replaceAll("--b", "--b-1"),
      "\r\n--b--\r\n",
    ),
  ],
  [
    "two ct differ",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\nContent-Type: text/html; charset=utf-8\r\n\r\n",
      F,
    ),
  ],
  [
    "two cte differ",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      F,
    ),
  ],
  [
    "two charset params",
    B(M, "Content-Type: text/plain; charset=utf-8; charset=shift_jis\r\n\r\n", F),
  ],
  ["two boundary params", B(M, alt(F, FH).replace('boundary="b"', 'boundary="b"; boundary="c"'))],
  ["two subjects", B(M, "Subject: u\r\n", alt(F, FH))],
  ["two froms", B(M, "From: x@example.jp\r\n", alt(F, FH))],
  ["two to", B(M, "To: x@example.jp\r\n", alt(F, FH))],
  [
    "label utf8 is sjis",
    B(M, "Content-Type: text/plain; charset=utf-8\r\n\r\n", iconv.encode(F, "shift_jis")),
  ],
  ["label sjis is utf8", B(M, "Content-Type: text/plain; charset=shift_jis\r\n\r\n", F)],
  ["label latin1 is utf8", B(M, "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n", F)],
  ["label ascii is utf8", B(M, "Content-Type: text/plain; charset=us-ascii\r\n\r\n", F)],
  ["no charset 8bit", B(M, "Content-Type: text/plain\r\n\r\n", F)],
  ["utf-7", B(M, "Content-Type: text/plain; charset=utf-7\r\n\r\n", F)],
  ["unknown charset", B(M, "Content-Type: text/plain; charset=x-foo\r\n\r\n", F)],
  [
    "cut multibyte",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\n\r\n",
      Buffer.from(F).subarray(0, -3),
      Buffer.from([0xe3, 0x81]),
    ),
  ],
  [
    "iso bad escape",
    B(
      M,
      "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n",
      iso2022Bytes(F),
      Buffer.from("\x1b$Zxx", "latin1"),
    ),
  ],
  [
    "b64 garbage",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      b64(F).replace("A", "*"),
    ),
  ],
  [
    "b64 two padded",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      Buffer.from(F.slice(0, 20)).toString("base64") + "=\r\n" + b64(F),
    ),
  ],
  [
    "cte unknown",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: uuencode\r\n\r\n",
      F,
    ),
  ],
  [
    "qp bad",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
      "a=ZZ",
      F,
    ),
  ],
  [
    "multipart b64",
    B(
      M,
      "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      b64(F),
    ),
  ],
  ["no boundary", B(M, alt(F, FH).replace('; boundary="b"', ""))],
  ["boundary absent", B(M, alt(F, FH).replaceAll("--b", "--c"))],
  ["unclosed", B(M, alt(F, FH).replace("--b--\r\n", ""))],
  [
    "after close",
    B(M, alt(F, FH), `--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>x</p>\r\n--b--\r\n`),
  ],
  ["boundary prefix", B(M, alt(F, FH).replace("--b--", "--bx\r\n\r\n--b--"))],
  [
    "cr in word",
    B(
      H.replace(
        "Subject: t",
        "Subject: =?UTF-8?B?" + Buffer.from("a\r\nBcc: x@y.z").toString("base64") + "?=",
      ),
      "MIME-Version: 1.0\r\n",
      alt(F, FH),
    ),
  ],
  [
    "word bad charset",
    B(
      H.replace(
        "Subject: t",
        "Subject: =?UTF-8?B?" + iconv.encode("新商品", "shift_jis").toString("base64") + "?=",
      ),
      "MIME-Version: 1.0\r\n",
      alt(F, FH),
    ),
  ],
  ["only rfc822", B(M, `Content-Type: message/rfc822\r\n\r\n${M}${alt(F, FH)}`)],
  [
    "footer in rfc822",
    B(
      M,
      `Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nこんにちは\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n${M}${alt(F, FH)}\r\n--o--\r\n`,
    ),
  ],
  [
    "footer in attachment",
    B(
      M,
      `Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nこんにちは\r\n--o\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; filename=f.txt\r\n\r\n${F}\r\n--o--\r\n`,
    ),
  ],
  [
    "footer inline file",
    B(
      M,
      `Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nこんにちは\r\n--o\r\nContent-Type: text/plain; charset=utf-8; name=f.txt\r\nContent-Disposition: inline; filename=f.txt\r\n\r\n${F}\r\n--o--\r\n`,
    ),
  ],
  [
    "footer in preamble",
    B(
      M,
      `Content-Type: multipart/alternative; boundary="b"\r\n\r\n${F}\r\n`,
      alt("こんにちは", "<p>こんにちは</p>").replace(/^[^]*?\r\n\r\n/, ""),
    ),
  ],
  ["footer in epilogue", B(M, alt("こんにちは", "<p>こんにちは</p>"), F)],
  ["html lacks", B(M, alt(F, "<p>こんにちは</p>"))],
  ["text lacks", B(M, alt("こんにちは", FH))],
  ["empty text", B(M, alt("", FH))],
  [
    "related 2nd",
    B(
      M,
      `Content-Type: multipart/related; boundary=o\r\n\r\n--o\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>x</p>\r\n--o\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${FH}\r\n--o--\r\n`,
    ),
  ],
  ["ct invalid", B(M, "Content-Type: text\r\n\r\n", F)],
  [
    "encrypted",
    B(
      M,
      `Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=o\r\n\r\n--o\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--o\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--o--\r\n`,
    ),
  ],
  [
    "pkcs7",
    B(
      M,
      "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n",
    ),
  ],
  [
    "header no colon",
    B(H, "garbage line here\r\n", "Content-Type: text/plain; charset=utf-8\r\n\r\n", F),
  ],
  [
    "nul",
    B(M, "Content-Type: text/html; charset=utf-8\r\n\r\n", FH.replace("サンプル", "サン\0プル")),
  ],
  [
    "utf16 nobom",
    B(
      M,
      "Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      b64(Buffer.from(F, "utf16le")),
    ),
  ],
  [
    "backspaces",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\n\r\n",
      F.replace("サンプル", "ホンモノ\b\b\b\bサンプル"),
    ),
  ],
  [
    "rlo",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\n\r\n",
      F.replace("株式会社サンプル商事", "\u202e" + "事商ルプンサ社会式株" + "\u202c"),
    ),
  ],
  [
    "tags chars",
    B(
      M,
      "Content-Type: text/plain; charset=utf-8\r\n\r\n",
      F.replace(
        "株式会社サンプル商事",
        Array.from("SAMPLE")
          .map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0)))
          .join(""),
      ),
    ),
  ],
];

const offeredOf = (message: Buffer): readonly string[] => {
  const reading = readMessage(message);
  if (reading.kind !== "read") return [reading.problem];
  return judge(reading.view, factsFor())
    .filter(({ rule, outcome }) => rule === "mime/readable" && outcome === "warn")
    .map(({ part, evidence }) => `${part} ${evidence}`);
};

test.each([
  [
    "a picture with a Content-ID",
    besides(...png, "Content-ID: <a@example.jp>", "", "AA=="),
    "3 image/png",
  ],
  ["a film", besides("Content-Type: video/mp4", "", "AA"), "3 video/mp4"],
])("warns: %s among the alternatives", (_name, message, part) => {
  expect(offeredOf(message)).toEqual([
    `${part} stands among the alternatives of the text: some client may show it alone`,
  ]);
});

test("warns of nothing where a file is attached", () => {
  expect(offeredOf(besides(...png, "Content-Disposition: attachment", "", "AA=="))).toEqual([]);
});

function failures(message: Buffer): readonly string[] {
  const reading = readMessage(message);
  if (reading.kind !== "read") return [reading.problem];
  return judge(reading.view, factsFor())
    .filter((finding) => finding.outcome === "fail")
    .map((finding) => `${finding.rule} ${finding.part}: ${finding.evidence}`);
}

test.each(ordinary)("passes: %s", (_name, message) => {
  expect(failures(message)).toEqual([]);
});

test.each(doubtful)("fails: %s", (_name, message) => {
  expect(failures(message)).not.toEqual([]);
});

test("more HTML than Gmail shows at once is warned about", () => {
  const long = (count: number): Buffer =>
    B(
      M,
      "Content-Type: text/html; charset=utf-8\r\n\r\n",
      `${"<p>sale</p>\r\n".repeat(count)}${FH}`,
    );
  expect(offeredOf(long(7_000))).toEqual([]);
  expect(offeredOf(long(9_000))).toHaveLength(1);
});
