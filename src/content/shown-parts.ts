// Which parts of a message a mail client shows, and together with which others: one list of parts for each kind of reader.
import type { Entity } from "./mime.ts";

/** Leaf parts that one reader sees one below the other. */
export type Showing = readonly Entity[];

export interface ShownParts {
  readonly showings: readonly Showing[];
  readonly attachments: readonly Entity[];
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

export function findShownParts(root: Entity): ShownParts {
  const attachments: Entity[] = [];
  const showings = showingsOf(root, attachments).filter((showing) => showing.length > 0);
  return { showings, attachments };
}

function showingsOf(entity: Entity, attachments: Entity[]): readonly Showing[] {
  switch (entity.type) {
    case "multipart/alternative":
      return entity.children.flatMap((child) => showingsOf(child, attachments));
    case "multipart/related":
      return showingsOfFirst(entity, rootOfRelated(entity), attachments);
    case "multipart/signed":
      return showingsOfFirst(entity, entity.children[0], attachments);
    default:
      if (entity.type.startsWith("multipart/")) return showingsOfMixed(entity, attachments);
      if (isBody(entity)) return [[entity]];
      attachments.push(entity);
      return [];
  }
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
  attachments: Entity[],
): readonly Showing[] {
  if (first === undefined) return [];
  const showings = showingsOf(first, attachments);
  attachments.push(...entity.children.filter((child) => child !== first));
  return showings;
}

/** The parts one below the other; where several offer alternatives, each reader gets the ones of his kind. */
function showingsOfMixed(entity: Entity, attachments: Entity[]): readonly Showing[] {
  let showings: readonly Showing[] = [];
  for (const child of entity.children) {
    if (showings.length > 0 && child.fileName !== "" && isBody(child)) {
      attachments.push(child); // an inline file behind the body: listed by most clients, shown by few
      continue;
    }
    const added = showingsOf(child, attachments).filter((showing) => showing.length > 0);
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
