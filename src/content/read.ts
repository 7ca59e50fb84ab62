// Reads a message as its recipient would see it: MIME, charsets, then each alternative's visible text. Pure, never throws.
import { decodeCharset } from "./charset.ts";
import { decodeHeader } from "./encoded-word.ts";
import { viewHeader } from "./header-view.ts";
import { withAmpSheet } from "./html/amp-sheet.ts";
import { viewAnew, viewHtml } from "./html/html-view.ts";
import { exceeds, LimitExceeded, limits } from "./limits.ts";
import { type Entity, partName, type Stray, walkMessage } from "./mime.ts";
import { viewPlain } from "./plain-view.ts";
import { findShownParts, isWordless, kindOf, kindOfShowing, type Showing } from "./shown-parts.ts";
import { createRecurring } from "./recurring.ts";
import type { Screen } from "./style/media.ts";
import { decodeTransfer } from "./transfer.ts";
import { withoutTurned } from "./turned-text.ts";
import type { Alternative, Ambiguity, Attachment, Block, Hidden, Image, Reading } from "./view.ts";

/** What one text part shows, before it is joined with others. */
type PartView = Omit<Alternative, "part" | "kind">;

/**
 * `content` is a whole message. `lineEnds`: `crlf` where somebody has seen already that each CR and LF belongs to a pair.
 * `screen`: what is read of a message for any but a desktop client is kept nowhere, and costs as much each time.
 * Synchronous: fit for a worker thread.
 */
export function readMessage(
  content: Buffer,
  lineEnds: "crlf" | "any" = "any",
  screen: Screen = "desktop",
): Reading {
  try {
    const ambiguities: Ambiguity[] = [];
    const message = lineEnds === "crlf" ? content : normalizeLines(content, ambiguities);
    return read(message, ambiguities, screen);
  } catch (error) {
    if (error instanceof LimitExceeded) return { kind: "too-complex", problem: error.message };
    throw error;
  }
}

/** `message` has CRLF line ends. */
function read(message: Buffer, ambiguities: Ambiguity[], screen: Screen): Reading {
  const structure = walkMessage(message);
  ambiguities.push(...structure.ambiguities);
  const header = viewHeader(structure.root.fields);
  ambiguities.push(...header.ambiguities);
  const { showings, attachments, offered } = findShownParts(structure.root);
  const seen = new Map<Entity, PartView>();
  const budget = { bytes: limits.textBytes };
  const viewOf = (entity: Entity): PartView => {
    const known = seen.get(entity);
    if (known !== undefined) return known;
    const view = isWordless(entity) ? noWords : viewPart(entity, ambiguities, budget, screen);
    seen.set(entity, view);
    return view;
  };
  const named = nameShowings(showings);
  const alternatives = showings.map((showing, index) =>
    joinParts(showing, named[index] ?? "", showing.map(viewOf)),
  );
  return {
    kind: "read",
    view: {
      header: header.header,
      alternatives: addStrays(alternatives, structure.strays),
      attachments: attachments.map((entity) => describeAttachment(entity, offered.has(entity))),
      ambiguities: dedupe(ambiguities),
    },
  };
}

const cr = 13;

/** A bare CR ends a line for some clients and not for others; a bare LF is what files on disk have. */
function normalizeLines(content: Buffer, ambiguities: Ambiguity[]): Buffer {
  const text = content.toString("latin1");
  if (!/\r(?!\n)|(?<!\r)\n/.test(text)) return content;
  let returns = 0;
  for (let at = text.indexOf("\r"); at !== -1; at = text.indexOf("\r", at + 1)) returns += 1;
  let lineEnds = 0;
  let pairs = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    lineEnds += 1;
    if (content[at - 1] === cr) pairs += 1;
  }
  if (returns > pairs)
    ambiguities.push({ part: "message", problem: "has a carriage return that ends no line" });
  if (lineEnds === pairs) return content;
  return Buffer.from(text.replace(/(?<!\r)\n/g, "\r\n"), "latin1");
}

const noWords: PartView = { charset: "us-ascii", blocks: [], hidden: [], images: [] };

/** What one thread keeps of parts, by their octets; a view takes about ten times as much. */
const knownParts = createRecurring<Buffer, PartReading>(
  {
    sizeOf: (body) => body.length,
    slice: (body, start, end) => body.toString("latin1", start, end),
    isSame: (one, two) => one.equals(two),
    copy: (body) => Buffer.from(body),
  },
  { sizeMax: 100_000, allMax: 400_000 },
);

function viewPart(
  entity: Entity,
  ambiguities: Ambiguity[],
  budget: { bytes: number },
  screen: Screen,
): PartView {
  const { parameters, body, encoding } = entity;
  const reading = JSON.stringify([
    entity.type,
    encoding,
    parameters.get("charset"),
    parameters.get("format"),
    parameters.get("delsp"),
  ]);
  const { view, octets, problems } =
    screen === "desktop"
      ? knownParts.read(reading, body, (own) => readPart({ ...entity, body: own }, budget, screen))
      : readPart(entity, budget, screen);
  budget.bytes -= octets;
  if (budget.bytes < 0) exceeds(`has more than ${limits.textBytes} octets of text`);
  for (const problem of problems) ambiguities.push({ part: partName(entity), ...problem });
  return view;
}

/** Octets of HTML, decoded: Gmail shows a longer one to here, and the rest behind "View entire message". */
const shownByGmail = 102 * 1024;

/** A tool that forgot to say that it writes HTML: readers would see its tags. */
const htmlDocument =
  /^\ufeff?\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,20})?<(?:!doctype html|html[\s>])/i;

/** Text with commands in angle brackets (RFC 1896). */
const enriched = new Set(["text/enriched", "text/richtext"]);

