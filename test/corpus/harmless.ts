// Changes after which a reader sees the same: styles that look dangerous, and ways to write names, addresses and links.
import type { Trick } from "./hiding-tricks.ts";

const block = (name: string, style: string): Trick => ({
  name,
  wrap: (html) => `<span style="display:block;${style}">${html}</span>`,
});
const wrapped = (name: string, open: string, close: string, css?: string): Trick => ({
  name,
  ...(css === undefined ? {} : { css }),
  wrap: (html) => open + html + close,
});

/** On white unless the trick brings its own ground. */
export const shown: readonly Trick[] = [
  block("overflow hidden with room", "overflow:hidden;height:auto;max-height:9999px;width:100%"),
  block("opacity .9", "opacity:.9"),
  wrapped(
    "grey on white",
    `<span class="k7" style="display:block;color:#666;background:#fff">`,
    "</span>",
    ".k7 *{color:#666!important}",
  ),
  block("text-indent 1em", "text-indent:1em"),
  block("small shift", "position:relative;left:-5px;top:1px"),
  block("line-height 1.2", "line-height:1.2"),
  block("letter-spacing", "letter-spacing:.05em"),
  block("float", "float:left;width:100%"),
  block("inline-block", "display:inline-block;max-width:100%"),
  block("flex", "display:flex;flex-wrap:wrap"),
  block("grid", "display:grid"),
  block("min-height 0", "min-height:0;min-width:0"),
  block("transform none", "transform:none;filter:none;clip:auto;clip-path:none"),
  block("translate a little", "transform:translateY(2px)"),
  block("absolute in relative", "position:relative;z-index:1"),
  block("mso-hide off", "mso-hide:none"),
  block("border and padding", "border:1px solid #ccc;padding:8px;margin:0 auto"),
  block("invalid display", "display:nonesuch"),
  block("display none then block", "display:none;display:block"),
  wrapped(
    "gradient on dark",
    `<span class="k7" style="display:block;background:#123 linear-gradient(#123,#456);color:#fff">`,
    "</span>",
    ".k7 *{color:#fff!important}",
  ),
  wrapped(
    "gradient as large as its box on white",
    `<span class="k7" style="display:block;background:#fff linear-gradient(#123,#456) no-repeat center/cover;color:#fff">`,
    "</span>",
    ".k7 *{color:#fff!important}",
  ),
  wrapped(
    "line of a gradient below",
    `<span style="display:block;background:linear-gradient(#123,#456) no-repeat 0 100%/100% 2px">`,
    "</span>",
  ),
  wrapped(
    "blended for Gmail's dark mode",
    `<span style="display:block;background:#060;color:#fff"><span class="k7" style="display:block;background:#000;mix-blend-mode:screen"><span style="display:block;background:#000;mix-blend-mode:difference">`,
    "</span></span></span>",
    ".k7 *{color:#fff!important}",
  ),
  wrapped(
    "font-size 0 outside",
    `<span style="font-size:0;line-height:0"><span style="font-size:14px;line-height:1.5">`,
    "</span></span>",
  ),
  wrapped(
    "visible in hidden",
    `<span style="visibility:hidden"><span style="visibility:visible">`,
    "</span></span>",
  ),
  wrapped(
    "white outside, black inside",
    `<span style="display:block;background:#fff"><span style="color:#fff"><span class="k7">`,
    "</span></span></span>",
    ".k7,.k7 *{color:#222!important}",
  ),
  wrapped(
    "dark cell by bgcolor",
    `<table width="100%"><tr><td class="k7" bgcolor="#222222">`,
    "</td></tr></table>",
    ".k7,.k7 *{color:#ffffff!important}",
  ),
  wrapped(
    "dark cell by shorthand",
    `<table width="100%"><tr><td class="k7">`,
    "</td></tr></table>",
    ".k7{background:#222 url(https://img.example.jp/bg.png) no-repeat 0 0}.k7,.k7 *{color:#fff!important}",
  ),
  wrapped(
    "dark row",
    `<table width="100%"><tr style="background-color:#1a1a1a"><td class="k7">`,
    "</td></tr></table>",
    ".k7,.k7 *{color:#ffffff!important}",
  ),
  wrapped(
    "hidden only on mobile",
    `<span class="k7">`,
    "</span>",
    "@media (max-width:480px){.k7{display:none!important}}",
  ),
  wrapped(
    "hidden only in print",
    `<span class="k7">`,
    "</span>",
    "@media print{.k7{display:none}}",
  ),
  wrapped(
    "shown over hidden by order",
    `<span class="k7 s7">`,
    "</span>",
    ".k7{display:none}.s7{display:inline}",
  ),
  wrapped(
    "shown by important",
    `<span class="k7" style="display:none">`,
    "</span>",
    ".k7{display:inline!important}",
  ),
  wrapped(
    "shown by id",
    `<span class="k7" id="s7">`,
    "</span>",
    "#s7{display:inline}.k7{display:none}",
  ),
  wrapped("rule in a comment", `<span class="k7">`, "</span>", "/* .k7{display:none} */"),
  wrapped(
    "rule with a broken selector",
    `<span class="k7">`,
    "</span>",
    ".k7,:::bad{display:none}",
  ),
  wrapped("other class", `<span class="k7">`, "</span>", '.k77,.k-7,[class="k"]{display:none}'),
  wrapped("not Outlook", "<!--[if !mso]><!-->", "<!--<![endif]-->"),
  wrapped("downlevel-revealed", "<![if !mso]>", "<![endif]>"),
  wrapped("open details", "<details open><summary>会社情報</summary>", "</details>"),
  wrapped("font tags", `<font size="2" face="MS PGothic">`, "</font>"),
  wrapped("address element", '<address style="font-style:normal">', "</address>"),
  wrapped("centre", "<center>", "</center>"),
  wrapped("small", `<small style="font-size:90%">`, "</small>"),
  wrapped("blockquote", "<blockquote>", "</blockquote>"),
  wrapped("definition list", "<dl><dd>", "</dd></dl>"),
  wrapped("unclosed", "<b><font>", ""),
  wrapped("upper case tags", "<DIV ALIGN=left><P CLASS=x>", "</P></DIV>"),
  wrapped("preformatted", `<pre style="font-family:inherit;white-space:pre-wrap">`, "</pre>"),
  wrapped("right to left mark", "&lrm;", "&lrm;"),
  wrapped("left-to-right override", "&#8237;", "&#8236;"),
  wrapped("isolates", "&#8295;", "&#8297;"),
  wrapped("right-to-left override of nothing", "&#8238;&#8236;", ""),
  wrapped("bdo of its own direction", '<bdo dir="ltr">', "</bdo>"),
  wrapped(
    "supports",
    `<span class="k7">`,
    "</span>",
    "@supports (display:nonesuch){.k7{display:none}}",
  ),
  wrapped("zero-size neighbour", `<span style="font-size:0;display:none">x</span>`, ""),
];

