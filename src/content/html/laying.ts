// What the parts of the layout share: the way to an element's style and content, and where findings go.
import type { Style } from "../style/style.ts";
import type { Covers } from "./covers.ts";
import type { Collector } from "./collector.ts";
import type { Frame } from "./frame.ts";
import type { ElementNode } from "./node.ts";
import type { TextLayout } from "./text-layout.ts";

/** What the parts of the layout share. */
export interface Laying {
  readonly collector: Collector;
  readonly text: TextLayout;
  readonly quirks: boolean;
  /** Present where boxes are known that may lie over text. */
  readonly covers: Covers | undefined;
  /** A box that may lie over text was met. */
  noteCover(): void;
  /** Styles of the boxes that ::before and ::after make; none where the sheets make none. */
  generatedStyles(element: ElementNode, style: Style): readonly Style[];
  styleOf(element: ElementNode, parent: Style): Style;
  /** The style with which the box is laid: that of the root and the body is partly the window's. */
  canvasStyleOf(element: ElementNode, style: Style): Style;
  /** Lays the element's content in that frame. */
  children(element: ElementNode, frame: Frame): void;
  /** `style` where it is known already. */
  element(element: ElementNode, frame: Frame, style?: Style): void;
  comment(text: string): void;
}
