// Which parts of a message a mail client shows, and together with which others: one list of parts for each kind of reader.
import type { Entity } from "./mime.ts";

/** Leaf parts that one reader sees one below the other. */
export type Showing = readonly Entity[];

export interface ShownParts {
  readonly showings: readonly Showing[];
  readonly attachments: readonly Entity[];
  /** Of the attachments, those that some client may show in place of the text. */
  readonly offered: ReadonlySet<Entity>;
}

/** Types of text that some client renders as a body. AMP and watch parts have few readers, but those see nothing else. */
const bodyTypes: ReadonlyMap<string, "plain" | "html"> = new Map([
  ["text/plain", "plain"],
  ["text/html", "html"],
  ["text/x-amp-html", "html"],
  ["text/watch-html", "html"],
  ["application/xhtml+xml", "html"],
] as const satisfies readonly (readonly [string, "plain" | "html"])[]);

export function kindOf(entity: Entity): "plain" | "html" | undefined {
  return bodyTypes.get(entity.type);
}

/** A part that stands for text, though what it shows holds no words that can be read here. */
export function isWordless(entity: Entity): boolean {
  return kindOf(entity) === undefined && !entity.type.startsWith("text/");
}

interface Finding {
  readonly attachments: Entity[];
  readonly offered: Set<Entity>;
}

export function findShownParts(root: Entity): ShownParts {
  const found: Finding = { attachments: [], offered: new Set() };
  const showings = showingsOf(root, found).filter((showing) => showing.length > 0);
  return { showings, ...found };
}

function showingsOf(entity: Entity, found: Finding): readonly Showing[] {
  switch (entity.type) {
    case "multipart/alternative":
      return showingsOfAlternative(entity, found);
    case "multipart/related":
      return showingsOfFirst(entity, rootOfRelated(entity), found);
    case "multipart/signed":
      return showingsOfFirst(entity, entity.children[0], found);
    default:
      if (entity.type.startsWith("multipart/")) return showingsOfMixed(entity, found);
      if (isBody(entity)) return [[entity]];
      found.attachments.push(entity);
      return [];
  }
}

/**
 * Each reader sees the last that his client can show (RFC 2046 §5.1.4): behind the last body that every client knows, other
 * types take the text's place for some.
 */
function showingsOfAlternative(entity: Entity, found: Finding): readonly Showing[] {
  const showings: Showing[] = [];
  let late: Entity[] = [];
  for (const child of entity.children) {
    const own = showingsOf(child, found).filter((showing) => showing.length > 0);
    showings.push(...own);
    if (own.length === 0) late.push(...leavesOf(child));
    else late = [];
  }
  if (showings.length === 0) return showings;
  for (const leaf of late) {
    if (leaf.disposition !== "" && leaf.disposition !== "inline") continue;
    const isForHtml = leaf.fields.some((field) => field.key === "content-id"); // meant for multipart/related
    if (replacing.test(leaf.type) && !isForHtml) showings.push([leaf]);
    else if (replacing.test(leaf.type) || /^(?:audio|video)\//.test(leaf.type))
      found.offered.add(leaf);
  }
  return showings;
}

/** What a client that can show it shows as the message: text of any kind, but not what is data (RFC 2046 §4.1.4). */
const replacing =
  /^(?:image\/|application\/pdf$|text\/(?!(?:calendar|x-vcalendar|vcard|x-vcard|directory|rfc822-headers)$))/;

function leavesOf(entity: Entity): readonly Entity[] {
  return entity.type.startsWith("multipart/") ? entity.children.flatMap(leavesOf) : [entity];
}

/** RFC 2387 §3.2: the start parameter names the root, else the first part is it. */
function rootOfRelated(entity: Entity): Entity | undefined {
  const start = entity.parameters.get("start");
  const named = entity.children.find(
    (child) =>
      start !== undefined &&
      child.fields.some((field) => field.key === "content-id" && field.value === start),
  );
  return named ?? entity.children[0];
}

function showingsOfFirst(
  entity: Entity,
  first: Entity | undefined,
  found: Finding,
): readonly Showing[] {
  if (first === undefined) return [];
  const showings = showingsOf(first, found);
  found.attachments.push(...entity.children.filter((child) => child !== first));
  return showings;
}

/** The parts one below the other; where several offer alternatives, each reader gets the ones of his kind. */
function showingsOfMixed(entity: Entity, found: Finding): readonly Showing[] {
  let showings: readonly Showing[] = [];
  for (const child of entity.children) {
    if (showings.length > 0 && child.fileName !== "" && isBody(child)) {
      found.attachments.push(child); // an inline file behind the body: listed by most clients, shown by few
      continue;
    }
    const added = showingsOf(child, found).filter((showing) => showing.length > 0);
    showings = combine(showings, added);
  }
  return showings;
}

function combine(before: readonly Showing[], added: readonly Showing[]): readonly Showing[] {
  if (before.length === 0) return added;
  const [only] = added;
  if (only === undefined) return before;
  if (added.length === 1) return before.map((showing) => [...showing, ...only]);
  const [single] = before;
  if (before.length === 1 && single !== undefined)
    return added.map((showing) => [...single, ...showing]);
  return before.map((showing) => {
    const kind = kindOfShowing(showing);
    const match = added.findLast((candidate) => kindOfShowing(candidate) === kind) ?? added.at(-1);
    return [...showing, ...(match ?? [])];
  });
}

export function kindOfShowing(showing: Showing): "plain" | "html" {
  return showing.some((entity) => kindOf(entity) === "html") ? "html" : "plain";
}

/** RFC 2183 §2.8: a disposition that a client does not know is an attachment. */
function isBody(entity: Entity): boolean {
  return (
    kindOf(entity) !== undefined && (entity.disposition === "" || entity.disposition === "inline")
  );
}
