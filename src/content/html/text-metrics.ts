// How wide text is, near enough to know where lines end: average widths of common fonts, full width for East Asian letters.

/** In em. */
export function characterWidth(code: number): number {
  if (code < 0x80) {
    if (code < 0x21) return code === 0x20 ? 0.25 : 0;
    if (code >= 0x30 && code <= 0x39) return 0.5;
    if (code >= 0x41 && code <= 0x5a) return 0.68;
    return narrow.has(code) ? 0.3 : 0.48;
  }
  if (code === 0xa0) return 0.25;
  if (code === 0xad || (code >= 0x200b && code <= 0x200f) || code === 0x2060 || code === 0xfeff)
    return 0;
  if (code >= 0xff61 && code <= 0xffdc) return 0.5;
  return isWide(code) ? 1 : 0.55;
}

const narrow = new Set(Array.from("!\"'(),-./:;I[]`fijlrt|", (letter) => letter.charCodeAt(0)));

/** East Asian letters that take a full square, between which a line may end. */
export function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff01 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    code >= 0x1f300
  );
}

/** In px. */
export function textWidth(text: string, fontSizePx: number, letterSpacingPx: number): number {
  let em = 0;
  for (let index = 0; index < text.length; index += 1) em += characterWidth(text.charCodeAt(index));
  return em * fontSizePx + text.length * letterSpacingPx;
}

export interface Piece {
  readonly text: string;
  readonly widthPx: number;
}

/** Cuts text where a line may end: behind spaces and hyphens, and around each East Asian letter. */
export function breakable(
  text: string,
  fontSizePx: number,
  letterSpacingPx: number,
): readonly Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  let width = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    width += characterWidth(code) * fontSizePx + letterSpacingPx;
    const next = text.charCodeAt(index + 1);
    const ends =
      code === 0x20 || code === 0x2d || isWide(code) || isWide(next) || Number.isNaN(next);
    if (!ends) continue;
    pieces.push({ text: text.slice(start, index + 1), widthPx: width });
    start = index + 1;
    width = 0;
  }
  return pieces;
}
