import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { LimitExceeded } from "../limits.ts";
import { viewHtml } from "./html-view.ts";

/** Blocks as `blank lines| text`, links as `[words](target)`, hidden things as `- text: why @block`, images as `* alt @block`. */
function print(body: string): string[] {
  const view = viewHtml(`<!DOCTYPE html><html><head></head><body>${body}</body></html>`);
  return [
    ...view.blocks.map(({ runs, blankLinesBefore }) => {
      const text = runs.map((run) =>
        run.link === undefined ? run.text : `[${run.text}](${run.link.target})`,
      );
      return `${blankLinesBefore}| ${text.join("")}`;
    }),
    ...view.hidden.map(({ text, why, beforeBlock }) => `- ${text}: ${why} @${beforeBlock}`),
    ...view.images.map(
      ({ alt, link, beforeBlock }) => `* ${alt} ${link?.target ?? ""} @${beforeBlock}`,
    ),
  ];
}

describe("blocks in reading order", () => {
  const cases: readonly (readonly [name: string, body: string, view: readonly string[]])[] = [
    [
      "inline content stands together",
      "<p>one <b>two</b>  <i>three</i>\n four</p>",
      ["0| one two three four"],
    ],
    [
      "paragraphs, items and cells stand alone",
      "<p>a</p><ul><li>b<li>c</ul><table><tr><td>d<td>e</table>",
      ["0| a", "0| b", "0| c", "0| d", "0| e"],
    ],
    ["one line break stays inside the block, two part it", "a<br>b<br><br>c", ["0| a\nb", "1| c"]],
    ["a line of no-break spaces is empty", "a<br>&nbsp;<br>b", ["0| a", "1| b"]],
    ["text beside a block", "a<div>b</div>c", ["0| a", "0| b", "0| c"]],
    [
      "a line end between East Asian letters vanishes",
      "<p>株式会社\n  サンプル\nInc</p>",
      ["0| 株式会社サンプル Inc"],
    ],
    ["white-space: pre keeps lines and spaces", "<pre>a  b\n c</pre>", ["0| a  b\n c"]],
    ["forty line breaks are forty lines", `a${"<br>".repeat(41)}b`, ["0| a", "40| b"]],
    ["a margin counts as lines", '<p>a</p><p style="margin-top:400px">b</p>', ["0| a", "21| b"]],
    [
      "a spacer cell counts as lines",
      '<table><tr><td>a<tr><td height="190">&nbsp;<tr><td>b</table>',
      ["0| a", "10| b"],
    ],
    [
      "a picture is no empty space",
      'a<div><img src="x" height="400" width="400" alt=""></div>b',
      ["0| a", "0| b", "*   @1"],
    ],
    [
      "soft hyphens and zero-width characters stay",
      "<p>a&shy;b&#8203;c</p>",
      ["0| a\u00adb\u200bc"],
    ],
  ];
  test.each(cases)("%s", (_name, body, view) => {
    expect(print(body)).toEqual(view);
  });
});

describe("links and pictures", () => {
  const cases: readonly (readonly [name: string, body: string, view: readonly string[]])[] = [
    [
      "entities in targets are decoded",
      '<a href="https://a.test/?x=1&amp;y=2">go</a>',
      ["0| [go](https://a.test/?x=1&y=2)"],
    ],
    [
      "addresses in running text are links",
      "<p>https://u.test/x。stop@u.test まで</p>",
      ["0| [https://u.test/x](https://u.test/x)。[stop@u.test](mailto:stop@u.test) まで"],
    ],
    ["an anchor without target is no link", '<a name="x">here</a>', ["0| here"]],
    [
      "a picture in a link",
      '<a href="https://a.test/"><img src="s" alt="logo"></a>',
      ["* logo https://a.test/ @0"],
    ],
    [
      "an area of an image map",
      '<map><area href="https://a.test/" alt="map"></map>',
      ["* map https://a.test/ @0"],
    ],
    [
      "a hidden link is named with its target",
      '<div style="display:none"><a href="https://u.test/">stop</a></div>',
      ["- stop: display:none @0"],
    ],
  ];
  test.each(cases)("%s", (_name, body, view) => {
    expect(print(body)).toEqual(view);
  });
  test("a link's words are all its visible ones", () => {
    const { blocks } = viewHtml(
      '<a href="https://a.test/">read <b>more</b><span style="display:none"> not</span></a>',
    );
    expect(blocks[0]?.runs.map(({ link }) => link)).toEqual([
      { text: "read more", target: "https://a.test/" },
      { text: "read more", target: "https://a.test/" },
    ]);
  });
  test("a hidden link keeps its target", () => {
    const { hidden } = viewHtml('<a href="https://u.test/" style="color:#fff">stop</a>');
    expect(hidden).toEqual([
      {
        text: "stop",
        link: { text: "stop", target: "https://u.test/" },
        why: "contrast 1.0",
        beforeBlock: 0,
      },
    ]);
  });
});

describe("why text is not seen", () => {
  const cases: readonly (readonly [style: string, why: RegExp])[] = [
    ["display:none", /^display:none$/],
    ["visibility:hidden", /^visibility:hidden$/],
    ["opacity:0", /^opacity 0$/],
    ["font-size:1px", /^font-size 1px$/],
    ["color:#fff", /^contrast 1\.0$/],
    ["position:absolute;left:-9999px", /^off-screen$/],
    ["text-indent:-9999px", /^text-indent -9999px$/],
    ["height:0;overflow:hidden", /^overflow:hidden, height 0px$/],
    ["position:absolute;clip:rect(0,0,0,0)", /^clip$/],
    ["clip-path:inset(100%)", /^clip-path$/],
    ["transform:scale(0)", /^transform:scale\(0\)$/],
    ["mso-hide:all", /^mso-hide:all$/],
    ["letter-spacing:-2em", /^letter-spacing -32px$/],
  ];
  test.each(cases)("%s", (style, why) => {
    const { hidden, blocks } = viewHtml(`<!DOCTYPE html><p>x</p><div style="${style}">stop</div>`);
    expect(blocks.map(({ text }) => text)).toEqual(["x"]);
    expect(hidden.map((item) => item.why)).toEqual([expect.stringMatching(why)]);
  });
  test("comments and conditional comments are told apart", () => {
    expect(print("<!-- one --><!--[if mso]><p>two</p><![endif]--><p>three</p>")).toEqual([
      "0| three",
      "- one: comment @0",
      "- two: Outlook conditional comment @0",
    ]);
  });
});

