// Places the text of one node in lines and says for each stretch whether the reader sees it.
import { viewport } from "../style/length.ts";
import { canBeTurned, whyTurned } from "../turned-text.ts";
import type { Style } from "../style/style.ts";
import type { Covers, Rect } from "./covers.ts";
import type { Collector } from "./collector.ts";
import type { Look } from "./finish-block.ts";
import { endLine, type Flow, type Frame, lineHeightOf } from "./frame.ts";
import { round } from "./hiding.ts";
import { contrastOf, type PaintState } from "./paint-state.ts";
import { breakable, isWide, textWidth } from "./text-metrics.ts";

const fontHiddenPx = 2; // letters of this size are dots
const contrastHidden = 1.3; // WCAG ratio; 3 is the least that is asked for large text
const indentHiddenPx = 400; // half the window
const movedOutPx = 200; // further than this below its place, text is outside a box that holds it
const overlapMinEm = 0.3; // this much of a letter must be inside the clip, in both directions

export interface TextLayout {
  layText(text: string, frame: Frame): void;
}

/** `covers`: told of each stretch that could be seen, where boxes may lie over text. */
export function createTextLayout(collector: Collector, covers: Covers | undefined): TextLayout {
  const looks = new Map<Style, { paint: PaintState; scale: number; look: Look }>();
  const lookOf = (frame: Frame): Look => {
    const known = looks.get(frame.style);
    if (known !== undefined && known.paint === frame.paint && known.scale === frame.scale)
      return known.look;
    const { fontSizePx: specifiedPx, fontShrink } = frame.style;
    const fontSizePx = Math.round(specifiedPx * fontShrink * frame.scale * 100) / 100;
    const look = { fontSizePx, contrast: contrastOf(frame.paint, frame.style) };
    looks.set(frame.style, { paint: frame.paint, scale: frame.scale, look });
    return look;
  };
  return {
    layText(text, frame) {
      const mode = frame.style.whiteSpace;
      const keep = mode === "pre" || mode === "pre-wrap" || mode === "break-spaces";
      if (!keep && mode !== "pre-line") {
        layLine(collapse(text), frame, false, lookOf, collector, covers);
        return;
      }
      for (const [index, line] of text.split("\n").entries()) {
        if (index > 0) {
          if (frame.why === undefined && frame.style.visible) collector.lineBreak();
          breakLine(frame);
        }
        layLine(keep ? line : collapse(line), frame, keep, lookOf, collector, covers);
      }
    },
  };
}

/** White space as `white-space: normal` shows it; a line end between two East Asian letters vanishes. */
function collapse(text: string): string {
  if (!/[\t\n\f\r]| {2}/.test(text)) return text;
  return text.replace(/[ \t\n\f\r]+/g, (space, at: number) => {
    if (!space.includes("\n")) return " ";
    const before = text.charCodeAt(at - 1);
    const after = text.charCodeAt(at + space.length);
    return isWide(before) && isWide(after) ? "" : " ";
  });
}

/** Ends the open line as `<br>` does: an empty one is as high as its text would be. */
export function breakLine(frame: Frame): void {
  const { flow } = frame;
  flow.lineHeight = Math.max(flow.lineHeight, lineHeightOf(frame.style) * frame.scale);
  endLine(flow);
  flow.firstLine = false;
}

