// What the parts of the layout share: the way to an element's style and content, and where findings go.
import type { Style } from "../style/style.ts";
import type { Collector } from "./collector.ts";
import type { Frame } from "./frame.ts";
import type { ElementNode } from "./node.ts";
import type { TextLayout } from "./text-layout.ts";

/** What the parts of the layout share. */
export interface Laying {
  readonly collector: Collector;
  readonly text: TextLayout;
  readonly quirks: boolean;
  /** The root element's overflow is not visible, so the body keeps its own. */
  readonly rootOverflows: boolean;
  styleOf(element: ElementNode, parent: Style): Style;
  /** Lays the element's content in that frame. */
  children(element: ElementNode, frame: Frame): void;
  /** `style` where it is known already. */
  element(element: ElementNode, frame: Frame, style?: Style): void;
  comment(text: string): void;
}
