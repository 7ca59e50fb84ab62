// Puts the recipient's own opt-out link where a template says {{sekisho.unsubscribe_url}}, and changes no other octet.
import { LimitExceeded } from "./limits.ts";
import { walkMessage, type Entity } from "./mime.ts";
import { kindOf } from "./shown-parts.ts";
import { decodeTransfer } from "./transfer.ts";

const placesMax = 100; // in one part; a template has one or two, and each makes the message longer

/** What may stand for each brace: itself, percent-encoded (href attributes), or as a character reference (editors). */
const open = String.raw`(?:\{|%7B|&#0*123;|&#x0*7B;|&lbrace;|&lcub;)`;
const close = String.raw`(?:\}|%7D|&#0*125;|&#x0*7D;|&rbrace;|&rcub;)`;
const space = String.raw`(?:[ \t]|%20|&nbsp;){0,3}`;
const name = String.raw`sekisho(?:\.|%2E|&#46;|&period;)unsubscribe(?:_|%5F|&#95;|&lowbar;)url`;
/** Editors that want an address in a link write http:// before the placeholder: the whole is the link. */
const placeholder = new RegExp(
  `(?:https?(?::|%3A)(?:/|%2F){2})?${open}{2}${space}${name}${space}${close}{2}`,
  "gi",
);

/** Links that need no escaping in text, in HTML, or in a URL. */
const plainLink = /^https?:\/\/[A-Za-z0-9.:/_~[\]-]{1,400}$/;

/** Whether a link can be put in everywhere as it is; {@link fillOptOutLink} throws RangeError for others. */
export function isPlainLink(link: string): boolean {
  return plainLink.test(link);
}

/**
 * The message with `link` in place of the placeholder in its text and HTML parts; the same Buffer where there is none.
 * Of a part in 7bit or 8bit only the placeholder changes; of one in quoted-printable too, and new line breaks are soft;
 * one in base64 is encoded anew, in lines of its own length. Header, boundaries and every other part stay octet for
 * octet. A signed part (RFC 1847) is left alone: its signature would break. `message` has CRLF line ends. One that is
 * too complex to be walked is returned as it is: nobody judges or sends such a message.
 */
export function fillOptOutLink(message: Buffer, link: string): Buffer {
  if (!isPlainLink(link))
    throw new RangeError("the opt-out link has characters that need escaping");
  const pieces: Buffer[] = [];
  let copied = 0;
  for (const entity of textParts(message)) {
    const body = fillBody(entity, link);
    if (body === undefined) continue;
    const start = entity.body.byteOffset - message.byteOffset;
    pieces.push(message.subarray(copied, start), body);
    copied = start + entity.body.length;
  }
  return pieces.length === 0 ? message : Buffer.concat([...pieces, message.subarray(copied)]);
}

/** In the order in which they stand in the message. */
function textParts(message: Buffer): readonly Entity[] {
  const found: Entity[] = [];
  const visit = (entity: Entity): void => {
    if (entity.type === "multipart/signed") return;
    if (entity.children.length === 0 && kindOf(entity) !== undefined) found.push(entity);
    for (const child of entity.children) visit(child);
  };
  try {
    visit(walkMessage(message).root);
  } catch (error) {
    if (error instanceof LimitExceeded) return [];
    throw error;
  }
  return found;
}

/** undefined where nothing is to be filled in. How an unknown encoding is read is not known: it is left to the judge. */
function fillBody({ body, encoding }: Entity, link: string): Buffer | undefined {
  switch (encoding) {
    case "":
    case "7bit":
    case "8bit":
    case "binary":
      return fillPlain(body, link);
    case "base64":
      return fillBase64(body, link);
    case "quoted-printable":
      return fillQuotedPrintable(body, link);
    default:
      return undefined;
  }
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function findPlaces(text: string): readonly Place[] {
  const places: Place[] = [];
  for (const match of text.matchAll(placeholder)) {
    if (places.length === placesMax) break;
    places.push({ start: match.index, end: match.index + match[0].length });
  }
  return places;
}

function fillPlain(body: Buffer, link: string): Buffer | undefined {
  const text = body.toString("latin1"); // one character an octet: the placeholder is ASCII in every charset of mail
  const places = findPlaces(text);
  if (places.length === 0) return undefined;
  let out = "";
  let copied = 0;
  for (const { start, end } of places) {
    out += text.slice(copied, start) + link;
    copied = end;
  }
  return Buffer.from(out + text.slice(copied), "latin1");
}

const base64LineMax = 76; // RFC 2045 §6.8

function fillBase64(body: Buffer, link: string): Buffer | undefined {
  const { bytes, problem } = decodeTransfer(body, "base64");
  const filled = problem === undefined ? fillPlain(bytes, link) : undefined;
  if (filled === undefined) return undefined;
  const source = body.toString("latin1");
  const lineLength = /\S+/.exec(source)?.[0].length ?? 0;
  const fits = lineLength >= 4 && lineLength <= base64LineMax && lineLength % 4 === 0;
  const lines = new RegExp(`.{1,${fits ? lineLength : base64LineMax}}`, "g");
  const encoded = (filled.toString("base64").match(lines) ?? []).join("\r\n");
  return Buffer.from(encoded + (/[\s]*$/.exec(source)?.[0] ?? ""), "latin1");
}

const quotedLineMax = 76; // RFC 2045 §6.7 rule 5, the `=` of a soft break included

/** Octets of the placeholder may be encoded, and soft line breaks may stand inside it. */
function fillQuotedPrintable(body: Buffer, link: string): Buffer | undefined {
  const source = body.toString("latin1");
  const { text, starts, ends } = readQuoted(source);
  const places = findPlaces(text);
  if (places.length === 0) return undefined;
  let out = "";
  let copied = 0;
  for (const place of places) {
    out += source.slice(copied, starts[place.start]);
    copied = ends[place.end - 1] ?? source.length;
    const lineEnd = source.indexOf("\r\n", copied);
    const behind = (lineEnd === -1 ? source.length : lineEnd) - copied;
    const lineStart = out.lastIndexOf("\r\n");
    out += breakLink(link, out.length - (lineStart === -1 ? 0 : lineStart + 2), behind);
  }
  return Buffer.from(out + source.slice(copied), "latin1");
}

/** `before` and `behind`: characters that share the link's line. Soft breaks only where it would become too long. */
function breakLink(link: string, before: number, behind: number): string {
  if (before + link.length + behind <= quotedLineMax) return link;
  const lines = link.match(new RegExp(`.{1,${quotedLineMax - 1}}`, "g")) ?? [];
  const last = lines.at(-1)?.length ?? 0;
  const head = before === 0 ? "" : "=\r\n";
  const tail = behind === 0 || last + behind <= quotedLineMax ? "" : "=\r\n";
  return head + lines.join("=\r\n") + tail;
}

/** The decoded octets as characters, and where in `source` each one starts and ends. */
function readQuoted(source: string): {
  readonly text: string;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
} {
  const starts = new Uint32Array(source.length);
  const ends = new Uint32Array(source.length);
  let text = "";
  for (const match of source.matchAll(/=([0-9A-Fa-f]{2})|=[ \t]*\r\n|[^]/g)) {
    if (match[0].endsWith("\r\n")) continue;
    const [, hex] = match;
    starts[text.length] = match.index;
    ends[text.length] = match.index + match[0].length;
    text += hex === undefined ? match[0] : String.fromCharCode(Number.parseInt(hex, 16));
  }
  return { text, starts, ends };
}
