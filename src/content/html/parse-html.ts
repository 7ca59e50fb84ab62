// HTML text to a tree as a browser builds it: htmlparser2's tokenizer, and our tree construction.
import { QuoteType, Tokenizer } from "htmlparser2";

import type { CommentNode, HtmlDocument } from "./node.ts";
import { createTextTrack, type SourceMarks, type TextTrack } from "./source-marks.ts";
import { voidTags } from "./tag-sets.ts";
import { createTreeBuilder, type TreeBuilder } from "./tree-builder.ts";

const attributesMax = 200; // of one element; a real one has fewer than 20

/** The form in which {@link parseHtml} wants its text. */
export function prepareHtml(source: string): string {
  const lines = source.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  // Outside SVG a CDATA section is a comment that ends at the first ">" (HTML §13.2.5.42); text in SVG is never shown.
  return lines.replaceAll("<![CDATA[", "<!CDATA[");
}

/** Never throws but LimitExceeded. */
export function parseHtml(html: string, marks?: SourceMarks): HtmlDocument {
  let quirks = true;
  let sawContent = false;
  let shape = 0;
  const track = createTextTrack(html, marks);
  const builder = createTreeBuilder(
    () => quirks,
    (node) => track.close(node),
  );
  let tag = "";
  let name = "";
  let value = "";
  let attributes = new Map<string, string>();
  const finishTag = (selfClosing: boolean): void => {
    sawContent = true;
    if (tag !== "") builder.start(tag, attributes, selfClosing && !voidTags.has(tag));
    shape = (Math.imul(shape, 31) + tag.length * 8 + attributes.size) | 0;
    tag = "";
  };
  const tokenizer = new Tokenizer(
    {},
    {
      isInForeignContext: () => builder.inForeignContent(),
      onopentagname(start, end) {
        const written = html.slice(start, end).toLowerCase();
        tag = written === "image" ? "img" : written;
        attributes = new Map();
      },
      onattribname(start, end) {
        name = html.slice(start, end).toLowerCase();
        value = "";
      },
      onattribdata(start, end) {
        value += html.slice(start, end);
      },
      onattribentity(codePoint) {
        value += String.fromCodePoint(codePoint);
      },
      onattribend(quote: QuoteType, end) {
        if (attributes.has(name) || attributes.size >= attributesMax) return;
        attributes.set(name, value);
        if (quote >= QuoteType.Single) marks?.attribute(attributes, name, value, end - 1);
      },
      onopentagend: () => finishTag(false),
      onselfclosingtag: () => finishTag(true),
      onclosetag(start, end) {
        sawContent = true;
        builder.end(html.slice(start, end).toLowerCase());
      },
      ...textHandlers(html, builder, track, marks),
      oncdata: () => undefined, // none is left
      ondeclaration(start, end) {
        if (!sawContent) quirks = isQuirksDoctype(html.slice(start, end));
        sawContent = true;
      },
      onend: () => undefined,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return { root: builder.finish(), quirks, shape };
}

function textHandlers(
  html: string,
  builder: TreeBuilder,
  track: TextTrack,
  marks: SourceMarks | undefined,
): Pick<Callbacks, "ontext" | "ontextentity" | "oncomment" | "onprocessinginstruction"> {
  return {
    ontext(start, end) {
      track.piece(start, end);
      builder.text(html.slice(start, end));
    },
    ontextentity(codePoint, end) {
      track.reference(end);
      builder.text(String.fromCodePoint(codePoint));
    },
    oncomment(start, end, offset) {
      const comment: CommentNode = { kind: "comment", text: html.slice(start, end - offset) };
      if (builder.comment(comment)) marks?.comment(comment, start, end - offset);
    },
    onprocessinginstruction(start, end) {
      builder.comment({ kind: "comment", text: html.slice(start, end) });
    },
  };
}

type Callbacks = ConstructorParameters<typeof Tokenizer>[1];

/** HTML Living Standard §13.2.6.4.1, the public identifiers that still occur. */
function isQuirksDoctype(declaration: string): boolean {
  const text = declaration.toLowerCase();
  if (!/^!?doctype\s+html(?:\s|$)/.test(text)) return true;
  const identifier = /public\s*["']([^"']*)["']/.exec(text)?.[1];
  if (identifier === undefined) return false;
  const hasSystem = /public\s*["'][^"']*["']\s*["']/.test(text);
  if (/^-\/\/w3c\/\/dtd html 4\.01 (?:frameset|transitional)\/\//.test(identifier))
    return !hasSystem;
  return /^(?:-\/\/w3c\/\/dtd html (?:3|4\.0 )|-\/\/ietf\/\/dtd html|-\/\/w3c\/\/dtd w3 html|-\/\/netscape|-\/\/microsoft|html$)/.test(
    identifier,
  );
}
