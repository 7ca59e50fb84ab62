// What a page's reader sees: charsets as browsers choose them, scripts not run, hostile sizes refused.
import iconv from "iconv-lite";
import fc from "fast-check";
import { expect, test } from "vitest";

import { readPage } from "./read-page.ts";

const words = "所在地 東京都架空区見本町";
const textOf = (octets: Buffer, type: string): string | undefined => {
  const page = readPage(octets, type);
  return page.kind === "read" ? page.shown.blocks.map((block) => block.text).join("\n") : undefined;
};

test.each([
  ["the server's word", "text/html; charset=Shift_JIS", "", "shift_jis"],
  ["the page's meta charset", "text/html", '<meta charset="euc-jp">', "euc-jp"],
  [
    "the page's http-equiv",
    "text/html",
    '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=Shift_JIS">',
    "shift_jis",
  ],
  ["nobody's: UTF-8", "text/html", "", "utf-8"],
  ["the server's before the page's", "text/html;charset=utf-8", '<meta charset="euc-jp">', "utf-8"],
])("reads the charset from %s", (_, type, head, charset) => {
  const octets = iconv.encode(`<html><head>${head}</head><body><p>${words}</p></body>`, charset);
  expect(textOf(octets, type)).toBe(words);
});

test("a byte order mark stands above every label", () => {
  const octets = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(`<p>${words}</p>`)]);
  expect(textOf(octets, "text/html; charset=euc-jp")).toBe(words);
});

test("plain text is read, other types are not", () => {
  expect(textOf(Buffer.from(words), "text/plain; charset=utf-8")).toBe(words);
  expect(readPage(Buffer.from("%PDF"), "application/pdf")).toMatchObject({ kind: "unusable" });
});

test("a page that a script would fill is told as such", () => {
  const page = readPage(Buffer.from('<div id="root"></div><script src="a.js"></script>'), "text/html");
  expect(page).toMatchObject({ kind: "unusable", why: { en: expect.stringContaining("script") as string } });
}); // prettier-ignore

test.each([
  ["of too many elements", "<b>x".repeat(100_000)],
  ["of too much text", `<p>${"あ".repeat(60_000)}</p>`],
])("a page %s is not read", (_, body) => {
  expect(readPage(Buffer.from(body), "text/html").kind).toBe("unusable");
});

test("no octets and no type crash it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.string(), (octets, type) => {
      for (const contentType of [type, `text/html; charset=${type}`, "text/html"])
        expect(["read", "unusable"]).toContain(readPage(Buffer.from(octets), contentType).kind);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["a form", "<form></form>", true],
  ["a form in a comment", "<!-- <form> -->", false],
  [
    "letters that grow in lower case before that comment",
    `${"İ".repeat(40)}<!-- <form> -->`,
    false,
  ],
  ["a form behind a script", "<SCRIPT>x</SCRIPT><form>", true],
  ["a form that asks for a password", '<form><input type="password"></form>', false],
])("%s: whether it takes what a reader writes", (_, body, takesInput) => {
  const page = readPage(Buffer.from(`<p>${words}</p>${body}`), "text/html; charset=utf-8");
  expect(page).toMatchObject({ kind: "read", takesInput });
});