interface PartReading {
  readonly view: PartView;
  /** Decoded. */
  readonly octets: number;
  readonly problems: readonly Problem[];
}

type Problem = Omit<Ambiguity, "part">;

/** Of its `type`, `encoding`, `parameters` and octets alone, but for a `budget` that is overdrawn. */
function readPart(entity: Entity, budget: { readonly bytes: number }, screen: Screen): PartReading {
  const problems: Problem[] = [];
  const transferred = decodeTransfer(entity.body, entity.encoding);
  note(problems, transferred);
  const octets = transferred.bytes.length;
  if (octets > budget.bytes) exceeds(`has more than ${limits.textBytes} octets of text`);
  countLines(transferred.bytes);
  const decoded = decodeCharset(transferred.bytes, entity.parameters.get("charset"));
  note(problems, decoded);
  if (decoded.text.includes("\u0000"))
    problems.push({ problem: "has a NUL character in its text" });
  const { charset, text } = decoded;
  if (kindOf(entity) === "html") {
    const isAmp = entity.type === "text/x-amp-html";
    const html = isAmp ? withAmpSheet(text) : text;
    const view = screen === "desktop" ? viewHtml(html) : viewAnew(html, screen);
    countLinks(view.blocks);
    const cut = octets > shownByGmail ? ({ isCut: true } as const) : {};
    return { view: hideTurned({ charset, ...view, ...cut }), octets, problems };
  }
  if (htmlDocument.test(text))
    problems.push({
      problem: `is labelled ${entity.type} but holds an HTML document`,
      mislabelled: { what: "type", label: entity.type, really: "text/html" },
    });
  const flowed = entity.parameters.get("format")?.toLowerCase() === "flowed";
  const deleteSpace = flowed && entity.parameters.get("delsp")?.toLowerCase() === "yes";
  const words = enriched.has(entity.type) ? text.replace(/<[^<>]{0,60}>/g, "") : text;
  const blocks = viewPlain(words, { flowed, deleteSpace });
  countLinks(blocks);
  const view = hideTurned({ charset, blocks, hidden: [], images: [] });
  return { view, octets, problems };
}

function hideTurned(view: PartView): PartView {
  const unturned = withoutTurned(view.blocks);
  if (unturned === undefined) return view;
  return { ...view, blocks: unturned.blocks, hidden: [...view.hidden, ...unturned.hidden] };
}

function note(problems: Problem[], { problem, mislabelled }: Partial<Problem>): void {
  if (problem === undefined) return;
  problems.push(mislabelled === undefined ? { problem } : { problem, mislabelled });
}

function countLinks(blocks: readonly Block[]): void {
  let links = 0;
  for (const { runs } of blocks) for (const run of runs) if (run.link !== undefined) links += 1;
  if (links > limits.links) exceeds(`has more than ${limits.links} links`);
}

function countLines(bytes: Buffer): void {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
    lines += 1;
    if (lines > limits.textLines) exceeds(`has a text of more than ${limits.textLines} lines`);
  }
}

/** The type alone where one alternative has it, else with the part's number: `1.2 text/html`. */
function nameShowings(showings: readonly Showing[]): readonly string[] {
  const leads = showings.map((showing) => {
    const kind = kindOfShowing(showing);
    return showing.find((entity) => kindOf(entity) === kind) ?? showing[0];
  });
  return leads.map((lead) => {
    if (lead === undefined) return "";
    const same = leads.filter((other) => other?.type === lead.type).length;
    return same > 1 ? partName(lead) : lead.type;
  });
}

function joinParts(showing: Showing, part: string, views: readonly PartView[]): Alternative {
  const [only, ...others] = views;
  if (only !== undefined && others.length === 0)
    return { part, kind: kindOfShowing(showing), ...only };
  const blocks: Block[] = [];
  const hidden: Hidden[] = [];
  const images: Image[] = [];
  for (const view of views) {
    const offset = blocks.length;
    blocks.push(...view.blocks);
    for (const item of view.hidden)
      hidden.push({ ...item, beforeBlock: item.beforeBlock + offset });
    for (const item of view.images)
      images.push({ ...item, beforeBlock: item.beforeBlock + offset });
  }
  const charset = views[0]?.charset ?? "us-ascii";
  const cut = views.some((view) => view.isCut === true) ? ({ isCut: true } as const) : {};
  return { part, kind: kindOfShowing(showing), charset, blocks, hidden, images, ...cut };
}

/** Text before the first or behind the last boundary: shown by no client, kept as evidence. */
function addStrays(
  alternatives: readonly Alternative[],
  strays: readonly Stray[],
): readonly Alternative[] {
  if (strays.length === 0) return alternatives;
  return alternatives.map((alternative) => ({
    ...alternative,
    hidden: [
      ...alternative.hidden,
      ...strays.map((stray) => ({
        text: stray.text,
        why: `in the ${stray.where}, outside every part`,
        beforeBlock: stray.where === "preamble" ? 0 : alternative.blocks.length,
      })),
    ],
  }));
}

function describeAttachment(entity: Entity, isOffered: boolean): Attachment {
  const bytes =
    entity.encoding === "base64" ? Math.floor((entity.body.length * 3) / 4) : entity.body.length;
  const fileName = decodeHeader(entity.fileName).text;
  const attachment = { part: partName(entity), type: entity.type, fileName, bytes };
  return isOffered ? { ...attachment, offered: true } : attachment;
}

function dedupe(ambiguities: readonly Ambiguity[]): readonly Ambiguity[] {
  if (ambiguities.length === 0) return ambiguities;
  const seen = new Set<string>();
  return ambiguities.filter(({ part, problem }) => {
    const key = `${part}\n${problem}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
