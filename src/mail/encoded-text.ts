// Text of our own as a message carries it: encoded words in a header field, base64 in a body.

const wordMaxOctets = 42; // with its frame an encoded word has 68 characters: with `Subject: ` before it, not over 77

/** RFC 2047, folded; no character is cut in two. ASCII stays as it is. */
export function encodedWords(text: string): string {
  if (/^[A-Za-z0-9 ]*$/.test(text)) return text;
  const words: string[] = [];
  let word = "";
  for (const character of text) {
    if (Buffer.byteLength(word + character) > wordMaxOctets) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word]
    .map((part) => `=?utf-8?B?${Buffer.from(part).toString("base64")}?=`)
    .join("\r\n ");
}

/** Lines of 76 characters (RFC 2045 §6.8), CRLF between them. */
export function base64Lines(octets: Buffer): string {
  return (octets.toString("base64").match(/.{1,76}/g) ?? []).join("\r\n");
}
