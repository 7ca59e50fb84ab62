// Walks a message's MIME structure (RFC 2045, 2046) within fixed limits, and says where two clients would read it differently.
import type { HeaderField } from "../mail/header.ts";
import { splitMessage } from "../mail/header.ts";
import { exceeds, limits } from "./limits.ts";
import { parseParameterized, type ParameterizedValue } from "./media-type.ts";
import { remember } from "../mail/remember.ts";
import type { Ambiguity } from "./view.ts";

export interface Entity {
  /** Part number as IMAP counts (RFC 3501 §6.4.5); empty for the message itself. */
  readonly path: string;
  readonly fields: readonly HeaderField[];
  /** Lower case, `text/plain` where none is given. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly hasType: boolean;
  /** `inline`, `attachment` or another word; empty where none is given. */
  readonly disposition: string;
  /** As written (encoded words not decoded); empty where none is given. */
  readonly fileName: string;
  /** Transfer encoding in lower case; empty where none is given. */
  readonly encoding: string;
  /** Still encoded. */
  readonly body: Buffer;
  readonly children: readonly Entity[];
}

/** Text outside every part: no client shows it. */
export interface Stray {
  readonly where: "preamble" | "epilogue";
  readonly text: string;
}

export interface Structure {
  readonly root: Entity;
  readonly ambiguities: readonly Ambiguity[];
  readonly strays: readonly Stray[];
}

const typePattern = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;
const strayMaxCharacters = 2000; // evidence only

interface Walk {
  parts: number;
  readonly ambiguities: Ambiguity[];
  readonly strays: Stray[];
}

/** `message` has CRLF line ends. Throws LimitExceeded beyond the limits. */
export function walkMessage(message: Buffer): Structure {
  const walk: Walk = { parts: 0, ambiguities: [], strays: [] };
  const root = readEntity(message, "", 0, "text/plain", walk);
  return { root, ambiguities: walk.ambiguities, strays: walk.strays };
}

/** How a part is named in findings: `1.2 text/html`, or the type alone for the message itself. */
export function partName(entity: Pick<Entity, "path" | "type">): string {
  return entity.path === "" ? entity.type : `${entity.path} ${entity.type}`;
}

function readEntity(
  bytes: Buffer,
  path: string,
  depth: number,
  defaultType: string,
  walk: Walk,
): Entity {
  if (depth > limits.depth) exceeds(`has parts nested deeper than ${limits.depth}`);
  walk.parts += 1;
  if (walk.parts > limits.parts) exceeds(`has more than ${limits.parts} parts`);
  const written = bytes.toString("latin1", 0, headLength(bytes));
  const head = path === "" ? readHead(written) : readKnownHead(written);
  const note = (problem: string): void => {
    walk.ambiguities.push({ part: path === "" ? "message" : `part ${path}`, problem });
  };
  for (const problem of head.problems) note(problem);
  const body = bytes.subarray(written.length);
  const children: Entity[] = [];
  const entity: Entity = { ...head, path, type: head.type ?? defaultType, body, children };
  if (entity.type.startsWith("multipart/"))
    for (const part of splitEntity(entity, note, walk)) {
      const number = String(children.length + 1);
      const defaultOfPart = entity.type === "multipart/digest" ? "message/rfc822" : "text/plain";
      children.push(readEntity(part, path === "" ? number : `${path}.${number}`, depth + 1, defaultOfPart, walk)); // prettier-ignore
    }
  return entity;
}

/** Octets up to the body. The limits of one header section are tested before anything is parsed. */
function headLength(bytes: Buffer): number {
  if (bytes[0] === 13 && bytes[1] === 10) return 2;
  const end = bytes.indexOf("\r\n\r\n");
  const length = end === -1 ? bytes.length : end;
  if (length > limits.headerBytes)
    exceeds(`has a header of more than ${limits.headerBytes} octets`);
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1 && at < length; at = bytes.indexOf(10, at + 1)) {
    lines += 1;
    if (lines > limits.headerLines)
      exceeds(`has a header of more than ${limits.headerLines} lines`);
  }
  return end === -1 ? bytes.length : end + 4;
}

/** What a header section says by itself. */
interface Head extends Pick<
  Entity,
  "fields" | "parameters" | "hasType" | "disposition" | "fileName" | "encoding"
> {
  /** undefined where none is given. */
  readonly type: string | undefined;
  readonly problems: readonly string[];
}

/** `written`: one character an octet, up to the body. */
function readHead(written: string): Head {
  const { fields, malformed } = splitMessage(Buffer.from(written, "latin1"));
  const problems: string[] = [];
  const note = (problem: string): void => void problems.push(problem);
  if (malformed.length > 0)
    note(`has a line in its header that is no header field (${clip(malformed[0] ?? "")})`);
  if (fields.some((field) => /\r\n[ \t]*\r\n/.test(field.raw)))
    note("has a header line of white space alone, which ends the header for some clients");
  const type = readType(fields, note);
  const disposition = readParameterized(fields, "content-disposition", note);
  const encoding = readParameterized(fields, "content-transfer-encoding", note)?.value ?? "";
  return {
    fields,
    ...type,
    disposition: disposition?.value ?? "",
    fileName: disposition?.parameters.get("filename") ?? type.parameters.get("name") ?? "",
    encoding,
    problems,
  };
}

