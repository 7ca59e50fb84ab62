// Ways to put a duty's words into HTML so that nobody sees them. Chromium is asked about each (test/browser).

export interface Trick {
  readonly name: string;
  /** For the head's style sheet. */
  readonly css?: string;
  readonly wrap: (html: string) => string;
}

const block = (name: string, style: string): Trick => ({
  name,
  // On one line: text-indent moves the first line only.
  wrap: (html) => `<span style="display:block;${style}">${html.replace(/<br ?\/?>/g, " ")}</span>`,
});
const own = (name: string, style: string): Trick => ({
  name,
  wrap: (html) => `<span style="${style}">${html}</span>`,
});
const sheet = (
  name: string,
  css: string,
  open = `<span class="k7">`,
  close = "</span>",
): Trick => ({
  name,
  css,
  wrap: (html) => open + html + close,
});
/** Colour tricks must reach the links inside too. */
const painted = (name: string, css: string, style = ""): Trick => ({
  name,
  css: `.k7 *{color:inherit!important;background:none!important;text-decoration:none!important}${css}`,
  wrap: (html) => `<span class="k7" style="${style}">${html}</span>`,
});

/** White letters, whose ground does not reach behind them. */
const onWhite = (name: string, style: string): Trick => ({
  name,
  css: ".k7 *{color:inherit!important;background:none!important;text-decoration:none!important}",
  wrap: (html) =>
    `<span style="display:block;background:#fff"><span class="k7" style="display:block;color:#fff;${style}">${html}</span></span>`,
});

