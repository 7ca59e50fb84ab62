// Octets to text by a charset label, strictly: what does not decode is a problem, never a guess that passes.
import { isUtf8 } from "node:buffer";

import iconv from "iconv-lite";

import { designatesJapanese, iso2022ToEuc } from "./iso-2022-jp.ts";
import type { Mislabelled } from "./view.ts";

export interface Decoded {
  readonly text: string;
  /** The label as given in lower case, or the one assumed. */
  readonly charset: string;
  readonly problem?: string;
  readonly mislabelled?: Mislabelled;
}

/** A TextDecoder made fatal: its type is a value only under Node's declarations. */
type Decoder = InstanceType<typeof TextDecoder>;

const euc = new TextDecoder("euc-jp", { fatal: true });
const shiftJis = new TextDecoder("shift_jis", { fatal: true });
const utf8 = new TextDecoder("utf-8", { fatal: true });

const iso2022 = /^(?:iso-2022-jp(?:-1|-ms)?|csiso2022jp|cp5022[0-2]|jis|jis7)$/;
const eucNames =
  /^(?:euc-?jp|x-euc-?jp|euc_jp|cp51932|eucjp-?ms|eucjp-?win|x-eucjp-?open|ujis|cseucpkdfmtjapanese)$/;
const shiftJisNames =
  /^(?:shift[-_]?jis|x-shift[-_]?jis|sjis|x-sjis|s-jis|ms_kanji|csshiftjis|cp932|ms932|windows-31j|cswindows31j|sjis-?win|sjis-?ms|x-ms-cp932|windows-932|ibm-?943)$/;
const utf8Names = /^(?:utf-?8|utf8mb4|unicode-1-1-utf-8|x-unicode20utf8|cp65001|utf-8-sig)$/;
const asciiNames =
  /^(?:us-?ascii|ascii|iso-?646(?:-us)?|ansi_x3\.4-19(?:68|86)|csascii|cp367|646)$/;
const escapeless = new RegExp(`${utf8Names.source}|${eucNames.source}|${shiftJisNames.source}|^(?:iso-?8859|latin\\d|windows-125|cp125)`); // prettier-ignore
/** Read by TextDecoder, and by no two mail clients alike: never certain. */
const doubtful =
  /^(?:utf-?7|unicode-1-1-utf-7|csunicode11utf7|x-user-defined|replacement|iso-2022-(?:cn|kr).*)$/;

/** `label` undefined: the part names no charset, which means US-ASCII (RFC 2046 §4.1.2). */
export function decodeCharset(bytes: Buffer, label: string | undefined): Decoded {
  const charset = (label ?? "us-ascii").trim().toLowerCase();
  if (asciiNames.test(charset) || charset === "") return decodeAscii(bytes, label);
  const bom = byteOrderMark(bytes);
  // None of these has escape sequences, and their decoders take them for characters of no width.
  if (escapeless.test(charset) && designatesJapanese(bytes))
    return mislabelledIso2022(bytes, charset);
  if (utf8Names.test(charset)) {
    if (bom !== undefined && bom !== "utf-8")
      return lenient(bytes, charset, `begins with a ${bom} byte order mark`);
    return strict(utf8, bytes, charset);
  }
  if (bom === "utf-8") {
    return lenient(bytes, charset, "begins with a UTF-8 byte order mark but names another charset");
  }
  if (iso2022.test(charset)) {
    const recoded = iso2022ToEuc(bytes);
    if (recoded.kind === "bad") return lenient(bytes, charset, recoded.problem);
    return strict(euc, recoded.bytes, charset);
  }
  if (eucNames.test(charset)) return strict(euc, bytes, charset);
  if (shiftJisNames.test(charset)) return strict(shiftJis, bytes, charset);
  if (doubtful.test(charset)) {
    return lenient(bytes, charset, "is in a charset that mail clients do not agree on");
  }
  return decodeOther(bytes, charset, bom);
}

function decodeAscii(bytes: Buffer, label: string | undefined): Decoded {
  const charset =
    label === undefined || label.trim() === "" ? "us-ascii" : label.trim().toLowerCase();
  if (bytes.some((octet) => octet > 0x7f)) {
    const what = label === undefined ? "names no charset" : `is labelled ${charset}`;
    return lenient(bytes, charset, `${what} but has 8-bit octets`);
  }
  if (bytes.includes(0x1b)) {
    return lenient(bytes, charset, "has escape sequences that its charset does not have");
  }
  return { text: bytes.toString("latin1"), charset };
}

function decodeOther(bytes: Buffer, charset: string, bom: string | undefined): Decoded {
  if (/^utf-?16$/.test(charset)) {
    if (bom === undefined) return lenient(bytes, charset, "is UTF-16 without a byte order mark");
    return strict(new TextDecoder(bom, { fatal: true }), bytes, charset);
  }
  if (bom !== undefined && bom !== charset) {
    return lenient(bytes, charset, `begins with a ${bom} byte order mark`);
  }
  let decoder: Decoder | undefined;
  try {
    decoder = new TextDecoder(charset, { fatal: true });
  } catch {
    decoder = undefined; // a name that the WHATWG list lacks
  }
  if (decoder !== undefined) {
    if (singleByte.test(decoder.encoding) && looksUtf8(bytes))
      return mislabelled(bytes.toString("utf8"), charset, "UTF-8");
    return strict(decoder, bytes, charset);
  }
  if (
    iconv.encodingExists(charset) &&
    !/^(?:base64|hex|binary|utf-?7.*|internal|cesu.*)$/.test(charset)
  ) {
    const text = iconv.decode(bytes, charset);
    if (!text.includes("�")) return { text, charset };
    return { text, charset, problem: `has octets that are not ${charset}` };
  }
  return lenient(bytes, charset, `is in an unknown charset (${charset.slice(0, 40)})`);
}

/** As TextDecoder calls them: they decode any octets, so that nothing else tells a label that is only a tool's default. */
const singleByte = /^(?:ibm866|iso-8859-|koi8-|macintosh|windows-(?:874|125)|x-mac-)/;

/** No text of a single-byte charset is UTF-8 throughout by chance, but for a letter or two. */
function looksUtf8(bytes: Buffer): boolean {
  let sequences = 0;
  for (let index = 0; index < bytes.length && sequences < sequencesMin; index += 1)
    if ((bytes[index] ?? 0) >= 0xc2) sequences += 1;
  return sequences >= sequencesMin && isUtf8(bytes);
}

const sequencesMin = 3;

function mislabelledIso2022(bytes: Buffer, charset: string): Decoded {
  const recoded = iso2022ToEuc(bytes);
  const text = recoded.kind === "ok" ? new TextDecoder("euc-jp").decode(recoded.bytes) : bytes.toString("utf8"); // prettier-ignore
  return mislabelled(text, charset, "ISO-2022-JP");
}

function mislabelled(text: string, charset: string, really: string): Decoded {
  const label = charset.slice(0, 40);
  return {
    text,
    charset,
    problem: `is labelled ${label} but holds ${really}`,
    mislabelled: { what: "charset", label, really },
  };
}

function strict(decoder: Decoder, bytes: Buffer, charset: string): Decoded {
  try {
    return { text: decoder.decode(bytes), charset };
  } catch {
    return lenient(bytes, charset, `has octets that are not ${charset}`);
  }
}

/** What a client that guesses would most likely show, for the evidence; the problem keeps it from passing. */
function lenient(bytes: Buffer, charset: string, problem: string): Decoded {
  const text = new TextDecoder("utf-8").decode(bytes);
  return { text, charset, problem };
}

function byteOrderMark(bytes: Buffer): "utf-8" | "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}
