// The tree of an HTML part: elements, text and comments, as a browser would build it.

export interface ElementNode {
  readonly kind: "element";
  /** Lower case. */
  readonly tag: string;
  /** By lower-case name; the first of two counts. */
  readonly attributes: Map<string, string>;
  /** Words of the class attribute. */
  readonly classes: readonly string[];
  /** In SVG or MathML. */
  readonly foreign: boolean;
  /** Bits of the names of all ancestors (see style/ancestry.ts), once asked for; -1 before. */
  ancestry: number;
  parent: ElementNode | undefined;
  children: HtmlNode[];
}

export interface TextNode {
  readonly kind: "text";
  text: string;
}

export interface CommentNode {
  readonly kind: "comment";
  text: string;
}

export type HtmlNode = ElementNode | TextNode | CommentNode;

export interface HtmlDocument {
  readonly root: ElementNode;
  /** No or an old document type: lengths without unit and colours without # count (HTML, "quirks mode"). */
  readonly quirks: boolean;
  /** A number that parts of the same tags share, and seldom others: a hint, no proof. */
  readonly shape: number;
}

const none: readonly string[] = [];

export function createElement(
  tag: string,
  attributes: Map<string, string>,
  foreign = false,
): ElementNode {
  const names = attributes.get("class");
  const classes =
    names === undefined ? none : names.split(/[ \t\n\f\r]+/).filter((name) => name !== "");
  return {
    kind: "element",
    tag,
    attributes,
    classes,
    foreign,
    ancestry: -1,
    parent: undefined,
    children: [],
  };
}

/** Appends, or inserts before `before`; joins neighbouring text. */
export function insertNode(parent: ElementNode, node: HtmlNode, before?: ElementNode): void {
  const siblings = parent.children;
  const at = before === undefined ? siblings.length : siblings.lastIndexOf(before);
  const index = at === -1 ? siblings.length : at;
  const previous = siblings[index - 1];
  if (node.kind === "text" && previous?.kind === "text") {
    previous.text += node.text;
    return;
  }
  if (index === siblings.length) siblings.push(node);
  else siblings.splice(index, 0, node);
  if (node.kind === "element") node.parent = parent;
}

export function detach(node: ElementNode): void {
  const siblings = node.parent?.children;
  const index = siblings?.lastIndexOf(node) ?? -1;
  if (index !== -1) siblings?.splice(index, 1);
  node.parent = undefined;
}
