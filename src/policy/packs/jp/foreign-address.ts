// A registered address that is not in Japanese ("1 Market Street, Suite 300, San Francisco, CA 94105, USA"), compared word by word.
import { foldText } from "../../normalise.ts";
import { onceFor } from "../../once-for.ts";
import { onceForText, type ShownText } from "../../shown-text.ts";

/** Compared in the folded text, which has no spaces. */
export interface ForeignAddress {
  readonly shown: string;
  /** The words in their order, whatever marks stand between them. */
  readonly pattern: RegExp;
}

/** How words of addresses are shortened; a building's part and a country are written in both ways by the same company. */
const shortened: readonly (readonly string[])[] = [
  ["street", "st"], ["avenue", "ave"], ["road", "rd"], ["boulevard", "blvd"], ["drive", "dr"], ["lane", "ln"],
  ["square", "sq"], ["place", "pl"], ["suite", "ste"], ["floor", "fl"], ["building", "bldg"],
  ["north", "n"], ["south", "s"], ["east", "e"], ["west", "w"],
]; // prettier-ignore
const formsOf = new Map(shortened.flatMap((forms) => forms.map((form) => [form, forms] as const)));
const marks = "[\\p{P}\\p{S}]*";
const wordsMin = 3; // fewer are no address that says where

/** Undefined where the text is no address of this kind: one in Japanese is taken apart (postal.ts). */
export function readForeignAddress(shown: string): ForeignAddress | undefined {
  const parts = shown.split(",").map((part) => part.trim());
  // Mail to the sender's own country leaves its name out.
  const last = parts.at(-1) ?? "";
  const isCountry = parts.length > 2 && /^[\p{L}\s.]+$/u.test(last);
  const words = wordsOf((isCountry ? parts.slice(0, -1) : parts).join(" "));
  const letters = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u;
  if (words.length < wordsMin || letters.test(shown) || !/\d/.test(shown)) return undefined;
  const body = words.map(anyForm).join(marks);
  return { shown, pattern: new RegExp(`(?<![\\p{N}])${body}(?!\\p{N})`, "u") };
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,.#]+/u).map(foldText).filter((word) => word !== ""); // prettier-ignore
}

function anyForm(word: string): string {
  const forms = formsOf.get(word);
  if (forms !== undefined) return `(?:${forms.join("|")})`;
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Where the text has the address. */
export const foreignPlaceOf = onceFor((address: ForeignAddress) =>
  onceForText((text: ShownText) => {
    const match = address.pattern.exec(text.folded.text);
    return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
  }),
);
