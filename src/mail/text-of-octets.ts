// Whether octets are a text: what is one throughout was written by somebody, and is not there by chance.
import { isUtf8 } from "node:buffer";

/** Their text; undefined where they are no UTF-8, or hold control characters other than tabs and line ends. */
export function textOfOctets(octets: Buffer): string | undefined {
  if (!isUtf8(octets)) return undefined;
  const text = octets.toString("utf8");
  return /[^\P{Cc}\t\r\n]/u.test(text) ? undefined : text;
}
