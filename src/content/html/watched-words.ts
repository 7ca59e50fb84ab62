// Which words style sheets look for in the targets of links and pictures: there a new target could bring a new style.

const brackets = /\[[^\]]*\]?/g;
const plainSelector =
  /^\[\s*(?:href|src)\s*(?:[~|^$*]?=\s*(?:"([^"\\]*)"|'([^'\\]*)'|([-\w]+))\s*[iIsS]?\s*)?\]$/i;

/** In lower case; undefined where a selector looks at those attributes in a way that is not understood here. */
export function watchedWords(sheets: readonly string[]): readonly string[] | undefined {
  const words: string[] = [];
  for (const sheet of sheets) {
    for (const [selector] of sheet.matchAll(brackets)) {
      if (!/href|src|\\/i.test(selector)) continue;
      const match = plainSelector.exec(selector);
      if (match === null) return undefined;
      const word = match[1] ?? match[2] ?? match[3] ?? "";
      if (word !== "") words.push(word.toLowerCase());
    }
  }
  return words;
}