export const tricks: readonly Trick[] = [
  own("display none", "display:none"),
  own("display none important", "display:none !important"),
  own("upper case, no semicolon", "DISPLAY : NONE"),
  own("escaped property", "d\\69splay:none"),
  own("comment inside", "display/**/:/**/none"),
  own("visibility hidden", "visibility:hidden"),
  own("visibility collapse", "visibility:collapse"),
  block("opacity 0", "opacity:0"),
  block("opacity .02", "opacity:.02"),
  block(
    "opacity by parents",
    'opacity:.2"><span style="display:block;opacity:.2"><span style="display:block;opacity:.3',
  ),
  own("font-size 0", "font-size:0"),
  own("font-size 1px", "font-size:1px;line-height:1px"),
  own("font shorthand", "font:0/0 a"),
  own("font-size calc", "font-size:calc(0px + 0em)"),
  painted("white on white", "", "color:#ffffff;background:#fff"),
  painted("nearly white", "", "color:#fdfdfd;background:#fff"),
  painted("rgba clear", "", "color:rgba(0,0,0,.01)"),
  painted("transparent", "", "color:transparent"),
  painted("same grey", "", "color:#eee;background:#eee"),
  painted("background of black on black", "", "color:#000;background-color:#000"),
  painted("hsl", "", "color:hsl(0,0%,100%);background:hsl(0 0% 100%)"),
  painted("text fill", "", "-webkit-text-fill-color:transparent"),
  painted("variable", ":root{--ghost:#fff}", "color:var(--ghost);background:var(--ghost)"),
  painted("variable fallback", "", "color:var(--none,#fff);background:#fff"),
  onWhite("gradient of no size", "background:linear-gradient(#000,#000) no-repeat 0 0/0 0"),
  onWhite(
    "background of the content of a flat box",
    "height:0;padding-bottom:300px;background:#000;background-clip:content-box",
  ),
  {
    name: "blended into white",
    css: ".k7 *{color:inherit!important;background:none!important}",
    wrap: (html) =>
      `<span style="display:block;background:#fff"><span class="k7" style="display:block;color:#000;mix-blend-mode:screen">${html}</span></span>`,
  },
  block("mask of no size", "mask:linear-gradient(#000,#000) 0 0/0 0 no-repeat"),
  block("height 0", "height:0;overflow:hidden"),
  block("max-height 0", "max-height:0;overflow:hidden"),
  block("max-height 1px", "max-height:1px;overflow:hidden;line-height:1px"),
  block("width 0", "width:0;height:14px;overflow:hidden;white-space:nowrap"),
  block("overflow-y", "height:0;overflow-y:hidden"),
  block("overflow clip", "height:0;overflow:clip"),
  block("text-indent", "text-indent:-9999px;overflow:hidden;white-space:nowrap"),
  block("left", "position:absolute;left:-9999px"),
  block("top", "position:absolute;top:-9999px"),
  block("right", "position:absolute;right:2000px;width:300px"),
  block("margin-left", "margin-left:-9999px;white-space:nowrap"),
  block("relative left", "position:relative;left:-5000px"),
  block("fixed off", "position:fixed;top:-500px;left:0"),
  block("clip rect", "position:absolute;clip:rect(0,0,0,0)"),
  block(
    "clip rect 1px",
    "position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(1px 1px 1px 1px)",
  ),
  block("clip-path inset", "clip-path:inset(50%)"),
  block("clip-path circle", "clip-path:circle(0)"),
  block("transform scale", "transform:scale(0)"),
  block("transform translate", "transform:translateX(-3000px)"),
  block("rotate on edge", "transform:rotateX(90deg)"),
  block("filter opacity", "filter:opacity(0)"),
  {
    name: "z-index under a background",
    wrap: (html) =>
      `<span style="display:block;background:#fff"><span style="display:block;position:relative;z-index:-1">${html}</span></span>`,
  },
  block("content-visibility", "content-visibility:hidden"),
  block("zoom", "zoom:.05"),
  sheet("class", ".k7{display:none}"),
  sheet("id over class", "#k7{display:none}.k7{display:inline}", `<span id="k7" class="k7">`),
  sheet(
    "important over style",
    ".k7{display:none!important}",
    `<span class="k7" style="display:inline">`,
  ),
  sheet("descendant", "b.o7 span{visibility:hidden}", `<b class="o7"><span>`, "</span></b>"),
  sheet("attribute selector", `[data-x="7"]{display:none}`, `<span data-x="7">`),
  sheet("not", "span.k7:not(.shown){display:none}"),
  sheet(
    "nth-child",
    ".o7>span:nth-child(2){display:none}",
    `<span class="o7"><span>　</span><span>`,
    "</span></span>",
  ),
  sheet("sibling", ".m7+.k7{display:none}", `<i class="m7"></i><span class="k7">`),
  sheet("is", ":is(.a7,.k7){display:none}"),
  sheet("where then class", ":where(.k7){display:inline}.k7{display:none}"),
  sheet("media screen", "@media screen{.k7{display:none}}"),
  sheet("media min-width", "@media only screen and (min-width:481px){.k7{display:none!important}}"),
  sheet("media max-width 900", "@media (max-width:900px){.k7{display:none}}"),
  sheet("media not print", "@media not print{.k7{display:none}}"),
  sheet("supports", "@supports (display:block){.k7{display:none}}"),
  sheet("layer", "@layer a{.k7{display:none}}"),
  sheet("print only", ".k7{display:none}@media print{.k7{display:inline}}"),
  sheet("mobile only", ".k7{display:none}@media (max-width:480px){.k7{display:inline}}"),
  sheet("second sheet", '</style><style media="screen">.k7{display:none}'),
  sheet(
    "nested rule",
    ".o7{& .k7{display:none}}",
    `<span class="o7"><span class="k7">`,
    "</span></span>",
  ),
  { name: "hidden attribute", wrap: (html) => `<span hidden>${html}</span>` },
  { name: "comment", wrap: (html) => `<!-- ${html} -->` },
  { name: "outlook only", wrap: (html) => `<!--[if mso]>${html}<![endif]-->` },
  { name: "template", wrap: (html) => `<template>${html}</template>` },
  { name: "closed details", wrap: (html) => `<details><summary>詳細</summary>${html}</details>` },
  { name: "noframes", wrap: (html) => `<noframes>${html}</noframes>` },
  {
    name: "textarea in hidden",
    wrap: (html) => `<select><option>${html.replace(/<[^>]*>/g, "")}</option></select>`,
  },
  {
    name: "title of the page",
    wrap: (html) =>
      `<svg width="0" height="0"><title>${html.replace(/<[^>]*>/g, "")}</title></svg>`,
  },
  {
    name: "font attributes",
    css: ".k7 a,.k7 a *{color:inherit!important;text-decoration:none!important}",
    wrap: (html) =>
      `<span class="k7" style="background:#fff"><font color="#ffffff">${html}</font></span>`,
  },
  {
    name: "bgcolor cell",
    css: ".k7 a,.k7 a *{color:inherit!important;text-decoration:none!important}",
    wrap: (html) =>
      `<table bgcolor="#000000"><tr><td class="k7" style="color:#000">${html}</td></tr></table>`,
  },
];
