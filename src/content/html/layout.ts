// Walks the tree as a browser lays it out, near enough to know what is seen: boxes, lines, clips, links, pictures.
import type { Cascade, Winners } from "../style/cascade.ts";
import { computeStyle, type StyleEnvironment } from "../style/computed.ts";
import { usedStyle } from "../style/used.ts";
import { rootStyle, type Style } from "../style/style.ts";
import { viewport } from "../style/length.ts";
import { coverByPicture, layBox } from "./box-layout.ts";
import { createCollector, type Collector, type Gathered } from "./collector.ts";
import { createCoverFinder, createCoverTeller, type Covers } from "./covers.ts";
import { createFlow, endLine, type Frame } from "./frame.ts";
import { isMemorable, type LayoutMemo } from "./layout-memo.ts";
import type { Laying } from "./laying.ts";
import type { ElementNode } from "./node.ts";
import { canvas } from "./paint-state.ts";
import { breakLine, createTextLayout } from "./text-layout.ts";
import { describeUnshown, hideTree, layImage } from "./unshown.ts";

export interface Layout {
  /** Reads the tree as it is now; only texts and the values of links and pictures may have changed since the last time. */
  lay(): Gathered;
  /** As {@link lay} did the last time, with what links and pictures lead to now: nothing else may have changed. */
  again(): Gathered;
}

/** `memo`: for a document that will be laid more than once. */
export function createLayout(
  root: ElementNode,
  cascade: Cascade,
  quirks: boolean,
  memo?: LayoutMemo,
): Layout {
  const first: StyleEnvironment = {
    quirks,
    remPx: rootStyle.fontSizePx,
    bodyColor: rootStyle.color,
    registered: cascade.registered,
  };
  const rootOwn = computeStyle(cascade.winners(root), rootStyle, first);
  const body = root.children.find((child) => child.kind === "element" && child.tag === "body");
  const bodyColor =
    body?.kind === "element"
      ? computeStyle(cascade.winners(body), rootOwn, first).color
      : rootOwn.color;
  const environment: StyleEnvironment = { ...first, remPx: rootOwn.fontSizePx, bodyColor };
  const styles: StyleShare = { ofWinners: new Map(), ofCanvas: new Map(), ofElements: memo === undefined ? undefined : new Map() }; // prettier-ignore
  const rootOverflows = rootOwn.overflowX !== "visible" || rootOwn.overflowY !== "visible";
  let mayCover = false; // decided by styles and by what template.ts watches, which stay as they are
  const pass = (covers: Covers | undefined): (() => Gathered) => {
    cascade.restart();
    const collector = createCollector();
    const kept = covers === undefined ? memo : undefined;
    const laying: Laying = {
      collector,
      text: createTextLayout(collector, covers),
      quirks,
      covers,
      noteCover() {
        mayCover = true;
      },
      generatedStyles: (element, style) =>
        cascade.generatedBoxes(element).map((winners) => computeStyle(winners, style, environment)),
      styleOf: (element, parent) => styleOf(element, parent, styles, cascade, environment),
      canvasStyleOf: (element, style) =>
        isCanvas(element, rootOverflows) ? canvasStyle(style, styles) : style,
      children(element, frame) {
        for (const child of element.children) {
          if (child.kind === "text") layTextOf(element, child.text, frame, laying);
          else if (child.kind === "comment") layComment(child.text, collector);
          else layElement(child, frame, laying, cascade, kept);
        }
      },
      element: (element, frame, style) => {
        layElement(element, frame, laying, cascade, kept, style);
      },
      comment: (text) => {
        layComment(text, collector);
      },
    };
    layElement(root, windowFrame(), laying, cascade, kept);
    return () => collector.finish();
  };
  const layAnew = (): (() => Gathered) => {
    const finish = mayCover ? undefined : pass(undefined);
    if (finish !== undefined && !mayCover) return finish;
    const finder = createCoverFinder();
    const plain = pass(finder);
    const covered = finder.covered();
    return covered.size === 0 ? plain : pass(createCoverTeller(covered));
  };
  return keepLatest(layAnew);
}

function keepLatest(layAnew: () => () => Gathered): Layout {
  let latest: (() => Gathered) | undefined; // none where the last laying ended at a limit
  const lay = (): Gathered => {
    latest = undefined;
    latest = layAnew();
    return latest();
  };
  return { lay, again: () => (latest ?? lay)() };
}

function windowFrame(): Frame {
  return {
    style: rootStyle,
    why: undefined,
    link: -1,
    paint: canvas,
    blockPaint: canvas,
    scale: 1,
    left: 0,
    width: viewport.widthPx,
    flow: createFlow(0),
    shiftX: 0,
    shiftY: 0,
    clip: undefined,
    anchor: {
      left: 0,
      top: 0,
      width: viewport.widthPx,
      height: viewport.heightPx,
      clip: undefined,
    },
    table: { fixed: false, sized: false },
    covers: false,
    fixed: false,
  };
}

