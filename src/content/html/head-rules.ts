// Tree construction before the body: html, head and body tags, and what belongs into the head (§13.2.6.4.2–6).
import { type Building, ensureBody } from "./building.ts";
import { createElement } from "./node.ts";
import { headTags, voidTags } from "./tag-sets.ts";

/** True where the tag was dealt with. */
export function startHead(
  building: Building,
  tag: string,
  attributes: Map<string, string>,
): boolean {
  const { open } = building;
  if (tag === "html" || tag === "body") {
    const element = tag === "html" ? building.root : building.body;
    if (element === undefined) ensureBody(building, attributes);
    else
      for (const [name, value] of attributes)
        if (!element.attributes.has(name)) element.attributes.set(name, value);
    return true;
  }
  if (tag === "head") {
    if (building.head === undefined && building.body === undefined) openHead(building, attributes);
    return true;
  }
  if (building.body !== undefined || !headTags.has(tag))
    return tag === "frame" || tag === "frameset";
  if (open.current() === building.root) openHead(building);
  building.insert(createElement(tag, attributes), voidTags.has(tag));
  return true;
}

function openHead(building: Building, attributes = new Map<string, string>()): void {
  if (building.head === undefined) {
    building.head = createElement("head", attributes);
    building.insert(building.head);
  } else building.open.push(building.head);
}
