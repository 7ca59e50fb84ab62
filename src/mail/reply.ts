// An SMTP reply as a value (RFC 5321 §4.2), with its enhanced status code (RFC 2034, RFC 3463).

export interface Reply {
  /** Three digits, 200–599. */
  readonly code: number;
  /** `5.7.1`; absent where the remote gave none. */
  readonly enhanced?: string;
  /** One line, without code and enhanced code. A remote's lines are joined by a space. */
  readonly text: string;
}

const textMaxCharacters = 512; // threats.md row 44: a remote's words are kept, but bounded

export function formatReply(reply: Reply): string {
  return reply.enhanced === undefined
    ? `${reply.code} ${reply.text}`
    : `${reply.code} ${reply.enhanced} ${reply.text}`;
}

const lineEnd = /\r\n|\r|\n/;
const codeForm = /^[2-5]\d\d(?:[ -]|$)/;
const enhancedForm = /^([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)/;

/**
 * Reads a remote's reply ("550-5.1.1 no\r\n550 5.1.1 such user"); undefined where it does not begin with a reply code.
 * Control and bidirectional characters become spaces and the text is cut to 512 characters.
 */
export function parseReply(raw: string): Reply | undefined {
  let code: number | undefined;
  let enhanced: string | undefined;
  let text = "";
  for (const line of raw.split(lineEnd)) {
    if (line.length === 0) continue;
    const hasCode = codeForm.test(line);
    if (code === undefined && !hasCode) return undefined;
    const rest = hasCode ? line.slice(4) : line;
    const match = enhancedForm.exec(rest);
    enhanced ??= match?.[1];
    const words = match === null ? rest : rest.slice(match[0].length);
    text = code === undefined ? words : `${text} ${words}`;
    code ??= Number(line.slice(0, 3));
  }
  if (code === undefined) return undefined;
  text = printable(text).trim();
  return enhanced === undefined ? { code, text } : { code, enhanced, text };
}

/** What could forge a log line, drive a terminal, or show what follows in another order. */
export const unprintable = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu;

/** Removes what is {@link unprintable}, and bounds the length. */
export function printable(text: string): string {
  const clean = isPlain.test(text) ? text : text.replace(unprintable, " ");
  return clean.slice(0, textMaxCharacters);
}

const isPlain = /^[\x20-\x7e]*$/; // what most are
