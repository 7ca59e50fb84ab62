// Remembers how a part of a document was laid, and lays it so again where it comes to the same place in the same way.
import type { Style } from "../style/style.ts";
import { inlineDisplays } from "../style/used.ts";
import type { Collector, Stretch } from "./collector.ts";
import type { Flow, Frame } from "./frame.ts";
import type { ElementNode } from "./node.ts";

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
      if (kept !== undefined && isSame(kept.before, flow) && isSameFrame(kept.frame, frame)) {
        if (collector.add(kept.stretch)) {
          Object.assign(flow, kept.after);
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

/** Whatever fields a frame has: all but the flow, which is compared by itself. */
function isSameFrame(one: Frame, two: Frame): boolean {
  for (const name in one)
    if (name !== "flow" && !isSame(fieldOf(one, name), fieldOf(two, name))) return false;
  return true;
}

/** By value: numbers, words, lists and plain objects of such. */
function isSame(one: unknown, two: unknown): boolean {
  if (one === two) return true;
  if (!isPlain(one) || !isPlain(two)) return false;
  for (const name in one) if (!isSame(fieldOf(one, name), fieldOf(two, name))) return false;
  for (const name in two) if (!(name in one)) return false;
  return true;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}

function fieldOf(value: object, name: string): unknown {
  return Reflect.get(value, name);
}
