// Text under boxes: what hides it, what does not, and that other documents are not laid twice.
import { expect, test } from "vitest";

import { viewAnew, viewHtml } from "./html-view.ts";

const text = "配信停止はこちら";

function look(body: string, head = ""): { shown: string; why: string | undefined } {
  const html = `<!DOCTYPE html><html><head>${head}</head><body><p>本文</p>${body}</body></html>`;
  const view = viewAnew(html);
  expect(viewHtml(html)).toEqual(view);
  return {
    shown: view.blocks.map((block) => block.text).join("\n"),
    why: view.hidden.find((one) => one.text.includes(text))?.why,
  };
}

const under = "under another box";

test.each([
  ["a box pulled up", `<div style="height:20px">${text}</div><div style="position:relative;margin-top:-20px;height:20px;background:#fff"></div>`],
  ["a box over all of its parent", `<div style="position:relative">${text}<div style="position:absolute;inset:0;background:#fff"></div></div>`],
  ["a box as high as its parent", `<div style="position:relative">${text}<div style="position:absolute;top:0;left:0;width:100%;height:100%;background:#fff"></div></div>`],
  ["a box as large as the window", `<div>${text}</div><div style="position:fixed;top:0;left:0;width:100%;height:100vh;background:#fff"></div>`],
  ["a picture brought along", `<div style="position:relative">${text}<img src="data:image/png;base64,AAAA" width="600" height="24" style="position:absolute;top:0;left:0"></div>`],
  ["an earlier box placed above the flow", `<div style="position:relative"><div style="position:absolute;inset:0;background:#fff"></div>${text}</div>`],
])("%s hides", (_, body) => {
  const seen = look(body);
  expect(seen.why).toBe(under);
  expect(seen.shown).not.toContain(text);
}); // prettier-ignore

test("a box made by ::after hides", () => {
  const head = "<style>.x{position:relative}.x::after{content:'';position:absolute;inset:0;background:#fff}</style>";
  expect(look(`<div class="x">${text}</div>`, head).why).toBe(under);
}); // prettier-ignore

test.each([
  ["transparent", `<div style="position:relative">${text}<div style="position:absolute;inset:0"></div></div>`],
  ["half transparent", `<div style="position:relative">${text}<div style="position:absolute;inset:0;background:#fff8"></div></div>`],
  ["painted before", `<div style="position:relative;z-index:0">${text}<div style="position:absolute;inset:0;z-index:-1;background:#fff"></div></div>`],
  ["in another place", `<div style="position:relative;height:90px">${text}<div style="position:absolute;bottom:0;left:0;right:0;height:20px;background:#fff"></div></div>`],
  ["narrow", `<div style="position:relative">${text}<div style="position:absolute;top:0;left:0;width:20px;height:20px;background:#c00"></div></div>`],
  ["invisible", `<div style="position:relative">${text}<div style="position:absolute;inset:0;background:#fff;visibility:hidden"></div></div>`],
  ["a bar at the window's edge", `<div>${text}</div><div style="position:fixed;bottom:0;width:100%;height:40px;background:#fff"></div>`],
  ["below words that stand above it", `<div style="position:relative"><div style="position:absolute;inset:0;background:#fff"></div><b style="position:relative">${text}</b></div>`],
  ["not moved", `<div style="position:relative;background:#fff">${text}</div><div style="position:relative;background:#fff">本文</div>`],
])("a box that is %s hides nothing", (_, body) => {
  const seen = look(body);
  expect(seen.why).toBeUndefined();
  expect(seen.shown).toContain(text);
}); // prettier-ignore

test("hundreds of boxes over their texts are more than can be judged, and it is said", () => {
  const box = `<p>文</p><div style="position:absolute;inset:0;background:#fff"></div>`;
  const { hidden } = viewAnew(`<body>${box.repeat(100)}</body>`);
  // As far down as the window that the boxes fill.
  expect(hidden.map(({ text: words }) => words).join("")).toMatch(/^文{10,30}$/);
  expect(() => viewAnew(`<body>${box.repeat(8000)}</body>`)).toThrow(/200 boxes that may lie over/);
});
