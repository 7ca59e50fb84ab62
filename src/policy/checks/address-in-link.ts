// Addresses that a piece of a link carries, in whatever spelling, apart from the reader's own.
import { textOfOctets } from "../../mail/text-of-octets.ts";
import { hasKnownSuffix } from "./host.ts";

const address =
  /[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![a-z0-9-])/g;
const encodedMax = 1000; // characters of a piece that may be an encoded address
const encodedMin = 8; // shorter ones hold no address
const timesEncodedMax = 3; // links are wrapped by tools that count clicks
/**
 * Characters. A random token is octets too, and four in a million of 62 octets have something like `^@f.plp` in them: in a
 * campaign to a million people as many were refused. So long and under a domain that exists, 4 · 10^9 octets had none.
 */
const amongOctetsMin = 12;
/** Claims of a JSON Web Token that name who made it and for which service (RFC 7519 §4.1), not whom it is about. */
const parties = /"(?:iss|aud|azp)"\s*:\s*"[^"]*"/g;
const neighbours = 80; // characters looked at before and behind an address
const at = 0x40;
const none: readonly string[] = [];

/**
 * Lower case; in open text, percent-encoded, in base64 or in hexadecimal. `own` is the address of the one who may be named,
 * in lower case; undefined: nobody may.
 */
export function strangersIn(piece: string, own: string | undefined): readonly string[] {
  const { spellings, octets } = spellingsOf(piece);
  const open = spellings.at(-1) ?? piece;
  const found =
    octets === undefined || spellings.some((one) => one.includes("@"))
      ? apartFrom(own, spellings)
      : strangersAmong(octets, own);
  if (open.length > encodedMax || open.length < encodedMin) return found;
  const hidden = open.split(".").flatMap((part) => {
    const inside = encodedIn(part);
    return inside === undefined ? none : strangersAmong(inside, own);
  });
  return hidden.length === 0 ? found : [...found, ...hidden];
}

/** As written, then decoded for as long as that changes anything; `octets`: what it comes to at last is no text. */
function spellingsOf(text: string): {
  readonly spellings: readonly string[];
  readonly octets?: Buffer;
} {
  const spellings = [text];
  for (let last = text; last.includes("%") && spellings.length <= timesEncodedMax;) {
    const octets = percentDecoded(last);
    const decoded = textOfOctets(octets);
    if (decoded === undefined) return { spellings, octets };
    if (decoded === last) break;
    spellings.push(decoded);
    last = decoded;
  }
  return { spellings };
}

/** One spelling that names the reader is the one that is meant; else the plainest. */
function apartFrom(own: string | undefined, spellings: readonly string[]): readonly string[] {
  if (!spellings.some((one) => one.includes("@"))) return none; // most are so
  const [plainest = "", ...others] = spellings.map((one) => one.toLowerCase()).toReversed();
  if (own === undefined) return addressesOf(plainest);
  for (const spelling of [plainest, ...others]) {
    // A form writes + for a space; a tool that encodes nothing writes it for itself.
    for (const text of new Set([spelling, spelling.replaceAll("+", " ")])) {
      const rest = without(own, text);
      if (rest !== undefined) return addressesOf(rest);
    }
  }
  return addressesOf(plainest);
}

/** What may stand before an address that is not part of it: no character of most mailboxes, or a number and a mark. */
const before = /(?:^|[^a-z0-9._+'-]|(?:^|[^a-z0-9._+'-])\d+[-._+])$/;
/** What goes on as a domain does. */
const goesOn = /^(?:[a-z0-9]|-[a-z0-9-]*\.[a-z]|\.[a-z])/;

/** undefined: it does not name that person. */
function without(own: string, text: string): string | undefined {
  let rest = "";
  let end = 0;
  for (let start = text.indexOf(own); start !== -1; start = text.indexOf(own, start + 1)) {
    const behind = start + own.length;
    const isWhole =
      before.test(text.slice(Math.max(0, start - neighbours), start)) &&
      !goesOn.test(text.slice(behind, behind + neighbours));
    if (start < end || !isWhole) continue;
    rest += `${text.slice(end, start)} `;
    end = behind;
  }
  return end === 0 ? undefined : rest + text.slice(end);
}

/** Of what was encoded: text, or a frame of octets with a text in it. */
function strangersAmong(octets: Buffer, own: string | undefined): readonly string[] {
  if (!octets.includes(at) && !octets.includes("%40")) return none;
  const text = textOfOctets(octets);
  if (text !== undefined) return apartFrom(own, spellingsOf(text.replace(parties, " ")).spellings);
  const written = octets.toString("latin1").toLowerCase();
  // What stands around an address in a frame of octets may look like a part of it.
  if (own !== undefined && written.includes(own)) return none;
  return addressesOf(written).filter(
    (one) => one.length >= amongOctetsMin && hasKnownSuffix(one.slice(one.lastIndexOf("@") + 1)),
  );
}

function addressesOf(text: string): readonly string[] {
  return Array.from(text.matchAll(address), ([found]) => found);
}

/** What hexadecimal or base64 stands for; undefined for what is neither. */
function encodedIn(text: string): Buffer | undefined {
  if (text.length < encodedMin) return undefined;
  if (/^(?:[0-9a-f]{2}){6,}$/i.test(text)) return Buffer.from(text, "hex");
  return /^[\w+/-]{8,}={0,2}$/.test(text) ? Buffer.from(text, "base64") : undefined;
}

/** A stray % stands for itself. */
function percentDecoded(text: string): Buffer {
  const octets = Buffer.from(text).toString("latin1");
  const decoded = octets.replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return Buffer.from(decoded, "latin1");
}
