import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { takeApart, viewAnew } from "./html-view.ts";
import { prepareHtml } from "./parse-html.ts";

/** Whether the second part is read by what the first one left; the view is always that of the part itself. */
function isFilled(first: string, second: string): boolean {
  const { template } = takeApart(prepareHtml(first), () => true);
  const view = template?.view(prepareHtml(second));
  if (view !== undefined) expect(view).toEqual(viewAnew(second));
  return view !== undefined;
}

const mail = (name: string, link: string, more = ""): string =>
  `<!DOCTYPE html><html><head><style>p{margin:0}${more}</style></head><body><p>${name}様</p><table><tr><td><a href="${link}">こちら</a></td></tr></table><!-- ${name} --><p>終わり</p></body></html>`;

const overlaid = (src: string): string =>
  `<div style="position:relative;height:40px"><p>配信停止はこちら</p><img src="${src}" style="position:absolute;top:0;left:0;width:600px;height:100px"></div>`;

describe("a part that is an earlier one with other words and links is not taken apart again", () => {
  test.each<[what: string, first: string, second: string]>([
    ["the same", mail("山田", "https://a.jp/1"), mail("山田", "https://a.jp/1")],
    ["another name and link", mail("山田", "https://a.jp/1"), mail("佐藤花子", "https://a.jp/2?x=y")],
    ["a link with references", mail("山田", "https://a.jp/1"), mail("山田", "https://a.jp/?a=1&amp;b=2&c=3")],
    ["a name with references", mail("山田", "#"), mail("A &amp; B &lt;x&gt;", "#")],
    ["a selector for other links", mail("山", "https://a.jp/", "a[href^=tel]{display:none}"), mail("川", "https://b.jp/", "a[href^=tel]{display:none}")],
  ])("%s", (_what, first, second) => {
    expect(isFilled(first, second)).toBe(true);
  }); // prettier-ignore
});

describe("a part that could be more than that is taken apart", () => {
  const sheet = "a[href*=hide]{display:none}";
  test.each<[what: string, first: string, second: string]>([
    ["another tag", mail("山田", "#"), mail("<b>山田</b>", "#")],
    ["a name of nothing", mail("山田", "#").replace("様", ""), mail("", "#").replace("様", "")],
    ["another style", mail("山田", "#"), mail("山田", "#", "p{display:none}")],
    ["a link that a selector hides", mail("山田", "https://a.jp/", sheet), mail("山田", "https://a.jp/hide", sheet)],
    ["a selector with escapes", mail("山", "/a", "a[hr\\65 f*=b]{display:none}"), mail("山", "/b", "a[hr\\65 f*=b]{display:none}")],
    ["a picture that comes along now", overlaid("https://a.jp/x.png"), overlaid("data:image/png;base64,AA")],
    ["a comment that ends early", mail("山田", "#"), mail("山田 --> 佐藤 <!--", "#")],
    ["a link that ends early", mail("山田", "x"), mail("山田", `x" hidden="`)],
["a line end that <pre> drops", "<p>x</p><pre>山田</pre>", "<p>x</p><pre>\n山田</pre>"],
        ["a row more", mail("山田", "#"), mail("山田", "#").replace("</table>", "<tr><td>x</td></tr></table>")],
  ])("%s", (_what, first, second) => {
    expect(isFilled(first, second)).toBe(false);
  }); // prettier-ignore
});

test("what is laid anew stands where it would: longer names, empty lines, clips and hidden words", () => {
  const body = (name: string): string =>
    `<body><div style="height:20px;overflow:hidden">${name}<p>二行目</p></div><p>${name}</p>${"<br>".repeat(30)}<div style="display:none">隠し${name}</div><p>本文<img src="a.png" alt="絵"></p></body>`;
  const { template } = takeApart(prepareHtml(body("山田")), () => true);
  for (const name of ["佐藤", "長い名前".repeat(80), "a", "山田", "長い名前".repeat(80), "田"])
    expect(template?.view(prepareHtml(body(name)))).toEqual(viewAnew(body(name)));
});

describe("whatever a campaign puts in, the view is that of the part itself", () => {
  const fixed = fc.constantFrom(
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<table><tr><td>",
    "</td><td>",
    "</td></tr><tr><td>",
    "</table>",
    "<b>",
    "</b>",
    "<br>",
    "<ul><li>",
    "<pre>",
    "<title>",
    "</title>",
    "<noscript>",
    "</noscript>",
    "<svg>",
    "</svg>",
    "<select>",
    "<textarea>",
    "</textarea>",
    "<style>a[href*=x]{color:white}</style>",
    "<style>p:empty,td:has(a){display:none}p::before{content:'前'}</style>",
    "<style>.a{font-size:0}b+i{opacity:0}@media screen{u{color:#fff}}</style>",
    '<div style="height:18px;overflow:hidden">',
    '<div style="position:absolute;left:-9px">',
    '<span class="a">',
    '<span style="display:none">',
    "<details><summary>",
    '<font color="white">',
    "<!--[if mso]><i>",
    "<![endif]-->",
    "",
    " ",
    "\n",
    "固定",
  );
  const words = fc.oneof(
    fc.constantFrom("山田", "A&amp;B", "&copy", "&#x4f50;", " ", "", "\n", "a < b", "<b>x</b>", "--", "-->", '"', "'", "x", "長い文".repeat(60), "\0", "&nbsp;", "<![CDATA["),
    fc.string({ maxLength: 5 }),
  ); // prettier-ignore
  const pair = fc.tuple(words, words, fc.boolean());
  const piece = fc.oneof(
    { weight: 3, arbitrary: fixed.map((text): [string, string] => [text, text]) },
    { weight: 2, arbitrary: pair.map(([a, b, same]): [string, string] => [a, same ? a : b]) },
    {
      weight: 2,
      arbitrary: pair.map(([a, b]): [string, string] => [
        `<a href="https://h.jp/${a}">こちら</a>`,
        `<a href="https://h.jp/${b}">こちら</a>`,
      ]),
    },
    {
      weight: 1,
      arbitrary: pair.map(([a, b]): [string, string] => [
        `<img src='${a}' alt="${a}">`,
        `<img src='${b}' alt="${a}">`,
      ]),
    },
    {
      weight: 1,
      arbitrary: pair.map(([a, b]): [string, string] => [`<!--${a}-->`, `<!--${b}-->`]),
    },
  );
  test("on pieces of HTML in any order", () => {
    let filled = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const first = pieces.map(([a]) => a).join("");
        const second = pieces.map(([, b]) => b).join("");
        if (isFilled(first, second)) filled += 1;
        if (isFilled(second, first)) filled += 1;
      }),
      { numRuns: 2000 },
    );
    expect(filled).toBeGreaterThan(200);
  });
});
