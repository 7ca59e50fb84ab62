// Which group of receivers a destination belongs to: known by its mail exchangers, not by the domain behind the @. Pure.
import { registrable } from "../../dns/registrable.ts";
import type { GroupShape } from "./shaping.ts";

/** Where a destination's mail goes: its exchangers, in their order, or the operator's own host, which is a group by itself. */
export type Way =
  | { readonly kind: "mx"; readonly hosts: readonly string[] }
  | { readonly kind: "smarthost"; readonly place: string };

/** The name of a listed group, or the exchanger's own registrable name: its hosts are one receiver, whichever comes first. */
export function groupOf(
  way: Way,
  shapes: readonly GroupShape[],
): { readonly name: string; readonly shape?: GroupShape } {
  if (way.kind === "smarthost") return { name: `smarthost ${way.place}` };
  const [first = ""] = way.hosts;
  const shape = shapes.find((candidate) => candidate.mx.some((name) => isUnder(first, name)));
  return shape === undefined ? { name: ownName(first) } : { name: shape.name, shape };
}

function isUnder(host: string, parent: string): boolean {
  return host === parent || host.endsWith(`.${parent}`);
}

function ownName(host: string): string {
  // An address stands for its network: /24, or /48.
  if (/^\d+(?:\.\d+){3}$/.test(host)) return host.split(".").slice(0, 3).join(".");
  if (host.includes(":")) return host.split(":").slice(0, 3).join(":");
  return registrable(host);
}
