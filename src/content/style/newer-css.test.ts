// Newer CSS as the cascade reads it: imports of data, animations over time, registered properties, layers, containers, colours.
import fc from "fast-check";
import { expect, test } from "vitest";

import { viewAnew } from "../html/html-view.ts";
import { animated, readKeyFrames, type Timing } from "./keyframes.ts";
import { filterColor } from "./filter.ts";
import { ranksOf } from "./layers.ts";
import { parseLength, resolveLength } from "./length.ts";

const text = "配信停止はこちら";

function isSeen(css: string, body = `<p class="x">${text}</p>`): boolean {
  const view = viewAnew(`<!DOCTYPE html><head><style>${css}</style></head><body>${body}</body>`);
  return view.blocks.some((block) => block.text.includes(text));
}

test.each([
  ["an import of data", "@import 'data:text/css,.x{display:none}';"],
  ["an import of data in base64", `@import url("data:text/css;base64,${Buffer.from(".x{display:none}").toString("base64")}");`],
  ["an import inside an import", `@import 'data:text/css,@import "data:text/css,.x%7Bdisplay:none%7D";';`],
  ["a registered property's initial value", "@property --o{syntax:'<number>';inherits:false;initial-value:0}.x{opacity:var(--o)}"],
  ["a container that is wide enough", "body{container-type:inline-size}@container (min-width:300px){.x{display:none}}"],
  ["a layer above its inner layer", "@layer a{@layer b{.x{display:block}}.x{display:none}}"],
  ["an animation that stays", "@keyframes f{from,to{opacity:0}}.x{animation:f 1s infinite}"],
  ["an animation that waits", "@keyframes f{from{opacity:0}}.x{animation:f 1s 3600s both}"],
  ["a filter that makes white", ".x{filter:brightness(0) invert(1)}"],
  ["a blur", ".x{filter:blur(20px)}"],
  ["a grid's row without height", "body{display:grid;grid-template-rows:0fr}.x{overflow:hidden;margin:0}"],
])("%s hides", (_, css) => {
  expect(isSeen(css)).toBe(false);
}); // prettier-ignore

test.each([
  ["a remote import", "@import 'https://www.example.jp/x.css';"],
  ["an import behind a rule", "p{color:#000}@import 'data:text/css,.x{display:none}';"],
  ["an import for print", "@import 'data:text/css,.x{display:none}' print;"],
  ["a container query without a container", "@container (min-width:300px){.x{display:none}}"],
  ["the limit of a scope", "@scope (body) to (.x){p{display:none}}"],
  ["an animation that ends", "@keyframes f{from{opacity:0}}.x{animation:f 1s}"],
  ["a pulse", "@keyframes f{50%{opacity:.2}}.x{animation:f 1s infinite}"],
  ["a property that nobody knows", "@supports (mso-hide:all){.x{display:none}}"],
])("%s hides nothing", (_, css) => {
  expect(isSeen(css)).toBe(true);
});

const timing: Timing = {
  durationSeconds: 1,
  delaySeconds: 0,
  iterations: 1,
  fill: "none",
  paused: false,
};

test("keyframes: at rest, paused, waiting", () => {
  const setting = (word: string): { property: string; value: { kind: "word"; word: string }; important: false } => ({
    property: "visibility", value: { kind: "word", word }, important: false,
  });
  const frame = (prelude: string): { kind: "style"; prelude: string; body: { declarations: []; rules: [] } } => ({
    kind: "style", prelude, body: { declarations: [], rules: [] },
  });
  const frames = readKeyFrames([frame("to"), frame("from")], ({ prelude }) => [setting(prelude)]);
  const wordAt = (change: Partial<Timing>): string | undefined => {
    const value = animated(frames, { ...timing, ...change })[0]?.value;
    return value?.kind === "word" ? value.word : undefined;
  };
  expect(wordAt({})).toBeUndefined();
  expect(wordAt({ fill: "forwards" })).toBe("to");
  expect(wordAt({ fill: "both", delaySeconds: 60 })).toBe("from");
  expect(wordAt({ paused: true })).toBe("from");
  expect(wordAt({ paused: true, delaySeconds: -0.9 })).toBe("to");
  expect(wordAt({ iterations: Number.POSITIVE_INFINITY })).toBeUndefined();
}); // prettier-ignore

test("layers: inner ones are weaker than the layer they stand in", () => {
  expect(ranksOf(["a", "b"])).toBeUndefined();
  const layers = ["a", "a.b", "c", "a.d"];
  const ranks = ranksOf(layers) ?? [];
  expect(layers.toSorted((x, y) => (ranks[layers.indexOf(x)] ?? 0) - (ranks[layers.indexOf(y)] ?? 0))).toEqual(["a.b", "a.d", "a", "c"]);
}); // prettier-ignore

test.each([
  ["round(down, 15px, 16px)", 0],
  ["mod(18px, 16px)", 2],
  ["calc(sign(-3) * 16px + 20px)", 4],
  ["calc(pow(2, 4) * 1px)", 16],
  ["calc(sin(90deg) * 10px)", 10],
  ["hypot(3px, 4px)", 5],
  ["calc(pi * 0px)", 0],
  ["1cqw", 8],
])("%s is %d px", (written, px) => {
  const length = parseLength(written);
  expect(length === undefined ? undefined : resolveLength(length, { emPx: 16, remPx: 16, percentOfPx: 0 })).toBeCloseTo(px, 6);
}); // prettier-ignore

test("colour filters stay within what a screen has", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("brightness", "contrast", "invert", "grayscale" as const),
      fc.double({ min: 0, max: 1000, noNaN: true }),
      fc.nat(255),
      (name, amount, value) => {
        const steps = [{ name: name as "invert", amount }];
        const { r, g, b } = filterColor({ r: value, g: 255 - value, b: 128, a: 1 }, steps);
        for (const channel of [r, g, b]) {
          expect(channel).toBeGreaterThanOrEqual(0);
          expect(channel).toBeLessThanOrEqual(255);
        }
      },
    ),
  );
});

test("whatever stands in a sheet, reading it ends without a crash", () => {
  const word = fc.constantFrom(
    "@import 'data:text/css,", "@container (", "@property --a{", "@layer a{", "@scope (", ") to (", "@keyframes f{", "from{", "to{",
    "opacity:var(--a)", "animation:f 1s infinite paused", "grid-template:0fr/0", "repeat(9,repeat(9,0))", "rgb(from red r g b / 0)",
    "filter:blur(9px) invert(1)", "clip-path:polygon(0 0,1% 1%)", "round(up,", "calc(", "env(a,env(b", "attr(c,", "::after{content:''", "}", ")", "{", ";", "'", ":",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      expect(typeof isSeen(words.join(""))).toBe("boolean");
    }),
    { numRuns: 500 },
  );
}); // prettier-ignore
