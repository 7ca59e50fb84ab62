// Tells where in the source the tree's texts stand while it is built.
import type { CommentNode, TextNode } from "./node.ts";

/** Where in the source a node's text or an attribute's value stands. */
export interface SourceMarks {
  text(node: TextNode, start: number, end: number): void;
  comment(node: CommentNode, start: number, end: number): void;
  /** `end` is that of a value in quotes. */
  attribute(attributes: Map<string, string>, name: string, value: string, end: number): void;
}

/** Follows the pieces of which a text is put together. */
export interface TextTrack {
  piece(start: number, end: number): void;
  /** A character reference that ends there. */
  reference(end: number): void;
  /** All text since the last tag has become that node; undefined where it has not become one whole. */
  close(node: TextNode | undefined): void;
}

export function createTextTrack(html: string, marks: SourceMarks | undefined): TextTrack {
  let start = -1;
  let end = -1;
  let isWhole = true;
  const extend = (from: number, to: number): void => {
    if (start === -1) start = from;
    else if (from !== end) isWhole = false;
    end = to;
  };
  return {
    piece: extend,
    reference(to) {
      extend(start === -1 ? html.lastIndexOf("&", to - 1) : end, to);
    },
    close(node) {
      if (node !== undefined && isWhole) marks?.text(node, start, end);
      start = -1;
      isWhole = true;
    },
  };
}