function layLine(
  text: string,
  frame: Frame,
  keep: boolean,
  lookOf: (frame: Frame) => Look,
  collector: Collector,
  covers: Covers | undefined,
): void {
  const { flow, style } = frame;
  if (text === "") return;
  if (text === " " && !keep) {
    if (frame.why === undefined && style.visible)
      collector.text(text, lookOf(frame), frame.link, flow.y, false);
    return;
  }
  const look = lookOf(frame);
  const unseen = frame.why ?? whyTextHidden(style, look, text);
  if (flow.margin !== 0) {
    flow.y += flow.margin;
    flow.margin = 0;
  }
  const startY = flow.y;
  const startX = flow.x;
  flow.lineHeight = Math.max(flow.lineHeight, lineHeightOf(style) * frame.scale, flow.strutPx);
  const why = unseen ?? whyOverLetters(text, frame);
  const show = (stretch: string, reason: string | undefined, yPx: number): void => {
    const isCovered =
      reason === undefined && covers?.text(areaOf(frame, yPx, startX, stretch)) === true;
    if (reason === undefined && !isCovered) collector.text(stretch, look, frame.link, yPx, keep);
    else collector.hide(stretch, reason ?? "under another box", frame.link);
  };
  if (why !== undefined) {
    advance(text, frame);
    show(text, why, startY);
  } else if (frame.clip === undefined) {
    const x = flow.x;
    const width = advance(text, frame);
    show(text, whyOffScreen(frame, x, width, startY), startY);
  } else layClipped(text, frame, show);
  if (unseen === undefined) flow.letters = { line: flow.ended, middle: middleOf(flow) };
}

/** Lines that are less apart than this share of their letters' size lie over each other: none can be read. */
const apartMinEm = 0.5;
const surelyWraps = 1.3; // widths are estimates

function whyOverLetters(text: string, frame: Frame): string | undefined {
  const { flow, style } = frame;
  const least = apartMinEm * style.fontSizePx * frame.scale;
  const { line, middle } = flow.letters;
  // Large letters under a line of small ones have a high line of their own.
  const isBelow = line !== -1 && line !== flow.ended && middleOf(flow) - middle < least;
  const isWrapped =
    flow.lineHeight < least &&
    wraps(style) &&
    flow.x + textWidth(text, style.fontSizePx, style.letterSpacingPx) * frame.scale >
      surelyWraps * frame.width;
  return isBelow || isWrapped
    ? `lines over each other, line-height ${round(flow.lineHeight)}px`
    : undefined;
}

function middleOf({ y, lineHeight }: Flow): number {
  return y + lineHeight / 2;
}

/** Where a stretch of text stands, from the middle of its first line to that of its last, roughly. */
function areaOf(frame: Frame, yPx: number, xPx: number, text: string): Rect {
  const { flow, style } = frame;
  const size = style.fontSizePx * frame.scale;
  const middle = flow.lineHeight / 2;
  const top = yPx + frame.shiftY + middle - size / 3;
  const bottom = flow.y + frame.shiftY + middle + size / 3;
  const width = Math.min(frame.width, textWidth(text, style.fontSizePx, 0) * frame.scale);
  const isOneLine = flow.y === yPx && flow.x >= xPx;
  const start = frame.left + frame.shiftX;
  if (!isOneLine) return { left: start, right: start + frame.width, top, bottom };
  const slack = Math.max(0, frame.width - width);
  const isCentred = style.textAlign.endsWith("center");
  const left = start + (isCentred ? slack / 2 : isAlignedToEnd(style) ? slack : xPx);
  return { left, right: left + width, top, bottom };
}

function whyTextHidden(style: Style, look: Look, text: string): string | undefined {
  if (!style.visible) return style.collapsed ? "visibility:collapse" : "visibility:hidden";
  if (look.fontSizePx <= fontHiddenPx) return `font-size ${round(look.fontSizePx)}px`;
  if (style.turned && canBeTurned(text))
    return whyTurned("a right-to-left override in HTML or CSS");
  if (style.masked) return "letters shown as dots (-webkit-text-security)";
  if (style.letterSpacingPx <= -0.7 * style.fontSizePx)
    return `letter-spacing ${round(style.letterSpacingPx)}px`;
  if (look.contrast < contrastHidden) return `contrast ${look.contrast.toFixed(1)}`;
  return undefined;
}

function indentOf(frame: Frame): number {
  return frame.flow.firstLine && !isAlignedToEnd(frame.style) ? frame.flow.indentPx : 0;
}

