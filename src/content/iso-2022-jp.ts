// ISO-2022-JP as it is really sent (RFC 1468, CP50220/50221/50222, ISO-2022-JP-MS, -1): re-coded as EUC-JP, which TextDecoder reads.

const escape = 0x1b;

type Set = "ascii" | "kana" | "kanji" | "supplement";

/** Designations by the octets behind ESC. JIS X 0213 (-3, -2004) is absent: no mail client of note reads it. */
const designations: readonly (readonly [string, Set])[] = [
  ["(B", "ascii"],
  ["(J", "ascii"],
  ["(H", "ascii"], // a common mistake for (J, read so by all
  ["(I", "kana"],
  ["$@", "kanji"],
  ["$B", "kanji"],
  ["$(@", "kanji"],
  ["$(B", "kanji"],
  ["$(D", "supplement"],
];

/** EUC-JP octets, or the problem in words where decoders would differ or give up. */
export function iso2022ToEuc(
  bytes: Buffer,
):
  | { readonly kind: "ok"; readonly bytes: Buffer }
  | { readonly kind: "bad"; readonly problem: string } {
  const out = Buffer.allocUnsafe(bytes.length * 2);
  let length = 0;
  let set: Set = "ascii";
  for (let index = 0; index < bytes.length; index += 1) {
    const octet = bytes[index] ?? 0;
    if (octet === escape) {
      const designation = readDesignation(bytes, index + 1);
      if (designation === undefined) return bad("has an escape sequence that is not ISO-2022-JP");
      set = designation.set;
      index += designation.octets;
      continue;
    }
    if (octet > 0x7f) return bad("has 8-bit octets in ISO-2022-JP");
    if (octet === 0x0e || octet === 0x0f) return bad("has shift characters in ISO-2022-JP");
    if (octet < 0x21 || octet === 0x7f) {
      if (set !== "ascii" && (octet === 0x0d || octet === 0x0a)) {
        return bad("has a line that ends without a return to ASCII (RFC 1468)");
      }
      out[length++] = octet;
      continue;
    }
    if (set === "ascii") out[length++] = octet;
    else if (set === "kana") {
      out[length++] = 0x8e;
      out[length++] = octet | 0x80;
    } else {
      const second = bytes[index + 1] ?? 0;
      if (second < 0x21 || second > 0x7e) return bad("has half a character");
      if (set === "supplement") out[length++] = 0x8f;
      out[length++] = octet | 0x80;
      out[length++] = second | 0x80;
      index += 1;
    }
  }
  return { kind: "ok", bytes: out.subarray(0, length) };
}

/** Whether a Japanese set is designated anywhere; ASCII alone is what terminals reset themselves with. */
export function designatesJapanese(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(escape); at !== -1; at = bytes.indexOf(escape, at + 1)) {
    const set = readDesignation(bytes, at + 1)?.set;
    if (set !== undefined && set !== "ascii") return true;
  }
  return false;
}

function readDesignation(bytes: Buffer, start: number): { set: Set; octets: number } | undefined {
  const text = bytes.toString("latin1", start, start + 3);
  for (const [octets, set] of designations) {
    if (text.startsWith(octets)) return { set, octets: octets.length };
  }
  return undefined;
}

function bad(problem: string): { readonly kind: "bad"; readonly problem: string } {
  return { kind: "bad", problem };
}
