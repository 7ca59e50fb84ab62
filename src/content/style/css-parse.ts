// CSS text to rules by CSS Syntax 3: nothing is fatal, what is broken is skipped exactly as far as a browser skips it.
import { stringEnd } from "./split.ts";

export interface RawDeclaration {
  readonly property: string;
  readonly value: string;
  readonly important: boolean;
}

export type RawRule =
  | { readonly kind: "style"; readonly prelude: string; readonly body: RawBlock }
  | {
      readonly kind: "at";
      readonly name: string;
      readonly prelude: string;
      readonly body: RawBlock | undefined;
    };

/** Declarations and nested rules of one block, in order of their kind. */
export interface RawBlock {
  readonly declarations: readonly RawDeclaration[];
  readonly rules: readonly RawRule[];
}

const nestingMax = 32; // rules in rules; real sheets have two levels

/** A style sheet. `<!--` and `-->` between rules mean nothing. */
export function parseSheet(text: string): readonly RawRule[] {
  return new Scanner(text, false).readBlock(0, true).rules;
}

/** The text of a style attribute. */
export function parseDeclarations(text: string): readonly RawDeclaration[] {
  return new Scanner(text, true).readBlock(0, false).declarations;
}

class Scanner {
  readonly #text: string;
  readonly #flat: boolean;
  #at = 0;

  /** `flat`: a style attribute, in which no braces open rules. */
  constructor(text: string, flat: boolean) {
    this.#text = text;
    this.#flat = flat;
  }

  readBlock(depth: number, topLevel: boolean): RawBlock {
    const declarations: RawDeclaration[] = [];
    const rules: RawRule[] = [];
    for (;;) {
      this.#skipBlank(topLevel);
      if (this.#at >= this.#text.length) break;
      const character = this.#text.charAt(this.#at);
      if (character === "}" && !topLevel && depth > 0) {
        this.#at += 1;
        break;
      }
      if (character === ";" && !topLevel) {
        this.#at += 1;
        continue;
      }
      if (character === "@" && !this.#flat) {
        const rule = this.#readAtRule(depth);
        if (rule !== undefined) rules.push(rule);
        continue;
      }
      this.#readItem(depth, topLevel, declarations, rules);
    }
    return { declarations, rules };
  }

  /** A declaration up to `;` or the block's end, or a rule: whichever the text turns out to be. */
  #readItem(
    depth: number,
    topLevel: boolean,
    declarations: RawDeclaration[],
    rules: RawRule[],
  ): void {
    const start = this.#at;
    if (!topLevel) {
      const end = this.#find(start, this.#flat ? ";" : ";}");
      const declaration = readDeclaration(this.#text.slice(start, end));
      if (declaration !== undefined) {
        declarations.push(declaration);
        this.#at = end;
        return;
      }
      if (this.#flat) {
        this.#at = end;
        return;
      }
    }
    const open = this.#find(start, topLevel ? "{" : "{;}");
    if (this.#text.charAt(open) !== "{") {
      this.#at = open;
      return;
    }
    this.#at = open + 1;
    const body = this.#readBody(depth);
    rules.push({ kind: "style", prelude: this.#text.slice(start, open).trim(), body });
  }

  #readAtRule(depth: number): RawRule | undefined {
    const start = this.#at;
    const end = this.#find(start, depth > 0 ? "{;}" : "{;");
    const head = this.#text.slice(start + 1, end);
    const name = /^[-\w]*/.exec(head)?.[0] ?? "";
    const prelude = head.slice(name.length).trim();
    const opens = this.#text.charAt(end) === "{";
    this.#at = this.#text.charAt(end) === "}" ? end : end + 1;
    const body = opens ? this.#readBody(depth) : undefined;
    return { kind: "at", name: name.toLowerCase(), prelude, body };
  }

  #readBody(depth: number): RawBlock {
    if (depth < nestingMax) return this.readBlock(depth + 1, false);
    this.#at = this.#find(this.#at, "}") + 1;
    return { declarations: [], rules: [] };
  }

  #skipBlank(topLevel: boolean): void {
    for (;;) {
      while (/[\s]/.test(this.#text.charAt(this.#at)) && this.#at < this.#text.length)
        this.#at += 1;
      if (this.#text.startsWith("/*", this.#at)) {
        const end = this.#text.indexOf("*/", this.#at + 2);
        this.#at = end === -1 ? this.#text.length : end + 2;
      } else if (topLevel && this.#text.startsWith("<!--", this.#at)) this.#at += 4;
      else if (topLevel && this.#text.startsWith("-->", this.#at)) this.#at += 3;
      else return;
    }
  }

  /** Offset of the first of `ends` outside strings, comments, brackets and inner braces; the text's end where none is. */
  #find(from: number, ends: string): number {
    const text = this.#text;
    const brackets: string[] = [];
    for (let index = from; index < text.length; index += 1) {
      const character = text.charAt(index);
      if (brackets.length === 0 && ends.includes(character)) return index;
      if (character === '"' || character === "'")
        index = Math.min(stringEnd(text, index), text.length);
      else if (character === "\\") index += 1;
      else if (character === "/" && text.charAt(index + 1) === "*") {
        const end = text.indexOf("*/", index + 2);
        if (end === -1) return text.length;
        index = end + 1;
      } else if (character === "(" || character === "[" || character === "{") {
        if (character === "(" && /url$/i.test(text.slice(index - 3, index)))
          index = urlEnd(text, index);
        else brackets.push(character === "(" ? ")" : character === "[" ? "]" : "}");
      } else if (character === brackets.at(-1)) brackets.pop();
    }
    return text.length;
  }
}

/** Behind an unquoted `url(` everything up to `)` is the address; before a quote the usual rules hold. */
function urlEnd(text: string, open: number): number {
  const rest = /^\s*["']/.test(text.slice(open + 1, open + 20));
  if (rest) {
    const quote = text.slice(open + 1).search(/["']/) + open + 1;
    const close = text.indexOf(")", stringEnd(text, quote));
    return close === -1 ? text.length : close;
  }
  const close = text.indexOf(")", open);
  return close === -1 ? text.length : close;
}

function readDeclaration(text: string): RawDeclaration | undefined {
  const match =
    /^((?:--|-?[a-zA-Z_\u0080-\uffff\\])(?:[-\w\u0080-\uffff]|\\.)*)\s*(?:\/\*[^*]*\*\/\s*)?:/.exec(
      text,
    );
  if (match === null) return undefined;
  const property = match[1] ?? "";
  let value = text.slice(match[0].length).trim();
  // `a:hover {…}` looks like a declaration until its braces; only custom properties may hold those.
  if (!property.startsWith("--") && value.includes("{")) return undefined;
  const important = /!\s*(?:\/\*[^*]*\*\/\s*)?important\s*(?:\/\*[^*]*\*\/\s*)*$/i.exec(value);
  if (important !== null) value = value.slice(0, important.index).trim();
  return { property, value, important: important !== null };
}
