// Cuts CSS values at white space, commas and slashes outside brackets and strings (CSS Syntax 3).

const nestingMax = 50; // brackets in one value; real values have two or three levels

/** Pieces between top-level `separator`s, trimmed. A space separates at any run of white space. Empty text gives []. */
export function splitTop(text: string, separator: " " | "," | "/" | ";"): string[] {
  if (separator === " " && !/["'([]/.test(text))
    return text.split(/\s+/).filter((piece) => piece !== "");
  if (!/["'([{]/.test(text) && separator !== " ") {
    return text === "" ? [] : text.split(separator).map((piece) => piece.trim());
  }
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  const push = (end: number): void => {
    const piece = text.slice(start, end).trim();
    if (separator !== " " || piece !== "") pieces.push(piece);
  };
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"' || character === "'") index = stringEnd(text, index);
    else if (character === "(" || character === "[" || character === "{") depth += 1;
    else if (character === ")" || character === "]" || character === "}") depth -= 1;
    else if (character === "\\") index += 1;
    else if (depth <= 0 && (separator === " " ? /\s/.test(character) : character === separator)) {
      push(index);
      start = index + 1;
    }
    if (depth > nestingMax) return [];
  }
  push(text.length);
  return pieces;
}

/** Index of the closing quote, or the last index where there is none. */
export function stringEnd(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === "\\") index += 1;
    else if (character === quote || character === "\n") return index; // a line end ends a string that has no end
  }
  return text.length;
}

export interface FunctionCall {
  readonly name: string;
  /** Between the brackets, trimmed. */
  readonly body: string;
}

/** `text` as one call `name(…)`; undefined for anything else. */
export function functionCall(text: string): FunctionCall | undefined {
  if (!text.endsWith(")")) return undefined;
  const open = text.indexOf("(");
  if (open < 1) return undefined;
  const name = text.slice(0, open);
  if (!/^-?[a-z_][\w-]*$/i.test(name)) return undefined;
  return { name, body: text.slice(open + 1, -1).trim() };
}

/** Undoes escapes (`\6e one` is `none`) and drops comments: what is left compares as text. */
export function normalizeValue(text: string): string {
  let value = text;
  if (value.includes("/*")) value = value.replace(/\/\*[\s\S]*?(?:\*\/|$)/g, " ");
  if (value.includes("\\")) value = unescapeCss(value);
  return value.trim();
}

export function unescapeCss(text: string): string {
  return text.replace(
    /\\(?:([0-9a-fA-F]{1,6})[ \t\r\n\f]?|([^\r\n\f]))/g,
    (_all, hex?: string, literal?: string) => {
      if (hex === undefined) return literal ?? "";
      const code = Number.parseInt(hex, 16);
      return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)
        ? "�"
        : String.fromCodePoint(code);
    },
  );
}

/** Index of the bracket that closes the one at `open`; -1 where none does. */
export function closingBracket(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"' || character === "'") index = stringEnd(text, index);
    else if (character === "\\") index += 1;
    else if (character === "(" || character === "[") depth += 1;
    else if (character === ")" || character === "]") {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}
