// Splits what a peer sends into whole SMTP replies, within bounds (RFC 5321 §4.2).
import { decodeText } from "../feedback/decode-text.ts";
import { parseReply, printable, type Reply } from "../mail/reply.ts";

export interface WholeReply {
  readonly reply: Reply;
  /** The text behind each line's code. */
  readonly lines: readonly string[];
}

export interface ReplyReader {
  /** Takes octets in; gives the problem where no SMTP server may say that. */
  readonly feed: (chunk: Buffer) => string | undefined;
  readonly shift: () => WholeReply | undefined;
  readonly first: () => WholeReply | undefined;
  /** Nothing waits, not even the beginning of a reply. */
  readonly isEmpty: () => boolean;
}

const lineMaxOctets = 2048; // RFC 5321 §4.5.3.1.5 says 512; some receivers' explanations are longer
const replyMaxOctets = 65_536; // a reply of a megabyte is an attack (threats.md row 44)
const repliesMax = 8; // more than we ever have commands under way

export function createReplyReader(): ReplyReader {
  const replies: WholeReply[] = [];
  let rest = "";
  let current: string[] = [];
  let currentOctets = 0;

  const takeLine = (line: string): string | undefined => {
    currentOctets += line.length;
    if (line.length > lineMaxOctets) return tooLong;
    const first = current[0] ?? line;
    if (!lineForm.test(line) || !line.startsWith(first.slice(0, 3)))
      return `no SMTP reply: ${printable(line)}`;
    current.push(line);
    if (line.charAt(3) === "-") return undefined;
    const reply = parseReply(toText(current.join("\r\n")));
    if (reply !== undefined) replies.push({ reply, lines: current.map((text) => text.slice(4)) });
    current = [];
    currentOctets = 0;
    return undefined;
  };

  return {
    feed: (chunk) => {
      const text = rest + chunk.toString("latin1");
      let start = 0;
      for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
        const problem = takeLine(text.slice(start, text.charAt(end - 1) === "\r" ? end - 1 : end));
        start = end + 1;
        if (problem !== undefined) return problem;
      }
      rest = text.slice(start);
      return rest.length > lineMaxOctets ||
        currentOctets > replyMaxOctets ||
        replies.length > repliesMax
        ? tooLong
        : undefined;
    },
    shift: () => replies.shift(),
    first: () => replies[0],
    isEmpty: () => replies.length === 0 && current.length === 0 && rest.length === 0,
  };
}

const tooLong = "a reply longer than any reply may be";
const lineForm = /^[2-5]\d\d(?:[ -]|$)/;

/**
 * What came one character an octet: UTF-8, or what some servers in Japan write, where it then reads as Japanese. A single
 * such character is a letter of another language.
 */
function toText(octets: string): string {
  if (!/[\x80-\xff]/.test(octets) && !octets.includes("\u001b$")) return octets;
  const bytes = Buffer.from(octets, "latin1");
  const guess = decodeText(bytes, undefined);
  return /[\u3041-\u30ff\u4e00-\u9fff]{2}/.test(guess) ? guess : bytes.toString();
}
