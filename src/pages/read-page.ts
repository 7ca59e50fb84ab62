// The octets of a web page to what its reader sees of it: charset as browsers choose it, text as content/ views it. Pure.
import { viewHtml, type HtmlView } from "../content/html/html-view.ts";
import { LimitExceeded } from "../content/limits.ts";
import { viewPlain } from "../content/plain-view.ts";
import type { LinkedPage } from "../policy/linked-page.ts";

const charactersMax = 50_000; // visible ones; a company's page has a few thousand
const hiddenMax = 50; // texts kept as evidence of what is there and not seen
const hiddenCharactersMax = 300;
const declarationWithin = 4096; // octets in which a page names its charset; the standard's 1024 are often overrun

/** `contentType` as the server gave it. Never throws. */
export function readPage(octets: Buffer, contentType: string): LinkedPage {
  const type = /^[^;\s]*/.exec(contentType.trim())?.[0].toLowerCase() ?? "";
  const isHtml = type === "" || type === "text/html" || type === "application/xhtml+xml";
  if (!isHtml && type !== "text/plain")
    return unusable(`it is ${type}, which is not read`, `${type} は読み取れません`);
  const { charset, text } = decode(octets, contentType, isHtml);
  let view: HtmlView;
  try {
    view = isHtml
      ? viewHtml(text)
      : { blocks: viewPlain(text, { flowed: false, deleteSpace: false }), hidden: [], images: [] };
  } catch (error) {
    if (error instanceof LimitExceeded)
      return unusable(`it ${error.message}`, `ページが複雑すぎます（${error.message}）`);
    throw error;
  }
  const characters = view.blocks.reduce((sum, block) => sum + block.text.length, 0);
  if (characters > charactersMax)
    return unusable(`it shows more than ${charactersMax} characters`, `文字数が ${charactersMax} を超えています`);
  if (characters === 0)
    return /<script\b/i.test(text)
      ? unusable("its text is made by a script, which is not run", "本文がスクリプトで生成されています（スクリプトは実行しません）")
      : unusable("it shows no text", "文字が表示されていません");
  return {
    kind: "read",
    shown: {
      part: "page",
      kind: isHtml ? "html" : "plain",
      charset,
      blocks: view.blocks,
      hidden: view.hidden
        .slice(0, hiddenMax)
        .map((one) => ({ ...one, text: one.text.slice(0, hiddenCharactersMax) })),
      images: [],
    },
    takesInput: isHtml && hasForm(withoutUnshown(text)),
  };
} // prettier-ignore

/**
 * By the source, since the view has no forms; a frame may hold one, and a search box is taken for one. A page that asks
 * for a password takes nothing from people outside.
 */
function hasForm(text: string): boolean {
  const asksPassword = /<input\b[^>]{0,400}?\btype\s*=\s*["']?password/i.test(text);
  return !asksPassword && /<(?:form|textarea|iframe)\b/i.test(text);
}

/** Without comments, scripts and what stands in for them; one that does not end takes the rest along. */
function withoutUnshown(text: string): string {
  const lower = text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()); // those beyond ASCII may change their length
  const opening = /<!--|<(script|noscript|template)\b/g;
  let kept = "";
  let at = 0;
  for (let found = opening.exec(lower); found !== null; found = opening.exec(lower)) {
    kept += text.slice(at, found.index);
    const closing = found[1] === undefined ? "-->" : `</${found[1]}`;
    const end = lower.indexOf(closing, opening.lastIndex);
    if (end === -1) return kept;
    at = end + closing.length;
    opening.lastIndex = at;
  }
  return kept + text.slice(at);
}

/** A byte order mark, else the server's word, else the page's own; UTF-8 where nobody says (Encoding standard). */
function decode(
  octets: Buffer,
  contentType: string,
  isHtml: boolean,
): { readonly charset: string; readonly text: string } {
  const named = /;\s*charset\s*=\s*["']?([\w:.-]+)/i.exec(contentType)?.[1];
  const head = isHtml && named === undefined ? octets.toString("latin1", 0, declarationWithin) : "";
  const declared = /<meta\b[^>]{0,400}?\bcharset\s*=\s*["']?\s*([\w:.-]+)/i.exec(head)?.[1];
  const label = markOf(octets) ?? named ?? declared ?? "utf-8";
  try {
    const decoder = new TextDecoder(label);
    return { charset: decoder.encoding, text: decoder.decode(octets) };
  } catch {
    return { charset: "utf-8", text: octets.toString("utf8") }; // a name that no browser knows
  }
}

function markOf(octets: Buffer): string | undefined {
  if (octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf) return "utf-8";
  if (octets[0] === 0xff && octets[1] === 0xfe) return "utf-16le";
  if (octets[0] === 0xfe && octets[1] === 0xff) return "utf-16be";
  return undefined;
}

function unusable(en: string, ja: string): LinkedPage {
  return { kind: "unusable", why: { en, ja } };
}
