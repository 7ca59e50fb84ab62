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

/**
 * Reads a remote's reply ("550-5.1.1 no\r\n550 5.1.1 such user"); undefined where it does not begin with a reply code.
 * Control characters become spaces and the text is cut to 512 characters.
 */
export function parseReply(raw: string): Reply | undefined {
  const lines = raw.split(/\r\n|\r|\n/).filter((line) => line.length > 0);
  const code = /^([2-5]\d\d)(?:[ -]|$)/.exec(lines[0] ?? "")?.[1];
  if (code === undefined) return undefined;
  let enhanced: string | undefined;
  const texts = lines.map((line) => {
    const rest = line.replace(/^[2-5]\d\d(?:[ -]|$)/, "");
    const match = /^([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)/.exec(rest);
    enhanced ??= match?.[1];
    return match === null ? rest : rest.slice(match[0].length);
  });
  const text = printable(texts.join(" ")).trim();
  return enhanced === undefined
    ? { code: Number(code), text }
    : { code: Number(code), enhanced, text };
}

/** Removes what could forge a log line or drive a terminal, and bounds the length. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").slice(0, textMaxCharacters);
}
