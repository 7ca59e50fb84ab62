// What makes two messages the same template: their text in pieces, with what differs between recipients left out. Pure.
import { createHash } from "node:crypto";

import type { Block, MessageView } from "../content/view.ts";

const piecesMax = 200; // of one message; the first ones
const hostsMax = 50;
const textMaxCharacters = 4000;
const hashDigits = 16;

export interface CampaignSketch {
  readonly sketch: readonly string[];
  /** Hosts that links lead to. Of more than 50 the last ones stand together as one name, which changes with each of them. */
  readonly hosts: readonly string[];
  readonly subject: string;
  /** What a recipient would read, for whoever approves it. */
  readonly text: string;
}

export function sketchCampaign(view: MessageView): CampaignSketch {
  const blocks = view.alternatives.flatMap((alternative) => alternative.blocks);
  const pieces = [view.header.subject, ...blocks.map((block) => block.text)]
    .map(withoutPerson)
    .filter((piece) => piece !== "");
  const shown = view.alternatives[0]?.blocks ?? [];
  return {
    sketch: [...new Set(pieces)].slice(0, piecesMax).map(hash),
    hosts: atMost(hostsMax, [...new Set(blocks.flatMap(hostsOf))].toSorted()),
    subject: view.header.subject,
    text: shown
      .map((block) => block.text)
      .join("\n\n")
      .slice(0, textMaxCharacters),
  };
}

/** Numbers, addresses, URLs' tails and the name in a salutation are one person's; what is left is the template's. */
function withoutPerson(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/https?:\/\/([^\s/?#]+)\S*/giu, (_all, host: string) => `url:${host.toLowerCase()}`)
    .replace(/\S+@\S+/gu, "@")
    .replace(
      /[^\s、。,.]{1,20}[ \u3000]?[^\s、。,.]{0,20}[ \u3000]?(?:様|さま|さん|殿|御中)/gu,
      "様",
    )
    .replace(/\b(?:dear|hello|hi)[ ,]+\p{L}+(?: \p{L}+)?/giu, "dear")
    .replace(/\p{Nd}+/gu, "#")
    .replace(/\s+/gu, " ")
    .trim()
    .toLowerCase();
}

function atMost(most: number, names: readonly string[]): readonly string[] {
  if (names.length <= most) return names;
  const others = names.slice(most - 1);
  return [...names.slice(0, most - 1), `${others.length} others, ${hash(others.join(" "))}`];
}

function hostsOf(block: Block): readonly string[] {
  return block.runs.flatMap(({ link }) => {
    const target = link?.target ?? "";
    if (!/^https?:/i.test(target) || !URL.canParse(target)) return [];
    return [new URL(target).hostname];
  });
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, hashDigits);
}
