// Octets of a returned message as text: transfer encoding, declared charset, and what to do where the declaration lies.

import { decodeCharset as decodeStrictly } from "../content/charset.ts";

/** Undoes `Content-Transfer-Encoding`; `body` holds one octet a character (latin1). Unknown encodings are left alone. */
export function decodeTransfer(body: string, encoding: string): Buffer {
  switch (encoding.trim().toLowerCase()) {
    case "base64":
      return Buffer.from(body.replace(/[^A-Za-z0-9+/=]/g, ""), "base64");
    case "quoted-printable":
      return Buffer.from(
        body
          .replace(/[ \t]*=[ \t]*\n/g, "")
          .replace(/=([0-9A-Fa-f]{2})/g, (_match, hex: string) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          ),
        "latin1",
      );
    default:
      return Buffer.from(body, "latin1");
  }
}

/**
 * Text of the octets. A charset that is missing, unknown or contradicted by the octets is replaced by the first that
 * fits of ISO-2022-JP (by its escapes), UTF-8, EUC-JP, Shift_JIS: reports are evidence to be understood, not mail to be
 * judged, so that a guess is better than none. Never throws.
 */
export function decodeText(octets: Buffer, charset: string | undefined): string {
  const declared = decodeStrictly(octets, charset?.trim().replace(/^"|"$/g, ""));
  if (declared.problem === undefined) return declared.text;
  const guesses = octets.includes("\u001b$")
    ? ["iso-2022-jp", "utf-8", "euc-jp", "shift_jis"]
    : ["utf-8", "euc-jp", "shift_jis"];
  for (const guess of guesses) {
    const decoded = decodeStrictly(octets, guess);
    if (decoded.problem === undefined) return decoded.text;
  }
  return declared.text;
}

/** Encoded words of a header field (RFC 2047) as text; neighbours of one charset are joined before decoding. */
export function decodeWords(value: string): string {
  const joined = value.replace(/(\?=)\s+(?==\?)/g, "$1");
  const decoded = joined.replace(
    /=\?([^?\s]{1,40})\?([BbQq])\?([^?]*)\?=/g,
    (_match, charset: string, kind: string, body: string) => {
      const octets =
        kind.toLowerCase() === "b"
          ? decodeTransfer(body, "base64")
          : decodeTransfer(body.replace(/_/g, "=20"), "quoted-printable");
      return decodeText(octets, charset.replace(/\*.*$/, ""));
    },
  );
  return decoded === value ? decodeText(Buffer.from(value, "latin1"), undefined) : decoded;
}
