// An HTML part taken apart once and filled again for each message of its campaign: same tags and styles, other words and links.
import { detach } from "../../mail/detach.ts";
import type { Gathered } from "./collector.ts";
import { broughtAlong } from "./covers.ts";
import { type Hole, readHole } from "./source-hole.ts";
import type { Layout } from "./layout.ts";
import type { LayoutMemo } from "./layout-memo.ts";

export interface Template {
  /** Characters of the source: what the template costs in memory grows with it. */
  readonly size: number;
  /** The view of `html`; undefined where it is not this template with other words and links. */
  view(html: string): Gathered | undefined;
}

/** What a template is made of. */
export interface TemplateParts {
  readonly html: string;
  readonly holes: readonly Hole[];
  readonly layout: Layout;
  readonly memo: LayoutMemo;
  /** Words that style sheets look for in the targets of links and pictures, in lower case. */
  readonly watched: readonly string[];
}

/**
 * Which holes really differ is learnt from the messages that come: all else is compared in long stretches. Everything
 * outside the holes is compared character for character, so that nothing is taken for the template that is not.
 */
export function createTemplate({ html, holes, layout, memo, watched }: TemplateParts): Template {
  let open: readonly Hole[] = [];
  let between: readonly string[] = [html];
  const isOpen = new Set<Hole>();
  const learn = (found: readonly Hole[]): void => {
    for (const hole of found) {
      isOpen.add(hole);
      if (hole.fill.kind !== "attribute") memo.forget(hole.fill.parent);
    }
    open = holes.filter((hole) => isOpen.has(hole));
    between = cut(html, open);
  };
  return {
    size: html.length,
    view(source) {
      let raws = match(source, open, between);
      if (raws === undefined) {
        const differing = compare(source, html, holes);
        if (differing === undefined || differing.every((hole) => isOpen.has(hole)))
          return undefined;
        learn(differing);
        raws = match(source, open, between);
        if (raws === undefined) return undefined;
      }
      switch (fill(open, raws, watched)) {
        case "other":
          return undefined;
        case "targets":
          return layout.again();
        case "texts":
          return layout.lay();
      }
    },
  };
}

/** The stretches of source around the holes. */
function cut(html: string, holes: readonly Hole[]): readonly string[] {
  const stretches: string[] = [];
  let last = 0;
  for (const hole of holes) {
    stretches.push(html.slice(last, hole.start));
    last = hole.end;
  }
  stretches.push(html.slice(last));
  return stretches;
}

/** What stands in the holes; undefined where anything else differs. */
function match(
  source: string,
  holes: readonly Hole[],
  between: readonly string[],
): readonly string[] | undefined {
  const raws: string[] = [];
  let at = 0;
  for (let index = 0; index < holes.length; index += 1) {
    const hole = holes[index];
    const stretch = between[index];
    if (hole === undefined || stretch === undefined) return undefined;
    if (!standsAt(source, stretch, at)) return undefined;
    at += stretch.length;
    const end = source.indexOf(hole.terminator, at);
    if (end === -1) return undefined;
    raws.push(source.slice(at, end));
    at = end;
  }
  const tail = between[holes.length] ?? "";
  return source.length - at === tail.length && standsAt(source, tail, at) ? raws : undefined;
}

/** As startsWith (and, at its place, endsWith), which V8 does by the character and this by the word. */
function standsAt(source: string, text: string, at: number): boolean {
  return source.slice(at, at + text.length) === text;
}

/** The holes in which `source` differs from `html`; undefined where it differs elsewhere. */
function compare(
  source: string,
  html: string,
  holes: readonly Hole[],
): readonly Hole[] | undefined {
  const differing: Hole[] = [];
  let at = 0;
  let last = 0;
  for (const hole of holes) {
    const { start, end, terminator } = hole;
    if (!standsAt(source, html.slice(last, start), at)) return undefined;
    at += start - last;
    last = end;
    const own = html.slice(start, end);
    if (standsAt(source, own, at) && standsAt(source, terminator, at + own.length)) {
      at += own.length;
      continue;
    }
    const close = source.indexOf(terminator, at);
    if (close === -1) return undefined;
    differing.push(hole);
    at = close;
  }
  const tail = html.slice(last);
  return source.length - at === tail.length && standsAt(source, tail, at) ? differing : undefined;
}

/**
 * Puts new contents in, and says what changed: nothing but targets, texts too, or nothing at all, where one of the contents
 * could change more than words and targets.
 */
function fill(
  holes: readonly Hole[],
  raws: readonly string[],
  watched: readonly string[],
): "targets" | "texts" | "other" {
  const changes: { readonly hole: Hole; readonly raw: string; readonly value: string }[] = [];
  for (let index = 0; index < holes.length; index += 1) {
    const hole = holes[index];
    const given = raws[index];
    if (hole === undefined || given === undefined) return "other";
    if (given === hole.raw) continue;
    const raw = detach(given);
    const value = readHole(hole, raw);
    if (value === undefined || isWatched(hole, value, watched)) return "other";
    changes.push({ hole, raw, value });
  }
  let changed: "targets" | "texts" = "targets";
  for (const { hole, raw, value } of changes) {
    hole.raw = raw;
    if (hole.fill.kind === "attribute") hole.fill.element.attributes.set(hole.fill.name, value);
    else {
      hole.fill.node.text = value;
      changed = "texts";
    }
  }
  return changed;
}

/** A selector such as `[href^=tel]` could match the old value or the new one; a picture that came along covers text. */
function isWatched({ fill }: Hole, value: string, watched: readonly string[]): boolean {
  if (fill.kind !== "attribute") return false;
  const old = fill.element.attributes.get(fill.name) ?? "";
  if (fill.name === "src" && broughtAlong.test(old) !== broughtAlong.test(value)) return true;
  if (watched.length === 0) return false;
  const both = `${old}\n${value}`.toLowerCase();
  return watched.some((word) => both.includes(word));
}
