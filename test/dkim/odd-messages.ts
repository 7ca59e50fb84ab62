// Message shapes that signers are known to break on (libraries.md 1.5): each must be signed and verify everywhere.

const head =
  "From: Shop <news@example.jp>\r\nTo: taro@example.net\r\nDate: Wed, 25 Nov 2026 09:00:00 +0900\r\n";

function mail(fields: string | Buffer, body: string | Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(head),
    Buffer.from(fields),
    Buffer.from("\r\n"),
    Buffer.from(body),
  ]);
}

export const oddMessages: Readonly<Record<string, Buffer>> = {
  "plain ASCII": mail("Subject: hello\r\n", "hello\r\nworld\r\n"),
  "UTF-8 in header and body": mail("Subject: お知らせ\r\n", "こんにちは、世界\r\n"),
  "latin1 in header and body": mail(
    Buffer.from("Subject: caf\xe9 \xc0\xdf\r\n", "latin1"),
    Buffer.from("d\xe9j\xe0 vu\r\n", "latin1"),
  ),
  "Shift_JIS body with 0x5c and 0x20 neighbours": mail(
    "Content-Type: text/plain; charset=Shift_JIS\r\n",
    Buffer.from("955c8ea6204120835c0d0a", "hex"),
  ),
  "ISO-2022-JP body": mail(
    "Content-Type: text/plain; charset=ISO-2022-JP\r\n",
    Buffer.from("1b2442244224241b2842203d20410d0a", "hex"),
  ),
  "binary body with NUL": mail(
    "Content-Transfer-Encoding: binary\r\n",
    Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, n) => (n === 10 || n === 13 ? 0 : n))),
      Buffer.from("\r\n"),
    ]),
  ),
  "empty body": mail("Subject: nothing\r\n", ""),
  "no body at all": Buffer.from(`${head}Subject: header only\r\n`),
  "body of empty lines": mail("Subject: void\r\n", "\r\n\r\n\r\n"),
  "body of spaces and tabs": mail("Subject: white\r\n", " \t \r\n\t\r\n  \r\n"),
  "body without a final line end": mail("Subject: cut\r\n", "last line"),
  "body without a final line end, trailing space": mail("Subject: cut\r\n", "last line \t "),
  "trailing empty lines": mail("Subject: tail\r\n", "text\r\n\r\n\r\n\r\n"),
  "tabs and runs of spaces": mail(
    "Subject:\ttabs\tand   spaces \r\n",
    "a\tb\t\tc   d \t e\r\n \tleading\r\n",
  ),
  "folded fields": mail(
    "Subject: one\r\n two\r\n\tthree\r\nReferences: <a@example.jp>\r\n <b@example.jp>\r\n\t<c@example.jp>\r\n",
    "text\r\n",
  ),
  "space before the colon": mail("Subject : spaced\r\n", "text\r\n"),
  "odd case of field names": mail(
    "SUBJECT: loud\r\nmime-version: 1.0\r\ncONTENT-tYPE: text/plain\r\n",
    "text\r\n",
  ),
  "empty field values": mail("Subject:\r\nCc: \r\nReply-To:\t\r\n", "text\r\n"),
  "lines that begin with dots": mail("Subject: dots\r\n", ".\r\n..\r\n.hidden\r\n"),
  "a line of 5000 octets": mail("Subject: long\r\n", `${"x".repeat(5000)}\r\n`),
  "a multipart of alternatives with one-click unsubscription": mail(
    [
      "Subject: =?UTF-8?B?44GK55+l44KJ44Gb?=",
      "MIME-Version: 1.0",
      "Message-ID: <1@example.jp>",
      "Reply-To: help@example.jp",
      "List-Id: news <news.example.jp>",
      "List-Unsubscribe: <https://u.example.jp/u/x>, <mailto:u@example.jp>",
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
      "Feedback-ID: 1:news:sample:gw",
      'Content-Type: multipart/alternative; boundary="b"',
      "",
    ].join("\r\n"),
    "--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>hi</p>\r\n--b--\r\n",
  ),
  "several instances of a signed field": mail(
    "Subject: twice\r\nAuto-Submitted: auto-generated\r\nReferences: <a@example.jp>\r\nReferences: <b@example.jp>\r\n",
    "text\r\n",
  ),
  "an older signature of another domain": Buffer.concat([
    Buffer.from(
      "DKIM-Signature: v=1; a=rsa-sha256; d=elsewhere.example; s=x; h=from; bh=AA==; b=AA==\r\n",
    ),
    mail("Subject: signed before\r\n", "text\r\n"),
  ]),
};
