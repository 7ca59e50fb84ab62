// Remembers how a part of a document was laid, and lays it so again where it comes to the same place in the same way.
import type { Color } from "../style/color.ts";
import type { Style } from "../style/style.ts";
import { inlineDisplays } from "../style/used.ts";
import type { Collector, Stretch } from "./collector.ts";
import type { Anchor, Clip, Flow, Frame } from "./frame.ts";
import type { ElementNode } from "./node.ts";
import type { PaintState } from "./paint-state.ts";

/**
 * For one document that is laid again and again, with other texts in some of its places. What a block adds depends on
 * its content, on the frame around it and on what was gathered before: all three are compared by value.
 */
export interface LayoutMemo {
  /** Lays a block as before, or by `lay` and keeps what it added. */
  lay(element: ElementNode, frame: Frame, collector: Collector, lay: () => void): void;
  /** The text in there changes from time to time: it is laid anew each time. */
  forget(element: ElementNode): void;
}

interface Kept {
  readonly frame: Frame;
  readonly before: Flow;
  readonly after: Flow;
  readonly stretch: Stretch;
}

/** Whether an element is a block whose content neither joins the text around it nor stands in a link. */
export function isMemorable(element: ElementNode, style: Style, frame: Frame): boolean {
  return (
    frame.link < 0 &&
    element.tag !== "a" &&
    style.display !== "contents" &&
    !inlineDisplays.test(style.display)
  );
}

export function createLayoutMemo(): LayoutMemo {
  const known = new Map<ElementNode, Kept | "changing">();
  return {
    lay(element, frame, collector, lay) {
      const kept = known.get(element);
      if (kept === "changing") {
        lay();
        return;
      }
      collector.endBlock(); // A block begins with that.
      const { flow } = frame;
      if (kept !== undefined && isSameFlow(kept.before, flow) && isSameFrame(kept.frame, frame)) {
        if (collector.add(kept.stretch)) {
          setFlow(flow, kept.after);
          return;
        }
      }
      const mark = collector.mark();
      const before = { ...flow };
      lay();
      const stretch = mark === undefined ? undefined : collector.since(mark);
      if (stretch === undefined) known.delete(element);
      else known.set(element, { frame, before, after: { ...flow }, stretch });
    },
    forget(element) {
      for (let up: ElementNode | undefined = element; up !== undefined; up = up.parent)
        known.set(up, "changing");
    },
  };
}

function setFlow(flow: Flow, as: Flow): void {
  flow.y = as.y;
  flow.x = as.x;
  flow.lineHeight = as.lineHeight;
  flow.firstLine = as.firstLine;
  flow.margin = as.margin;
}

function isSameFlow(one: Flow, two: Flow): boolean {
  return (
    one.y === two.y &&
    one.x === two.x &&
    one.lineHeight === two.lineHeight &&
    one.firstLine === two.firstLine &&
    one.indentPx === two.indentPx &&
    one.strutPx === two.strutPx &&
    one.margin === two.margin
  );
}

/** All of a frame but its flow. */
function isSameFrame(one: Frame, two: Frame): boolean {
  return (
    one.style === two.style &&
    one.why === two.why &&
    one.link === two.link &&
    one.scale === two.scale &&
    one.left === two.left &&
    one.width === two.width &&
    one.shiftX === two.shiftX &&
    one.shiftY === two.shiftY &&
    one.covers === two.covers &&
    one.fixed === two.fixed &&
    one.table.fixed === two.table.fixed &&
    one.table.sized === two.table.sized &&
    isSamePaint(one.paint, two.paint) &&
    isSamePaint(one.blockPaint, two.blockPaint) &&
    isSameClip(one.clip, two.clip) &&
    isSameAnchor(one.anchor, two.anchor)
  );
}

function isSamePaint(one: PaintState, two: PaintState): boolean {
  if (one === two) return true;
  return (
    one.opacity === two.opacity &&
    isSameColor(one.background, two.background) &&
    isSameColor(one.letters, two.letters) &&
    one.groups.length === two.groups.length &&
    one.groups.every((group, index) => {
      const other = two.groups[index];
      return (
        group.opacity === other?.opacity &&
        group.filters === other.filters &&
        isSameColor(group.backdrop, other.backdrop)
      );
    })
  );
}

function isSameColor(one: Color | undefined, two: Color | undefined): boolean {
  if (one === two) return true;
  return one?.r === two?.r && one?.g === two?.g && one?.b === two?.b && one?.a === two?.a;
}

function isSameClip(one: Clip | undefined, two: Clip | undefined): boolean {
  if (one === two) return true;
  return (
    one?.left === two?.left &&
    one?.top === two?.top &&
    one?.right === two?.right &&
    one?.bottom === two?.bottom &&
    one?.openShiftY === two?.openShiftY &&
    one?.openPadPx === two?.openPadPx &&
    one?.why === two?.why
  );
}

function isSameAnchor(one: Anchor, two: Anchor): boolean {
  if (one === two) return true;
  return (
    one.left === two.left &&
    one.top === two.top &&
    one.width === two.width &&
    one.height === two.height &&
    isSameClip(one.clip, two.clip)
  );
}
