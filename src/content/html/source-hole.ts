// The places of an HTML source where messages of one campaign differ: texts, comments, and targets of links and pictures.
import { Tokenizer } from "htmlparser2";

import type { CommentNode, ElementNode, TextNode } from "./node.ts";
import type { SourceMarks } from "./source-marks.ts";

/** What stands between `start` and `end` of the source, and nothing else, decides the node's text or the value. */
export interface Hole {
  readonly start: number;
  readonly end: number;
  /** Whatever stands there ends before this. */
  readonly terminator: string;
  /** What was put in last, as written. */
  raw: string;
  readonly fill:
    | { readonly kind: "text"; readonly node: TextNode; readonly parent: ElementNode }
    | { readonly kind: "comment"; readonly node: CommentNode; readonly parent: ElementNode }
    | { readonly kind: "attribute"; readonly name: string; readonly element: ElementNode };
}

/** Of elements whose view shows them and whose tree and style do not look at them. */
const changingAttributes = new Set(["href", "src"]);
const changingTags = new Set(["a", "area", "img"]);
/** Their text ends by other rules, or is a style sheet. */
const rawTags = new Set(
  "style script title textarea xmp iframe noembed noframes noscript plaintext template select option".split(
    " ",
  ),
);

export interface HoleFinder {
  readonly marks: SourceMarks;
  /** In order, for a tree that is finished; undefined where no other message can be told to build the same one. */
  finish(root: ElementNode, html: string): readonly Hole[] | undefined;
}

export function createHoleFinder(): HoleFinder {
  const texts: { node: TextNode; start: number; end: number; text: string }[] = [];
  const comments: { node: CommentNode; start: number; end: number }[] = [];
  const values: { owner: Map<string, string>; name: string; value: string; end: number }[] = [];
  return {
    marks: {
      text: (node, start, end) => void texts.push({ node, start, end, text: node.text }),
      comment: (node, start, end) => void comments.push({ node, start, end }),
      attribute(owner, name, value, end) {
        if (changingAttributes.has(name)) values.push({ owner, name, value, end });
      },
    },
    finish(root, html) {
      const written = new Set(values.map(({ owner }) => owner));
      const places = findPlaces(root, written);
      if (places === undefined) return undefined;
      const holes: Hole[] = [];
      for (const { node, start, end, text } of texts) {
        const raw = html.slice(start, end);
        const parent = places.parents.get(node);
        // Text that was joined with more text is not decided here alone.
        if (parent === undefined || node.text !== text || isBlank(text)) continue;
        if (parent.foreign || rawTags.has(parent.tag)) continue;
        if (raw.includes("<") || html.charAt(end) !== "<") continue;
        holes.push({ start, end, terminator: "<", raw, fill: { kind: "text", node, parent } });
      }
      for (const { node, start, end } of comments) {
        const raw = html.slice(start, end);
        const parent = places.parents.get(node);
        if (parent === undefined || !isPlainComment(raw)) continue;
        if (!html.startsWith("<!--", start - 4) || !html.startsWith("-->", end)) continue;
        holes.push({ start, end, terminator: "-->", raw, fill: { kind: "comment", node, parent } });
      }
      for (const { owner, name, value, end } of values) {
        const element = places.owners.get(owner);
        const terminator = html.charAt(end);
        if (element === undefined || owner.get(name) !== value) continue;
        const start = html.lastIndexOf(terminator, end - 1) + 1;
        const raw = html.slice(start, end);
        holes.push({ start, end, terminator, raw, fill: { kind: "attribute", name, element } });
      }
      return holes.sort((a, b) => a.start - b.start);
    },
  };
}

interface Places {
  readonly parents: ReadonlyMap<TextNode | CommentNode, ElementNode>;
  readonly owners: ReadonlyMap<Map<string, string>, ElementNode>;
}

/** Where the nodes came to stand; undefined where tree construction made a second element of one link's tag. */
function findPlaces(
  root: ElementNode,
  written: ReadonlySet<Map<string, string>>,
): Places | undefined {
  const parents = new Map<TextNode | CommentNode, ElementNode>();
  const owners = new Map<Map<string, string>, ElementNode>();
  const stack: ElementNode[] = [root];
  for (let element = stack.pop(); element !== undefined; element = stack.pop()) {
    if (changingTags.has(element.tag) && !element.foreign) {
      const { attributes } = element;
      const isCopy = !written.has(attributes) && (attributes.has("href") || attributes.has("src"));
      if (isCopy && element.tag === "a") return undefined;
      owners.set(attributes, element);
    }
    for (const child of element.children) {
      if (child.kind === "element") stack.push(child);
      else parents.set(child, element);
    }
  }
  return { parents, owners };
}

/** What a new content makes of the hole; undefined where it could change more than that. */
export function readHole({ fill, terminator }: Hole, raw: string): string | undefined {
  switch (fill.kind) {
    case "comment":
      return isPlainComment(raw) ? raw : undefined;
    case "attribute":
      return raw.includes("&") ? decodeValue(raw, terminator) : raw;
    case "text": {
      const text = raw.includes("&") ? decodeText(raw) : raw;
      return isBlank(text) ? undefined : text;
    }
  }
}

function isBlank(text: string): boolean {
  return /^[\t\n\f\r ]*$/.test(text);
}

/** Ends at the first `-->` on every reading. */
function isPlainComment(raw: string): boolean {
  return !raw.includes("--") && !/^(?:>|-)|-$|^$/.test(raw);
}

/** Character references in an attribute's value (HTML §13.2.5.73), by the tokenizer itself but for the plainest. */
function decodeValue(raw: string, quote: string): string {
  const pieces = raw.split("&");
  let value = pieces[0] ?? "";
  for (let index = 1; index < pieces.length; index += 1) {
    const piece = pieces[index] ?? "";
    if (piece.startsWith("amp;")) value += `&${piece.slice(4)}`;
    else if (/^[A-Za-z0-9]+=/.test(piece))
      value += `&${piece}`; // what a reference may not be followed by
    else return decodeByTokenizer(raw, quote);
  }
  return value;
}

function decodeByTokenizer(raw: string, quote: string): string {
  const html = `<a b=${quote}${raw}${quote}>`;
  let value = "";
  const tokenizer = new Tokenizer(
    {},
    {
      ...deaf,
      onattribdata: (start, end) => void (value += html.slice(start, end)),
      onattribentity: (codePoint) => void (value += String.fromCodePoint(codePoint)),
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return value;
}

function decodeText(raw: string): string {
  const html = `${raw}<a>`;
  let text = "";
  const tokenizer = new Tokenizer(
    {},
    {
      ...deaf,
      ontext: (start, end) => void (text += html.slice(start, end)),
      ontextentity: (codePoint) => void (text += String.fromCodePoint(codePoint)),
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return text;
}

const ignore = (): void => undefined;
const deaf = {
  isInForeignContext: () => false,
  onopentagname: ignore,
  onattribname: ignore,
  onattribdata: ignore,
  onattribentity: ignore,
  onattribend: ignore,
  onopentagend: ignore,
  onselfclosingtag: ignore,
  onclosetag: ignore,
  ontext: ignore,
  ontextentity: ignore,
  oncomment: ignore,
  oncdata: ignore,
  ondeclaration: ignore,
  onprocessinginstruction: ignore,
  onend: ignore,
};
