// HTML text to a tree as a browser builds it: htmlparser2's tokenizer, and our tree construction.
import { type QuoteType, Tokenizer } from "htmlparser2";

import type { HtmlDocument } from "./node.ts";
import { voidTags } from "./tag-sets.ts";
import { createTreeBuilder } from "./tree-builder.ts";

const attributesMax = 200; // of one element; a real one has fewer than 20

/** Never throws but LimitExceeded. */
export function parseHtml(source: string): HtmlDocument {
  const lines = source.includes("\r") ? source.replace(/\r\n?/g, "\n") : source;
  // Outside SVG a CDATA section is a comment that ends at the first ">" (HTML §13.2.5.42); text in SVG is never shown.
  const html = lines.replaceAll("<![CDATA[", "<!CDATA[");
  let quirks = true;
  let sawContent = false;
  const builder = createTreeBuilder(() => quirks);
  let tag = "";
  let name = "";
  let value = "";
  let attributes = new Map<string, string>();
  const finishTag = (selfClosing: boolean): void => {
    sawContent = true;
    if (tag !== "") builder.start(tag, attributes, selfClosing && !voidTags.has(tag));
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
      onattribend(_quote: QuoteType) {
        if (!attributes.has(name) && attributes.size < attributesMax) attributes.set(name, value);
      },
      onopentagend: () => finishTag(false),
      onselfclosingtag: () => finishTag(true),
      onclosetag(start, end) {
        sawContent = true;
        builder.end(html.slice(start, end).toLowerCase());
      },
      ontext(start, end) {
        builder.text(html.slice(start, end));
      },
      ontextentity(codePoint) {
        builder.text(String.fromCodePoint(codePoint));
      },
      oncomment(start, end, offset) {
        builder.comment(html.slice(start, end - offset));
      },
      oncdata: () => undefined, // none is left
      ondeclaration(start, end) {
        if (!sawContent) quirks = isQuirksDoctype(html.slice(start, end));
        sawContent = true;
      },
      onprocessinginstruction(start, end) {
        builder.comment(html.slice(start, end));
      },
      onend: () => undefined,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return { root: builder.finish(), quirks };
}

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