/** Such a line is as much wider as its indent is negative, and its text stands at the far end. */
function isAlignedToEnd({ textAlign, rightToLeft }: Style): boolean {
  return textAlign === "end" || textAlign === (rightToLeft ? "left" : "right");
}

function wraps(style: Style): boolean {
  return style.whiteSpace !== "nowrap" && style.whiteSpace !== "pre";
}

/** Moves the cursor over the text; gives its width, at most one line's. */
function advance(text: string, frame: Frame): number {
  const { flow, style } = frame;
  const indent = indentOf(frame);
  const width = textWidth(text, style.fontSizePx, style.letterSpacingPx) * frame.scale;
  const room = Math.max(1, frame.width - Math.min(0, indent));
  const end = flow.x + width;
  if (!wraps(style) || end <= room) {
    flow.x = end;
    return width;
  }
  const lines = Math.floor(end / room);
  flow.y += lines * flow.lineHeight;
  flow.x = end - lines * room;
  flow.firstLine = false;
  return Math.min(width, room);
}

function whyOffScreen(frame: Frame, x: number, width: number, y: number): string | undefined {
  const indent = indentOf(frame);
  const left = frame.left + frame.shiftX + x + indent;
  const moved = frame.shiftX + indent + Math.min(0, x);
  if (left + width < 1 && moved < -20)
    return indent <= -indentHiddenPx ? `text-indent ${round(indent)}px` : "off-screen";
  if (
    left >= viewport.widthPx - 1 &&
    moved >= indentHiddenPx &&
    (indent < indentHiddenPx || !wraps(frame.style))
  )
    return "off-screen";
  const top = y + frame.shiftY;
  if (top + lineHeightOf(frame.style) < 1 && top < -4) return "off-screen";
  if (frame.fixed && top >= viewport.heightPx) return "off-screen";
  if (frame.shiftY >= 3000) return "off-screen";
  return undefined;
}

/** Piece by piece, so that what the clip cuts off is told from what it leaves. */
function layClipped(
  text: string,
  frame: Frame,
  show: (stretch: string, reason: string | undefined, yPx: number) => void,
): void {
  const { flow, style } = frame;
  let stretch = "";
  let stretchWhy: string | undefined;
  let stretchY = flow.y;
  const flush = (): void => {
    if (stretch !== "") show(stretch, stretchWhy, stretchY);
    stretch = "";
  };
  for (const piece of breakable(text, style.fontSizePx, style.letterSpacingPx)) {
    const width = piece.widthPx * frame.scale;
    const indent = indentOf(frame);
    if (wraps(style) && flow.x > 0 && flow.x + indent + width > frame.width + 1) {
      endLine(flow);
      flow.firstLine = false;
      flow.lineHeight = Math.max(lineHeightOf(style) * frame.scale, flow.strutPx);
    }
    const why =
      whyOffScreen(frame, flow.x, width, flow.y) ??
      whyClipped(frame, flow.x + indentOf(frame), width);
    if (why !== stretchWhy) {
      flush();
      stretchWhy = why;
      stretchY = flow.y;
    }
    stretch += piece.text;
    flow.x += width;
  }
  flush();
}

function whyClipped(frame: Frame, x: number, width: number): string | undefined {
  const { clip, style } = frame;
  if (clip === undefined) return undefined;
  const size = style.fontSizePx * frame.scale;
  const height = frame.flow.lineHeight;
  const left = frame.left + frame.shiftX + x;
  const top = frame.flow.y + frame.shiftY + (height - size) / 2;
  const overlapX = Math.min(left + width, clip.right) - Math.max(left, clip.left);
  const overlapY = Math.min(top + size, clip.bottom) - Math.max(top, clip.top);
  const least = overlapMinEm * size;
  if (overlapX < Math.min(least, width * overlapMinEm) || overlapY < least) return clip.why;
  if (clip.openShiftY !== undefined && frame.shiftY - clip.openShiftY > movedOutPx) return clip.why;
  return height + (clip.openPadPx ?? 0) < 0.25 * size
    ? "line-height with overflow:hidden"
    : undefined;
}
