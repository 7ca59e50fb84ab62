// The caps that hold before any parser sees a message: size of the header section, length of lines, stray CR, LF and NUL.
import { headerMaxOctets } from "../mail/header.ts";
import type { Reason } from "../policy/reasons.ts";

const headerLinesMax = 1000; // threats.md row 28
const lineOctetsMax = 998; // RFC 5322 §2.1.1, without its CRLF

export interface Unfit {
  readonly reason: Reason;
  readonly detail: string;
}

/** Looks at the header section only: at most 64 KB are read, however large the message is. */
export function prescanHeader(content: Buffer): Unfit | undefined {
  const head = content.subarray(0, headerMaxOctets + 4);
  const end = head.indexOf("\r\n\r\n");
  const startsEmpty = head[0] === 13 && head[1] === 10;
  if (end === -1 && !startsEmpty && content.length > headerMaxOctets) {
    return {
      reason: "too-complex",
      detail: `header section larger than ${headerMaxOctets} octets`,
    };
  }
  const section = end === -1 ? head.length : end;
  // Each line has two octets at least: in a short section they need not be counted.
  return section > headerLinesMax * 2 && countLines(head, section) > headerLinesMax
    ? { reason: "too-complex", detail: `more than ${headerLinesMax} header lines` }
    : undefined;
}

/** Those that begin before `end`. */
function countLines(head: Buffer, end: number): number {
  let lines = 0;
  for (let at = 0; at !== -1 && at < end; lines += 1) {
    const next = head.indexOf("\r\n", at);
    at = next === -1 ? -1 : next + 2;
  }
  return lines;
}

/** In time linear to the size: for a worker thread, or for one file on the command line. */
export function prescanLines(content: Buffer): Unfit | undefined {
  return isFit(content.toString("latin1")) ? undefined : findUnfit(content);
}

/** Nearly every message is: searching by the word takes a tenth of the time that a look at every octet does. */
function isFit(text: string): boolean {
  if (/\0|\r(?!\n)|(?<!\r)\n/.test(text)) return false;
  for (let start = 0; text.length - start > lineOctetsMax;) {
    // The last line end that this line may have: all lines before it are short enough.
    const end = text.lastIndexOf("\r\n", start + lineOctetsMax);
    if (end < start) return false;
    start = end + 2;
  }
  return true;
}

/** The first thing wrong, and in which line. */
function findUnfit(content: Buffer): Unfit | undefined {
  let lineStart = 0;
  let lineNumber = 1;
  for (let at = 0; at < content.length; at += 1) {
    const octet = content[at] ?? 0;
    if (octet > 13) continue; // most are: one comparison each
    if (octet === 0) return { reason: "line-ends", detail: `NUL in line ${lineNumber}` };
    if (octet === 10 && content[at - 1] !== 13) {
      return { reason: "line-ends", detail: `bare LF in line ${lineNumber}` };
    }
    if (octet === 13) {
      if (content[at + 1] !== 10) {
        return { reason: "line-ends", detail: `bare CR in line ${lineNumber}` };
      }
      if (at - lineStart > lineOctetsMax) return tooLong(lineNumber, at - lineStart);
      lineStart = at + 2;
      lineNumber += 1;
    }
  }
  const last = content.length - lineStart;
  return last > lineOctetsMax ? tooLong(lineNumber, last) : undefined;
}

function tooLong(lineNumber: number, octets: number): Unfit {
  return { reason: "line-too-long", detail: `line ${lineNumber} has ${octets} octets` };
}
