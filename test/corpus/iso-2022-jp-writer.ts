// Writes ISO-2022-JP (RFC 1468): escapes around the seven-bit form of EUC-JP's two-octet characters.
import iconv from "iconv-lite";

const toAscii = Buffer.from("\u001b(B", "latin1");
const toKanji = Buffer.from("\u001b$B", "latin1");

/** The wave dash of JIS X 0208, for which the table at hand knows another character. */
const waveDash = Buffer.from([0xa1, 0xc1]);

/** Throws for a character that JIS X 0208 lacks. */
export function iso2022Bytes(text: string): Buffer {
  const out: Buffer[] = [];
  let isKanji = false;
  for (const character of text) {
    const bytes = /[～〜]/u.test(character) ? waveDash : iconv.encode(character, "euc-jp");
    const [first = 0, second = 0] = bytes;
    const isLost = first === 0x3f && character !== "?";
    if (isLost || (first >= 0x80 && (bytes.length !== 2 || first === 0x8e)))
      throw new Error(`not in JIS X 0208: ${character}`);
    if (first >= 0x80 !== isKanji) out.push(isKanji ? toAscii : toKanji);
    isKanji = first >= 0x80;
    out.push(isKanji ? Buffer.from([first & 0x7f, second & 0x7f]) : bytes);
  }
  if (isKanji) out.push(toAscii);
  return Buffer.concat(out);
}
