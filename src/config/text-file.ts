// Text files that an operator writes: UTF-8 and nothing else. A registered name read in another charset would match no mail.
import { readFileSync } from "node:fs";

import { bad, ok, type Parsed } from "../mail/parsed.ts";

export const saveAsUtf8 = "Save the file as UTF-8 (not Shift_JIS or UTF-16).";

/** Without a byte order mark. Bad where the octets are no UTF-8; throws where the file cannot be read. */
export function readTextFile(file: string): Parsed<string> {
  const octets = readFileSync(file);
  const text = decode(octets);
  return text === undefined ? bad(`is not UTF-8 (line ${lineOfFault(octets)})`) : ok(text);
}

function decode(octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    return undefined;
  }
}

/** No octet of a longer UTF-8 sequence is a line feed, so lines can be looked at one by one. */
function lineOfFault(octets: Buffer): number {
  let line = 1;
  let start = 0;
  for (;;) {
    const end = octets.indexOf(0x0a, start);
    if (end === -1 || decode(octets.subarray(start, end)) === undefined) return line;
    line += 1;
    start = end + 1;
  }
}
