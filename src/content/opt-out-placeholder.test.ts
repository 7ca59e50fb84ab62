import fc from "fast-check";
import { expect, test } from "vitest";

import { fillOptOutLink } from "./opt-out-placeholder.ts";
import { walkMessage } from "./mime.ts";
import { decodeTransfer } from "./transfer.ts";

const link = `https://gw.example.jp/u/${"Ab_-9".repeat(16)}xyz`;
const mark = "{{sekisho.unsubscribe_url}}";

function message(parts: readonly { readonly head: string; readonly body: string }[]): Buffer {
  const text = parts.map(({ head, body }) => `--b\r\n${head}\r\n\r\n${body}\r\n`).join("");
  return Buffer.from(
    `From: a@example.jp\r\nX-Note: ${mark}\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n${mark}\r\n${text}--b--\r\n`,
    "latin1",
  );
}

/** Decoded bodies of the parts. */
function bodies(content: Buffer): readonly string[] {
  return walkMessage(content).root.children.map((part) =>
    decodeTransfer(part.body, part.encoding).bytes.toString("latin1"),
  );
}

test.each([
  mark,
  "{{ sekisho.unsubscribe_url }}",
  "{{SEKISHO.UNSUBSCRIBE_URL}}",
  "%7B%7Bsekisho.unsubscribe_url%7D%7D",
  "%7b%7b%20sekisho%2Eunsubscribe%5Furl%20%7d%7d",
  "&#123;&#123;sekisho.unsubscribe_url&#125;&#125;",
  "&#x7B;&#x7b;sekisho.unsubscribe_url&#x7D;&#x7d;",
  "&lbrace;&lcub;sekisho.unsubscribe_url&rbrace;&rcub;",
  `http://${mark}`,
  "https://%7B%7Bsekisho.unsubscribe_url%7D%7D",
])("fills %s in both alternatives, and nothing else changes", (form) => {
  const before = message([
    { head: "Content-Type: text/plain; charset=utf-8", body: `stop: ${form}\r\n.end` },
    {
      head: "Content-Type: text/html",
      body: `<p>a <a href="${form}">stop</a>  \t<b>${form}</b></p>`,
    },
  ]);
  const expected = before
    .toString("latin1")
    .replaceAll(form, link)
    // Header and preamble are no part that anybody is shown.
    .replace(`X-Note: ${link}`, `X-Note: ${form}`)
    .replace(`\r\n\r\n${link}\r\n--b`, `\r\n\r\n${form}\r\n--b`)
    .replaceAll(`http://${link}`, `http://${form}`);
  const after = fillOptOutLink(before, link).toString("latin1");
  expect(after.replace(/^[^]*?--b/, "")).toBe(expected.replace(/^[^]*?--b/, ""));
  expect(after.slice(0, after.indexOf("--b"))).toBe(
    before.toString("latin1").slice(0, before.indexOf("--b")),
  );
});

test("fills quoted-printable with encoded braces and soft breaks inside, in lines of at most 76", () => {
  const body =
    '=E9=85=8D=E4=BF=A1 <a href=3D"=7B=7Bsekisho.unsubs=\r\ncribe=5Furl}}">stop</a> and on and on\r\n' +
    `x =\r\n${mark}\r\n{{sekisho.unsubscribe_url}=\r\n}`;
  const before = message([
    { head: "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable", body },
  ]);
  const after = fillOptOutLink(before, link);
  const [shown] = bodies(after);
  expect(shown).toBe(
    `${Buffer.from("配信").toString("latin1")} <a href="${link}">stop</a> and on and on\r\nx ${link}\r\n${link}`,
  );
  for (const line of after.toString("latin1").split("\r\n")) expect(line.length).toBeLessThan(77);
});

test("fills base64 and keeps the length of its lines", () => {
  const text = `配信停止はこちら ${mark}\r\nご連絡ください`;
  const body = (
    Buffer.from(text)
      .toString("base64")
      .match(/.{1,60}/g) ?? []
  ).join("\r\n");
  const before = message([
    { head: "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", body },
    { head: "Content-Type: text/html", body: "<p>none</p>" },
  ]);
  const after = fillOptOutLink(before, link);
  expect(Buffer.from(bodies(after)[0] ?? "", "latin1").toString()).toBe(text.replace(mark, link));
  expect(after.toString("latin1")).toMatch(/\r\n[A-Za-z0-9+/]{60}\r\n/);
  expect(after.toString("latin1").split("\r\n--b\r\n")[2]).toBe(
    before.toString("latin1").split("\r\n--b\r\n")[2],
  );
});

test("a message without it is the same Buffer, and other parts are not searched", () => {
  const other = message([
    { head: "Content-Type: text/plain", body: "{{sekisho.other}} {sekisho.unsubscribe_url}" },
    { head: "Content-Type: text/calendar", body: mark },
    { head: "Content-Type: message/rfc822", body: `\r\n${mark}` },
  ]);
  expect(fillOptOutLink(other, link)).toBe(other);
});

test("a signed part is left as it was signed", () => {
  const signed = Buffer.from(
    `Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n${mark}\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--\r\n`,
  );
  expect(fillOptOutLink(signed, link)).toBe(signed);
});

test("a link that would need escaping is never written", () => {
  for (const bad of ['https://x/"><script>', "https://x/a b", "https://x/?a&b", "javascript:x"])
    expect(() => fillOptOutLink(Buffer.from("\r\n"), bad)).toThrow(RangeError);
});

test("whatever stands around it, in any encoding, decodes to the same text with the link in it", () => {
  const octets = fc.stringMatching(/^[ -z|~\u00a0-\u00ff]{0,90}$/);
  const encodings = fc.constantFrom("8bit", "base64", "quoted-printable");
  fc.assert(
    fc.property(octets, octets, encodings, (a, b, encoding) => {
      const text = `${a}\r\n${b}${mark}${a}${mark}\r\n${b}`;
      const before = message([
        {
          head: `Content-Type: text/plain\r\nContent-Transfer-Encoding: ${encoding}`,
          body: encode(text, encoding),
        },
      ]);
      // White space at the end of a quoted line is no data.
      const trim = (shown: string): string => shown.replace(/[ \t]+(?=\r\n|$)/g, "");
      expect(trim(bodies(fillOptOutLink(before, link))[0] ?? "")).toBe(
        trim(text.replaceAll(/(?:https?:\/\/)?\{\{sekisho.unsubscribe_url\}\}/g, link)),
      );
    }),
  );
});

function encode(text: string, encoding: string): string {
  switch (encoding) {
    case "base64":
      return (
        Buffer.from(text, "latin1")
          .toString("base64")
          .match(/.{1,76}/g) ?? []
      ).join("\r\n");
    case "quoted-printable":
      return (text.match(/\r\n|[^]/g) ?? [])
        .map((c, n) => (c === "\r\n" ? c : quote(c) + (n % 20 === 19 ? "=\r\n" : "")))
        .join("");
    default:
      return text;
  }
}

function quote(c: string): string {
  return /[ -<>-~]/.test(c) ? c : `=${c.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