/** Computed styles that are shared: rows of a newsletter are alike. */
interface StyleShare {
  /** By parent's style and winning declarations. */
  readonly ofWinners: Map<Style, Map<Winners, Style>>;
  readonly ofCanvas: Map<Style, Style>;
  /** Of a document that is laid again and again. */
  readonly ofElements: Map<ElementNode, { readonly parent: Style; readonly style: Style }> | undefined; // prettier-ignore
}

function styleOf(
  element: ElementNode,
  parent: Style,
  { ofWinners, ofElements }: StyleShare,
  cascade: Cascade,
  environment: StyleEnvironment,
): Style {
  const known = ofElements?.get(element);
  if (known?.parent === parent) return known.style;
  const winners = cascade.winners(element);
  let ofParent = ofWinners.get(parent);
  if (ofParent === undefined) {
    ofParent = new Map();
    ofWinners.set(parent, ofParent);
  }
  let style = ofParent.get(winners);
  if (style === undefined) {
    style = usedStyle(computeStyle(winners, parent, environment), parent);
    ofParent.set(winners, style);
  }
  ofElements?.set(element, { parent, style });
  return style;
}

function canvasStyle(style: Style, { ofCanvas }: StyleShare): Style {
  const known = ofCanvas.get(style);
  if (known !== undefined) return known;
  const canvas: Style = { ...style, overflowX: "visible", overflowY: "visible" };
  ofCanvas.set(style, canvas);
  return canvas;
}

function layElement(
  element: ElementNode,
  frame: Frame,
  laying: Laying,
  cascade: Cascade,
  memo: LayoutMemo | undefined,
  known?: Style,
): void {
  const { collector } = laying;
  const style = known ?? laying.styleOf(element, frame.style);
  if (element.tag === "area" && frame.why === undefined) {
    layImage(element, style, frame, collector);
    return;
  }
  const unshown = describeUnshown(element);
  if (unshown !== undefined || style.display === "none" || isEmptied(element, style)) {
    const why =
      unshown ?? (style.replaced ? "replaced by CSS content" : `display:${style.display}`);
    hideTree(element, why, frame.link, collector);
    return;
  }
  const generated = cascade.generated(element);
  if (generated !== undefined) collector.hide(generated, "generated by CSS content", frame.link);
  switch (element.tag) {
    case "br":
      if (frame.why === undefined) collector.lineBreak();
      breakLine(frame);
      return;
    case "wbr":
      return;
    case "img":
    case "input":
      layImage(element, style, frame, collector);
      if (element.tag === "img") coverByPicture(element, style, frame, laying);
      return;
    case "hr":
      collector.endBlock();
      endLine(frame.flow);
      collector.inkUntil(frame.flow.y);
      return;
  }
  const own = laying.canvasStyleOf(element, style);
  if (memo === undefined || !isMemorable(element, own, frame)) layBox(element, own, frame, laying);
  else
    memo.lay(element, frame, collector, () => {
      layBox(element, own, frame, laying);
    });
}

/** Boxes that show no text of theirs: columns, and what a picture takes the place of. */
function isEmptied({ tag }: ElementNode, { display, replaced }: Style): boolean {
  return (
    (replaced && tag !== "img") || display === "table-column" || display === "table-column-group"
  );
}

/** The root's overflow, or else the body's, is the window's (CSS Overflow 3 §3.3): the boxes themselves clip nothing. */
function isCanvas(element: ElementNode, rootOverflows: boolean): boolean {
  if (element.parent === undefined) return true;
  return element.tag === "body" && !rootOverflows && element.parent.parent === undefined;
}

function layTextOf(element: ElementNode, text: string, frame: Frame, laying: Laying): void {
  if (element.tag === "details" && !element.attributes.has("open"))
    laying.collector.hide(text, "in a closed <details>", frame.link);
  else laying.text.layText(text, frame);
}

/** Text in a comment is no text of the message; that of Outlook's conditions is shown by Outlook alone. */
function layComment(text: string, collector: Collector): void {
  const words = text
    .slice(0, 4000)
    .replace(/<[^<>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (!/[\p{L}\p{N}]/u.test(words)) return;
  const conditional = /^\s*\[if\b/i.test(text);
  const shown = conditional
    ? words
        .replace(/^\[if[^\]]*\]>/i, "")
        .replace(/<!\[endif\]$/i, "")
        .trim()
    : words;
  if (/[\p{L}\p{N}]/u.test(shown))
    collector.hide(shown, conditional ? "Outlook conditional comment" : "comment", -1);
}
