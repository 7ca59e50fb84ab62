// A Content-Type or Content-Disposition value (RFC 2045 §5.1, RFC 2183, RFC 2231), with what clients would read differently.

export interface ParameterizedValue {
  /** Lower case: `text/html`, `attachment`. Empty where the value has no such word. */
  readonly value: string;
  /** By lower-case name; RFC 2231 continuations joined and decoded. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

const parametersMax = 100; // real mail has 1–4; more is a flood (libraries.md 1.6, 9)
/** Parameters that decide what is shown: contradictions in these alone make a message ambiguous. */
const decisive = new Set(["charset", "boundary", "format", "delsp", "start", "type"]);

interface Piece {
  readonly name: string;
  readonly value: string;
  readonly bare: boolean;
}

/** `text` is an unfolded field value, octets as latin1 characters. Never throws. */
export function parseParameterized(text: string): ParameterizedValue {
  const problems: string[] = [];
  const stripped = stripComments(text);
  if (stripped === undefined) {
    return { value: "", parameters: new Map(), problems: ["has a comment or quote without end"] };
  }
  const pieces = splitOutsideQuotes(stripped, ";");
  const value = (pieces[0] ?? "").trim().toLowerCase();
  if (pieces.length > parametersMax) problems.push(`has more than ${parametersMax} parameters`);
  const found: Piece[] = [];
  for (const piece of pieces.slice(1, parametersMax + 1)) {
    if (piece.trim().length === 0) continue;
    const parsed = parsePiece(piece);
    if (parsed === undefined) problems.push(`has a parameter without value (${clip(piece)})`);
    else found.push(parsed);
  }
  return { value, parameters: join(found, problems), problems };
}

function parsePiece(piece: string): Piece | undefined {
  const equals = piece.indexOf("=");
  if (equals < 1) return undefined;
  const name = piece.slice(0, equals).trim().toLowerCase();
  const raw = piece.slice(equals + 1).trim();
  if (!raw.startsWith('"')) return { name, value: raw, bare: true };
  const end = raw.endsWith('"') && raw.length > 1 ? raw.length - 1 : raw.length;
  return { name, value: raw.slice(1, end).replace(/\\(.)/g, "$1"), bare: false };
}

function join(pieces: readonly Piece[], problems: string[]): Map<string, string> {
  const parameters = new Map<string, string>();
  const extended = new Map<string, { order: number; value: string; encoded: boolean }[]>();
  for (const piece of pieces) {
    const section = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(piece.name);
    if (section !== null) {
      const base = section[1] ?? "";
      const list = extended.get(base) ?? [];
      const order = section[2] === undefined ? 0 : Number(section[2]);
      const encoded = section[2] === undefined || section[3] !== undefined;
      list.push({ order, value: piece.value, encoded });
      extended.set(base, list);
      continue;
    }
    if (piece.bare && decisive.has(piece.name) && /[\s"<>@,()]/.test(piece.value)) {
      problems.push(`has an unquoted ${piece.name} with characters that end it in some clients`);
    }
    const before = parameters.get(piece.name);
    if (before === undefined) parameters.set(piece.name, piece.value);
    else if (before !== piece.value && decisive.has(piece.name)) {
      problems.push(`has two different ${piece.name} parameters`);
    }
  }
  for (const [name, sections] of extended) {
    const value = decodeExtended(sections);
    const plain = parameters.get(name);
    if (decisive.has(name)) {
      if (plain === undefined) problems.push(`has ${name} in a form that not all clients read`);
      else if (plain.toLowerCase() !== value.toLowerCase())
        problems.push(`has two different ${name} parameters`);
    }
    if (plain === undefined || !decisive.has(name)) parameters.set(name, value);
  }
  return parameters;
}

/** RFC 2231 §3, §4: sections in order; the first encoded one begins with charset'language'. */
function decodeExtended(
  sections: readonly { order: number; value: string; encoded: boolean }[],
): string {
  const sorted = sections.toSorted((a, b) => a.order - b.order);
  let charset = "";
  const bytes: Buffer[] = [];
  for (const [index, section] of sorted.entries()) {
    let value = section.value;
    if (!section.encoded) {
      bytes.push(Buffer.from(value, "latin1"));
      continue;
    }
    const head = index === 0 ? /^([^']*)'[^']*'/.exec(value) : null;
    if (head !== null) {
      charset = head[1] ?? "";
      value = value.slice(head[0].length);
    }
    const raw = value.replace(/%([0-9a-fA-F]{2})/g, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    bytes.push(Buffer.from(raw, "latin1"));
  }
  try {
    return new TextDecoder(charset === "" ? "utf-8" : charset).decode(Buffer.concat(bytes));
  } catch {
    return Buffer.concat(bytes).toString("latin1"); // an unknown charset of a file name changes nothing that is shown
  }
}

/** Removes RFC 5322 comments outside quoted strings; undefined where a quote or comment does not end. */
function stripComments(text: string): string | undefined {
  if (!text.includes("(") && !text.includes('"')) return text;
  let out = "";
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === "\\" && (quoted || depth > 0)) {
      if (depth === 0) out += text.slice(index, index + 2);
      index += 1;
    } else if (depth === 0 && character === '"') {
      quoted = !quoted;
      out += character;
    } else if (!quoted && character === "(") depth += 1;
    else if (!quoted && character === ")" && depth > 0) depth -= 1;
    else if (depth === 0) out += character;
  }
  return quoted || depth > 0 ? undefined : out;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator);
  const pieces: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === "\\" && quoted) index += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      pieces.push(text.slice(start, index));
      start = index + 1;
    }
  }
  pieces.push(text.slice(start));
  return pieces;
}

function clip(text: string): string {
  return text.trim().slice(0, 40);
}
