// text/plain as its reader sees it: paragraphs between blank lines, addresses as links (RFC 3676 for format=flowed).
import { exceeds, limits } from "./limits.ts";
import { findLinks } from "./link-scan.ts";
import type { Block, Run } from "./view.ts";

export interface PlainOptions {
  /** format=flowed (RFC 3676). */
  readonly flowed: boolean;
  /** delsp=yes: the space that marks a soft line end is no part of the text. */
  readonly deleteSpace: boolean;
}

const plainSizePx = 16; // the default of every browser and mail client of note
const plainContrast = 21;

export function viewPlain(text: string, options: PlainOptions): readonly Block[] {
  const lines = splitLines(text);
  const shown = options.flowed ? unflow(lines, options.deleteSpace) : lines;
  const blocks: Block[] = [];
  let open: string[] = [];
  let blank = 0;
  const close = (): void => {
    if (open.length === 0) return;
    const joined = open.join("\n");
    blocks.push({ text: joined, runs: toRuns(joined), blankLinesBefore: blank });
    open = [];
    blank = 0;
  };
  for (const line of shown) {
    const trimmed = line.trimEnd();
    if (trimmed.trimStart() !== "") open.push(trimmed);
    else {
      close();
      blank += 1;
    }
  }
  close();
  return blocks;
}

function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/, limits.textLines + 1);
  if (lines.length > limits.textLines) exceeds(`has a text of more than ${limits.textLines} lines`);
  return lines;
}

/** RFC 3676 §4.2: a line that ends in a space goes on in the next one of the same quote depth. */
function unflow(lines: readonly string[], deleteSpace: boolean): string[] {
  const out: string[] = [];
  let openDepth = -1;
  for (const line of lines) {
    const depth = /^>*/.exec(line)?.[0].length ?? 0;
    const stuffed = line.slice(depth);
    const content = stuffed.startsWith(" ") ? stuffed.slice(1) : stuffed;
    const isSignature = content === "-- ";
    const soft = content.endsWith(" ") && !isSignature;
    const kept = soft && deleteSpace ? content.slice(0, -1) : content;
    const shown = depth > 0 ? `${">".repeat(depth)} ${kept}` : kept;
    if (openDepth === depth && !isSignature) out.push((out.pop() ?? "") + kept);
    else out.push(shown);
    openDepth = soft ? depth : -1;
  }
  return out;
}

function toRuns(text: string): readonly Run[] {
  const look = { fontSizePx: plainSizePx, contrast: plainContrast };
  const runs: Run[] = [];
  let last = 0;
  for (const { start, end, link } of findLinks(text)) {
    if (start > last) runs.push({ text: text.slice(last, start), ...look });
    runs.push({ text: text.slice(start, end), link, ...look });
    last = end;
  }
  if (last < text.length) runs.push({ text: text.slice(last), ...look });
  return runs;
}