/** Rewrites the words of HTML (never its tags) or of text. */
export interface Rewording {
  readonly name: string;
  readonly in: "html" | "text" | "both";
  readonly rewrite: (content: string) => string;
}

const outsideTags = (html: string, change: (words: string) => string): string =>
  html.replace(
    /(<!--[\s\S]*?-->|<style[\s\S]*?<\/style>|<[^>]*>)|([^<]+)/g,
    (all: string, tag?: string) => (tag === undefined ? change(all) : tag),
  );

const full = (text: string): string =>
  text.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0));

const kanji = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
const town = /((?:見本町|架空)(?!区))(\d+)(?:-|丁目|－)(\d+)(?:-|番|－)(\d+)号?/gu;
const reads = (digits: string): string =>
  digits === "10" ? "十" : Array.from(digits, (digit) => kanji[Number(digit)] ?? digit).join("");

export const rewordings: readonly Rewording[] = [
  { name: "㈱", in: "both", rewrite: (x) => x.replaceAll("株式会社サンプル", "㈱サンプル") },
  { name: "(株)", in: "both", rewrite: (x) => x.replaceAll("株式会社サンプル", "(株)サンプル") },
  {
    name: "（株）",
    in: "both",
    rewrite: (x) => x.replaceAll("株式会社サンプル", "（株） サンプル"),
  },
  {
    name: "half-width kana",
    in: "both",
    rewrite: (x) => x.replaceAll("株式会社サンプル商事", "株式会社ｻﾝﾌﾟﾙ商事"),
  },
  {
    name: "space in the name",
    in: "both",
    rewrite: (x) =>
      x
        .replaceAll("株式会社サンプル商事", "株式会社　サンプル商事")
        .replaceAll("見本 太郎", "見本太郎"),
  },
  {
    name: "kanji numerals",
    in: "both",
    rewrite: (x) =>
      x.replace(
        town,
        (_a, place: string, b: string, c: string, d: string) =>
          `${place}${reads(b)}丁目${reads(c)}番${reads(d)}号`,
      ),
  },
  { name: "chome", in: "both", rewrite: (x) => x.replace(town, "$1$2丁目$3番地の$4") },
  {
    name: "full-width address",
    in: "both",
    rewrite: (x) => x.replace(town, (all: string) => full(all)),
  },
  {
    name: "minus signs",
    in: "both",
    rewrite: (x) => x.replace(town, (all: string) => all.replaceAll("-", "−")),
  },
  {
    name: "long vowel as dash",
    in: "both",
    rewrite: (x) => x.replace(town, (all: string) => all.replaceAll("-", "ー")),
  },
  {
    name: "phone in brackets",
    in: "both",
    rewrite: (x) =>
      x.replaceAll("03-0000-0000", "03（0000）0000").replaceAll("090-0000-0000", "090（0000）0000"),
  },
  {
    name: "international phone",
    in: "both",
    rewrite: (x) => x.replaceAll("03-0000-0000", "+81-3-0000-0000"),
  },
  {
    name: "phone with spaces",
    in: "both",
    rewrite: (x) => x.replaceAll("03-0000-0000", "03 0000 0000"),
  },
  {
    name: "zero-width spaces",
    in: "html",
    rewrite: (x) => outsideTags(x, (words) => words.replace(/(配信|株式|見本)/g, "$1\u200b")),
  },
  {
    name: "soft hyphens",
    in: "html",
    rewrite: (x) => outsideTags(x, (words) => words.replace(/(サンプル|停)/g, "$1&shy;")),
  },
  {
    name: "entities",
    in: "html",
    rewrite: (x) =>
      outsideTags(x, (words) =>
        words.replace(/[\u3040-\u9fff]/g, (one) => `&#x${one.charCodeAt(0).toString(16)};`),
      ),
  },
  {
    name: "decimal entities",
    in: "html",
    rewrite: (x) =>
      outsideTags(x, (words) =>
        words.replace(/[\u4e00-\u9fff]/g, (one) => `&#${one.charCodeAt(0)};`),
      ),
  },
  {
    name: "spans split words",
    in: "html",
    rewrite: (x) =>
      outsideTags(x, (words) =>
        words.replace(/(株式|東京都|配信|購読|見本)(?=[\u3040-\u9fff])/g, "<span>$1</span>"),
      ),
  },
  {
    name: "bold letters",
    in: "html",
    rewrite: (x) => outsideTags(x, (words) => words.replace(/サンプル/g, "<b>サ</b><i>ンプ</i>ル")),
  },
  {
    name: "word breaks",
    in: "html",
    rewrite: (x) => outsideTags(x, (words) => words.replace(/(会社|見本町)/g, "$1<wbr>")),
  },
  {
    name: "nbsp",
    in: "html",
    rewrite: (x) =>
      outsideTags(x, (words) => words.replace(/ /g, "&nbsp;").replace(/(会社)(サ)/g, "$1&nbsp;$2")),
  },
  {
    name: "line break in the address",
    in: "html",
    rewrite: (x) => x.replace(/(東京都架空区)(?=見本町)/g, "$1<br>"),
  },
  {
    name: "line break before the number",
    in: "html",
    rewrite: (x) => x.replace(/(見本町)(?=\d)/g, "$1<br>\n"),
  },
  {
    name: "building behind",
    in: "both",
    rewrite: (x) => x.replaceAll("見本町1-2-3", "見本町1-2-3 架空ビルディング 12階"),
  },
  {
    name: "building without space",
    in: "both",
    rewrite: (x) => x.replaceAll("見本町1-2-3", "見本町1-2-3サンプルビル3F"),
  },
  { name: "no prefecture", in: "both", rewrite: (x) => x.replaceAll("東京都架空区", "架空区") },
  {
    name: "http upper case",
    in: "both",
    rewrite: (x) => x.replaceAll("https://u.example.jp", "HTTPS://U.EXAMPLE.JP"),
  },
  {
    name: "long token",
    in: "both",
    rewrite: (x) => x.replaceAll("/s/7f3a91", `/s/7f3a91/${"ab12".repeat(40)}`),
  },
  { name: "line breaks in the source", in: "html", rewrite: (x) => x.replace(/></g, ">\n<") },
  {
    name: "upper case tags",
    in: "html",
    rewrite: (x) =>
      x.replace(
        /<(\/?)(table|tr|td|div|p|span|a|br)\b/g,
        (_a, slash: string, tag: string) => `<${slash}${tag.toUpperCase()}`,
      ),
  },
  {
    name: "missing closing tags",
    in: "html",
    rewrite: (x) => x.replace(/<\/(?:p|td|tr|li)>/g, ""),
  },
  { name: "single quotes", in: "html", rewrite: (x) => x.replace(/="([^"'<>]*)"/g, "='$1'") },
  { name: "ampersand bare", in: "html", rewrite: (x) => x.replaceAll("&amp;", "&") },
  {
    name: "tracked at a registered host",
    in: "html",
    rewrite: (x) =>
      x.replaceAll(
        "https://u.example.jp/s/7f3a91",
        "https://u.example.jp/c?u=https%3A%2F%2Fwww.example.jp%2Fstop&t=9",
      ),
  },
];