describe("lines over each other are not seen", () => {
  const texts = (style: string, content: string): readonly string[] =>
    viewHtml(`<!DOCTYPE html><div style="${style}">${content}</div>`).blocks.map(
      ({ text }) => text,
    );
  test.each([
    "line-height:0",
    "line-height:1px",
    "line-height:.3",
    "font-size:20px;line-height:8px",
  ])("%s", (style) => {
    expect(texts(style, "one<br>stop here<br>three")).toEqual(["one"]);
    expect(texts(style, "one stop here ".repeat(60))).toEqual([]);
  });
  test.each([
    ["line-height:0", "one line"],
    ["line-height:0", "one<br><br>"],
    ["line-height:.8", "one<br>two<br>three"],
    [
      "line-height:0;font-size:0",
      '<span style="font-size:14px;line-height:20px">one<br>two</span>',
    ],
    ["", 'one<sup style="line-height:0">1</sup><br>two<sup style="line-height:0">2</sup>'],
    ["line-height:0", "<p>one</p><p>two</p>"],
    ["font-size:12px", 'one<br><b style="font-size:32px">two</b><br>three'],
  ])("but %s: %s is", (style, content) => {
    const shown = texts(style, content).join(" ");
    for (const word of content
      .replace(/<[^>]*>/g, " ")
      .trim()
      .split(/\s+/))
      expect(shown).toContain(word);
  });
});

test("size and contrast of each run are those that the reader sees", () => {
  const { blocks } = viewHtml(
    '<!DOCTYPE html><style>.f{font-size:11px}.f b{color:#9ca3af}</style><div class="f">a<b>b</b><span style="opacity:.5">c</span></div>',
  );
  expect(blocks[0]?.runs.map(({ fontSizePx, contrast }) => [fontSizePx, contrast])).toEqual([
    [11, 21],
    [11, 2.54],
    [11, expect.closeTo(3.98, 0)],
  ]);
});

describe("never throws but at a limit", () => {
  const token = fc.oneof(
    fc.constantFrom(
      "<p>",
      "</p>",
      "<div style='",
      "'>",
      "</div>",
      "<table>",
      "<tr>",
      "<td>",
      "</table>",
      "<b>",
      "</b>",
      "<a href=x>",
      "</a>",
      "<style>",
      "</style>",
      "<!--",
      "-->",
      "<svg>",
      "</svg>",
      "<math>",
      "<template>",
      "<select>",
      "<option>",
      "<button>",
      "&amp;",
      "&#x",
      ";",
      "{",
      "}",
      ":",
      "display:none",
      "color:",
      "rgb(",
      ")",
      "var(--x)",
      "--x:",
      "calc(1px + ",
      "@media ",
      "(min-width:1px)",
      "@layer x",
      ".a",
      "#b",
      ":not(",
      ":has(",
      "[x='",
      "::before",
      "content:'",
      "url(",
      "!important",
      "/*",
      "*/",
      "\\",
      "\0",
      "配信",
      "linear-gradient(",
      "position:absolute;",
      "left:-99px;",
      "<noscript>",
      "<plaintext>",
      "<body>",
      "<html>",
      "<frameset>",
      "<li>",
    ),
    fc.string({ maxLength: 6 }),
  );
  test("on pieces of HTML and CSS in any order", () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 80 }), (tokens) => void viewHtml(tokens.join(""))),
      { numRuns: 2000 },
    );
  });
  const hostile: Readonly<Record<string, string>> = {
    "20 000 nested elements": "<div>".repeat(20_000),
    "formatting that is never closed": "<b><i><font color=x><p>".repeat(5000),
    "tables in tables": "<table><tr><td>".repeat(5000),
    "selectors made to be slow": `<style>${"a b c d e f g{color:red}".repeat(2000)}</style>${"<a><b><c>".repeat(2000)}`,
    ":has() over everything": `<style>${":has(a b){color:red}".repeat(1000)}</style>${"<p>x".repeat(3000)}`,
    "variables that multiply": `<style>p{--a0:x x;${Array.from({ length: 60 }, (_, at) => `--a${at + 1}:var(--a${at}) var(--a${at})`).join(";")};color:var(--a60)}</style>${"<p>x".repeat(2000)}`,
    "brackets without end": `<style>a{b:${"(".repeat(100_000)}</style>${"<p style='width:calc(((".repeat(2000)}`,
    "one long style attribute": `<p style="${"color:red;".repeat(50_000)}">x`,
    "a text of half a million letters in a clipped box": `<div style="height:9px;overflow:hidden">${"あ".repeat(500_000)}</div>`,
  };
  test.each(Object.entries(hostile))("%s", (_name, html) => {
    const started = process.cpuUsage().user;
    try {
      viewHtml(html);
    } catch (error) {
      expect(error).toBeInstanceOf(LimitExceeded);
    }
    expect(process.cpuUsage().user - started).toBeLessThan(2_000_000); // microseconds: what one message may take
  });
});