/** Those of a campaign's parts are the same in each message. */
const readKnownHead = remember(readHead);

function readType(
  fields: readonly HeaderField[],
  note: (problem: string) => void,
): Pick<Head, "type" | "parameters" | "hasType"> {
  const parsed = readParameterized(fields, "content-type", note);
  if (parsed === undefined) return { type: undefined, parameters: new Map(), hasType: false };
  if (typePattern.test(parsed.value))
    return { type: parsed.value, parameters: parsed.parameters, hasType: true };
  note(`has a Content-Type that is none (${clip(parsed.value)})`);
  return { type: "text/plain", parameters: parsed.parameters, hasType: true };
}

/** The one field of that name; several that say different things are a problem, and the first counts. */
function readParameterized(
  fields: readonly HeaderField[],
  key: string,
  note: (problem: string) => void,
): ParameterizedValue | undefined {
  const found = fields.filter((field) => field.key === key);
  const first = found[0];
  if (first === undefined) return undefined;
  if (found.some((field) => field.value.toLowerCase() !== first.value.toLowerCase()))
    note(`has several ${first.name} fields that differ`);
  const parsed = parseKnown(first.value);
  for (const problem of parsed.problems) note(`has a ${first.name} that ${problem}`);
  return parsed;
}

const parseKnown = remember(parseParameterized);

/** The octets of its parts. */
function splitEntity(
  { encoding, parameters, body }: Entity,
  note: (problem: string) => void,
  walk: Walk,
): readonly Buffer[] {
  if (!/^(?:|7bit|8bit|binary)$/.test(encoding))
    note(`is a multipart with transfer encoding ${clip(encoding)}`);
  const boundary = (parameters.get("boundary") ?? "").trimEnd();
  if (boundary === "") {
    note("is a multipart without a boundary");
    return [];
  }
  const split = splitParts(body, boundary);
  for (const problem of split.problems) note(problem);
  addStray("preamble", split.preamble, walk);
  addStray("epilogue", split.epilogue, walk);
  return split.parts;
}

function addStray(where: Stray["where"], bytes: Buffer, walk: Walk): void {
  if (bytes.length === 0) return;
  const text = bytes.toString("utf8", 0, strayMaxCharacters).trim();
  if (text !== "") walk.strays.push({ where, text });
}

interface SplitParts {
  readonly parts: readonly Buffer[];
  readonly preamble: Buffer;
  readonly epilogue: Buffer;
  readonly problems: readonly string[];
}

/** RFC 2046 §5.1.1. The CRLF before a delimiter belongs to the delimiter. */
function splitParts(body: Buffer, boundary: string): SplitParts {
  const mark = Buffer.from(`--${boundary}`, "latin1");
  const parts: Buffer[] = [];
  const problems = new Set<string>();
  let preamble = body;
  let epilogue = body.subarray(body.length);
  let partStart = -1;
  let closed = false;
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) {
    if (at > 0 && body[at - 1] !== 10) continue;
    const lineEnd = body.indexOf("\r\n", at);
    const next = lineEnd === -1 ? body.length : lineEnd + 2;
    const kind = kindOfMark(body, at + mark.length, lineEnd === -1 ? next : lineEnd);
    if (kind === "other") {
      problems.add("has a line that only begins with its boundary, which some clients take for it");
      continue;
    }
    if (closed) {
      problems.add("has a boundary behind its closing boundary");
      continue;
    }
    if (partStart === -1) preamble = body.subarray(0, at);
    else parts.push(body.subarray(partStart, Math.max(partStart, at - 2)));
    if (parts.length > limits.parts) exceeds(`has more than ${limits.parts} parts`);
    partStart = next;
    if (kind === "close") {
      closed = true;
      epilogue = body.subarray(next);
    }
  }
  if (partStart === -1) problems.add("is a multipart whose boundary does not occur");
  else if (!closed) {
    parts.push(body.subarray(partStart));
    problems.add("is a multipart that is never closed");
  }
  return { parts, preamble, epilogue, problems: [...problems] };
}

/** What stands between a boundary and the end of its line says what it is: nothing but white space, or two dashes first. */
function kindOfMark(body: Buffer, behind: number, lineEnd: number): "open" | "close" | "other" {
  const closes = body[behind] === dash && body[behind + 1] === dash && behind + 2 <= lineEnd;
  for (let at = closes ? behind + 2 : behind; at < lineEnd; at += 1)
    if (body[at] !== 0x20 && body[at] !== 0x09) return "other";
  return closes ? "close" : "open";
}

const dash = 0x2d;

function clip(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 60);
}
