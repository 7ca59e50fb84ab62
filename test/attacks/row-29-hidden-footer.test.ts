// A footer that is in the message but not on the screen: each trick fails, and the same footer in plain sight passes.
import { expect, test } from "vitest";

import { readMessage } from "../../src/content/read.ts";
import { judge } from "../../src/policy/judge.ts";
import { composeMail, factsFor } from "../support/judged-mail.ts";

const footer = [
  "送信者：株式会社サンプル商事",
  "〒999-9999 東京都架空区見本町1-2-3",
  '配信停止は<a href="https://u.example.jp/x">こちら</a>',
  "お問い合わせ：03-0000-0000",
].join("<br>");
const text = footer
  .replaceAll("<br>", "\n")
  .replace(/<a [^>]*>/, "")
  .replace("</a>", " https://u.example.jp/x");

function failures(html: string, plain = text): readonly string[] {
  const reading = readMessage(
    composeMail({ subject: "ご案内", text: plain, html: `<p>本文です。</p>${html}` }),
  );
  if (reading.kind !== "read") throw new Error(reading.problem);
  return judge(reading.view, factsFor())
    .filter(({ outcome }) => outcome === "fail")
    .map(({ rule, part }) => `${part} ${rule}`);
}

test("row 29: the footer in plain sight passes", () => {
  expect(failures(`<div style="font-size:12px;color:#666">${footer}</div>`)).toEqual([]);
});

const wrap = (style: string): string => `<div style="${style}">${footer}</div>`;
/** A link keeps its own colour unless told otherwise. */
const paint = (color: string): string =>
  `<div style="color:${color}">${footer.replace("<a ", '<a style="color:inherit" ')}</div>`;
const tricks: Readonly<Record<string, string>> = {
  "white on white": paint("#fff"),
  "nearly white": paint("#fdfdfd"),
  transparent: paint("transparent"),
  "the background's colour":
    `<table bgcolor="#336699"><tr><td style="color:#369">${footer}</td></tr></table>`.replace(
      "<a ",
      '<a style="color:#369" ',
    ),
  "display:none": wrap("display:none"),
  "display:none by class": `<style>.f{display:none}</style><div class="f">${footer}</div>`,
  "display:none by media query": `<style>@media screen and (min-width:400px){.f{display:none!important}}</style><div class="f">${footer}</div>`,
  "display:none by variable": `<div style="--d:none;display:var(--d)">${footer}</div>`,
  "visibility:hidden": wrap("visibility:hidden"),
  "opacity 0": wrap("opacity:0"),
  "opacity in steps": `<div style="opacity:.3"><div style="opacity:.2">${footer}</div></div>`,
  "font-size 0": wrap("font-size:0"),
  "font-size 1px": wrap("font-size:1px"),
  "font shorthand": wrap("font:0/0 serif"),
  "off-screen": wrap("position:absolute;left:-9999px"),
  "negative margin": wrap("margin-left:-9999px"),
  translate: wrap("transform:translateX(-9999px)"),
  "scale 0": wrap("transform:scale(0)"),
  "height 0": wrap("height:0;overflow:hidden"),
  "max-height 1px": wrap("max-height:1px;overflow:hidden"),
  "width 0": wrap("width:0;height:1em;overflow:hidden"),
  clip: wrap("position:absolute;clip:rect(0,0,0,0)"),
  "clip-path": wrap("clip-path:inset(50%)"),
  "text-indent": wrap("text-indent:-999em;white-space:nowrap").replaceAll("<br>", " "),
  "mso-hide": wrap("mso-hide:all"),
  "right-to-left override": footer
    .split("<br>")
    .map((line) => `&#x202e;${line}&#x202c;`)
    .join("<br>"),
  "right-to-left override by tag": `<bdo dir="rtl">${footer}</bdo>`,
  "right-to-left override by style": wrap("direction:rtl;unicode-bidi:bidi-override"),
  "hidden attribute": `<div hidden>${footer}</div>`,
  comment: `<!-- ${footer} -->`,
  "Outlook comment": `<!--[if mso]>${footer}<![endif]-->`,
  template: `<template>${footer}</template>`,
  noscript: `<noscript>${footer}</noscript>`,
  "closed details": `<details><summary>詳細</summary>${footer}</details>`,
  textarea: `<textarea>${footer}</textarea>`,
  "generated content":
    '<style>.f::after{content:"送信者：株式会社サンプル商事 配信停止はこちら https://u.example.jp/x"}</style><p class="f"></p>',
  "picture alone":
    '<a href="https://u.example.jp/x"><img src="https://img.example.jp/f.png" alt="送信者：株式会社サンプル商事 配信停止"></a>',
  "the other alternative alone": "",
};

test.each(Object.entries(tricks))("row 29: hidden by %s", (_name, html) => {
  const failed = failures(html);
  expect(failed).toContain("text/html jp/name");
  expect(failed).toContain("text/html jp/opt-out-address");
});

test("row 29: in the text alternative, turned round", () => {
  const turned = text.replace(/^.*$/gm, "\u202e$&\u202c");
  expect(failures(footer, turned)).toContain("text/plain jp/name");
  expect(failures(footer, turned)).toContain("text/plain jp/opt-out-address");
});

test("row 29: in the text alternative too", () => {
  expect(failures(footer, "本文です。")).toContain("text/plain jp/name");
});

test.each([
  ["itself", footer.replace("<a ", '<a style="pointer-events:none" ')],
  ["around it", wrap("pointer-events:none")],
  ["by attribute", `<div inert>${footer}</div>`],
])("row 29: an opt-out link that cannot be clicked, %s", (_where, html) => {
  expect(failures(html)).toEqual(["text/html jp/opt-out-address", "text/html jp/opt-out-notice"]);
});

test("row 29: what cannot be clicked around a link that can, and a URL to be read, hide nothing", () => {
  const clickable = footer.replace("<a ", '<a style="pointer-events:auto" ');
  expect(failures(`<div style="pointer-events:none">${clickable}</div>`)).toEqual([]);
  const written = footer.replace("こちら", "https://u.example.jp/x");
  expect(failures(`<div style="pointer-events:none">${written}</div>`)).toEqual([]);
});
