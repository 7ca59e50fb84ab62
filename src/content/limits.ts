// The limits of reading one message, in one place: beyond any of them the message is too complex to be judged.

export const limits = {
  /** Nested multiparts (threats.md row 23). Real mail seldom goes beyond 6. */
  depth: 20,
  /** Body parts in all (threats.md row 23). */
  parts: 200,
  /** Octets of one header section (threats.md row 28). */
  headerBytes: 64 * 1024,
  /** Lines of one header section (threats.md row 28). */
  headerLines: 1000,
  /** Lines of one text part (threats.md row 24). */
  textLines: 20_000,
  /** Octets of all text parts together, decoded: mail clients cut far earlier (Gmail at 102 KB). */
  textBytes: 2 * 1024 * 1024,
  /** Elements and text nodes of one HTML part. */
  htmlNodes: 60_000,
  /** Links of one text or HTML part: a newsletter has tens, a price list some hundreds. */
  links: 5000,
  /** Characters of all style sheets of one HTML part. */
  cssCharacters: 256 * 1024,
  /** Rules of all style sheets of one HTML part, after selector lists and nesting are unfolded. */
  cssRules: 5000,
  /** Boxes of one HTML part that may lie over text: a design has a handful. */
  coveringBoxes: 200,
  /** Stretches of text in a part that has such a box. */
  coveredTexts: 10_000,
  /** Selector steps tried for one HTML part: bounds sheets that are built to match slowly. */
  selectorSteps: 3_000_000,
  /** Things hidden that are listed, for each alternative; the rest is dropped (evidence, not judgment). */
  hiddenListed: 500,
} as const;

/** Thrown inside content/ alone, and turned into a {@link TooComplex} value by readMessage. */
export class LimitExceeded extends Error {
  override readonly name = "LimitExceeded";
}

export function exceeds(what: string): never {
  throw new LimitExceeded(what);
}
