// Text that a right-to-left override shows backwards is no text that a reader reads.
import { expect, test } from "vitest";

import { html, mail, plain, utf8, view } from "../../test/support/read-mail.ts";

function read(kind: string, text: string): { shown: readonly string[]; hidden: readonly string[] } {
  const [alternative] = view(mail([kind, "", utf8(text)])).alternatives;
  return {
    shown: alternative?.blocks.map((block) => block.text) ?? [],
    hidden: alternative?.hidden.map((item) => item.text.replace(/\p{Cf}/gu, "")) ?? [],
  };
}

test.each([
  ["to its end", "前\u202e会社\u202c後", ["前\u202c後"], ["会社"]],
  ["to the line's end", "前\u202e会社\r\n後", ["前\n後"], ["会社"]],
  ["a whole paragraph", "\u202e会社\u202c\r\n\r\n後", ["後"], ["会社"]],
  ["a URL", "\u202ehttps://u.example.jp/s\u202c", [], ["https://u.example.jp/s"]],
  ["digits", "\u202e03-0000\u202c", [], ["03-0000"]],
  ["with an embedding inside", "\u202e会\u202a社\u202cの\u202c後", ["\u202c後"], ["会社の"]],
  [
    "with an isolate that a PDF does not end",
    "\u202e会\u2066社\u202cの\u2069\u202c後",
    ["\u202c後"],
    ["会社の"],
  ],
  ["an isolate ends what was opened in it", "\u2066\u202e会\u2069社", ["\u2066\u2069社"], ["会"]],
])("a right-to-left override hides %s", (_name, text, shown, hidden) => {
  expect(read(plain, text)).toEqual({ shown, hidden });
  const asHtml = `<p>${text.replaceAll("\r\n\r\n", "</p><p>").replaceAll("\r\n", "<br>")}</p>`;
  expect(read(html, asHtml).hidden).toEqual(hidden);
});

test.each([
  ["right-to-left letters", "\u202eשלום\u202c"],
  ["nothing", "\u202e \u202c会社"],
  ["a left-to-right override", "\u202d会社\u202c"],
  ["embeddings and isolates", "\u202b会社\u202c\u2067会社\u2069"],
  ["marks", "\u200f会社\u200e"],
])("%s hides nothing", (_name, text) => {
  expect(read(plain, text)).toEqual({ shown: [text], hidden: [] });
  expect(read(html, `<p>${text}</p>`).hidden).toEqual([]);
});

test("words around it stay in one block, and the link in it is told", () => {
  const [alternative] = view(
    mail([html, "", utf8('<p>一<a href="/x">&#x202e;二</a>&#x202c;三</p>')]),
  ).alternatives;
  expect(alternative?.blocks.map((block) => block.text)).toEqual(["一\u202c三"]);
  expect(alternative?.hidden).toEqual([
    {
      text: "\u202e二",
      link: { text: "\u202e二", target: "/x" },
      why: "turned round by a right-to-left override",
      beforeBlock: 0,
    },
  ]);
});

test.each([
  ['<bdo dir="rtl">会社</bdo>', ["会社"]],
  ['<bdo dir="rtl"><b>会</b>社</bdo>', ["会", "社"]],
  ['<p style="direction:rtl;unicode-bidi:bidi-override">会社</p>', ["会社"]],
  ['<p dir="rtl" style="unicode-bidi:isolate-override">会社</p>', ["会社"]],
  ['<div style="direction:rtl;unicode-bidi:bidi-override"><p>会社</p></div>', []],
  ['<bdo dir="rtl"><span dir="ltr">会社</span></bdo>', []],
  ['<bdo dir="ltr">会社</bdo>', []],
  ['<bdo dir="rtl">שלום</bdo>', []],
  ['<p dir="rtl">会社</p>', []],
])("%s", (text, hidden) => {
  expect(read(html, text).hidden.join("")).toBe(hidden.join(""));
});
