// Reads a domain's SPF record with all that it includes, and counts what receivers count (RFC 7208 §4.6.4).
import type { Resolver } from "./resolver.ts";

/** Words of one term that is wrong, or the domain whose record is. */
export type SpfFlaw =
  | { readonly kind: "syntax"; readonly term: string }
  | { readonly kind: "include"; readonly domain: string; readonly why: string };

export type SpfReading =
  | { readonly kind: "none" }
  | { readonly kind: "several"; readonly records: readonly string[] }
  | { readonly kind: "unavailable"; readonly problem: string }
  | {
      readonly kind: "record";
      readonly record: string;
      /** Terms that ask DNS, over all includes and redirects: at most 10 are allowed. */
      readonly lookups: number;
      /** Of those, names without any record: at most 2 are allowed. */
      readonly voids: number;
      readonly flaws: readonly SpfFlaw[];
      /** The qualifier of `all`, of the record itself or of what it redirects to; undefined: it has no end. */
      readonly all: "+" | "-" | "~" | "?" | undefined;
      readonly usesPtr: boolean;
      /** A name server did not answer for part of it: counts may be too low. */
      readonly incomplete: boolean;
    };

export const spfLookupsMax = 10;
export const spfVoidsMax = 2;
const walkMax = 30; // records read for one domain; a record that needs more is broken long before
const termPattern =
  /^([+\-~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?::([^/\s]+(?:\/(?!\/?\d+(?:\/\/\d+)?$)[^/\s]*)*))?((?:\/\d{1,3})?(?:\/\/\d{1,3})?)$/i;

/** The record at `name` alone. */
export async function findSpf(
  name: string,
  resolver: Pick<Resolver, "txt">,
): Promise<
  { readonly kind: "one"; readonly record: string } | Exclude<SpfReading, { kind: "record" }>
> {
  const answer = await resolver.txt(name);
  if (answer.kind === "unavailable") return answer;
  const records = (answer.kind === "records" ? answer.records : []).filter((text) =>
    /^v=spf1(?: |$)/i.test(text),
  );
  const [record, ...others] = records;
  if (record === undefined) return { kind: "none" };
  return others.length > 0 ? { kind: "several", records } : { kind: "one", record };
}

interface Walk {
  readonly resolver: Resolver;
  readonly flaws: SpfFlaw[];
  lookups: number;
  voids: number;
  walked: number;
  usesPtr: boolean;
  incomplete: boolean;
}

export async function readSpf(domain: string, resolver: Resolver): Promise<SpfReading> {
  const found = await findSpf(domain, resolver);
  if (found.kind !== "one") return found;
  const walk: Walk = {
    resolver,
    flaws: [],
    lookups: 0,
    voids: 0,
    walked: 0,
    usesPtr: false,
    incomplete: false,
  };
  const all = await walkRecord(found.record, domain, walk, [domain]);
  const { lookups, voids, flaws, usesPtr, incomplete } = walk;
  return { kind: "record", record: found.record, lookups, voids, flaws, all, usesPtr, incomplete };
}

type Qualifier = "+" | "-" | "~" | "?";

async function walkRecord(
  record: string,
  domain: string,
  walk: Walk,
  path: readonly string[],
): Promise<Qualifier | undefined> {
  let all: Qualifier | undefined;
  let redirect: string | undefined;
  for (const term of record.split(/ +/).slice(1)) {
    if (term === "") continue;
    const modifier = /^([a-z][a-z0-9._-]*)=(.*)$/i.exec(term);
    if (modifier !== null) {
      if (modifier[1]?.toLowerCase() === "redirect") redirect = modifier[2];
      continue;
    }
    const parsed = termPattern.exec(term);
    const name = parsed?.[2]?.toLowerCase();
    if (parsed === null || name === undefined || !isComplete(name, parsed[3])) {
      walk.flaws.push({ kind: "syntax", term });
      continue;
    }
    if (all !== undefined) continue; // What stands behind `all` is never read (RFC 7208 §5.1).
    if (name === "all") all = qualifierOf(parsed[1]);
    else await walkMechanism(name, parsed[3] ?? domain, walk, path);
  }
  if (all !== undefined || redirect === undefined) return all;
  return follow(redirect, walk, path);
}

function isComplete(name: string, target: string | undefined): boolean {
  switch (name) {
    case "all":
      return target === undefined;
    case "ip4":
      return target !== undefined && /^\d{1,3}(?:\.\d{1,3}){3}$/.test(target);
    case "ip6":
      return target !== undefined && /^[0-9a-f:.]+$/i.test(target);
    case "include":
    case "exists":
      return target !== undefined;
    default:
      return true;
  }
}

function qualifierOf(text: string | undefined): Qualifier {
  return text === "-" || text === "~" || text === "?" ? text : "+";
}

async function walkMechanism(
  name: string,
  target: string,
  walk: Walk,
  path: readonly string[],
): Promise<void> {
  if (name === "ip4" || name === "ip6") return;
  if (name === "include") {
    await follow(target, walk, path);
    return;
  }
  walk.lookups += 1;
  if (name === "ptr") walk.usesPtr = true;
  // What a macro stands for is known for a message only; a PTR look-up asks for the client's name, not for this one.
  if (name === "ptr" || target.includes("%") || walk.walked >= walkMax) return;
  walk.walked += 1;
  const { resolver } = walk;
  const answers =
    name === "mx"
      ? [await resolver.mx(target)]
      : name === "exists"
        ? [await resolver.a(target)]
        : await Promise.all([resolver.a(target), resolver.aaaa(target)]);
  if (answers.some((answer) => answer.kind === "unavailable")) walk.incomplete = true;
  else if (answers.every((answer) => answer.kind !== "records")) walk.voids += 1;
}

/** include and redirect: the other record is read as part of this one. */
async function follow(
  target: string,
  walk: Walk,
  path: readonly string[],
): Promise<Qualifier | undefined> {
  walk.lookups += 1;
  const name = target.toLowerCase();
  if (target.includes("%") || walk.walked >= walkMax) return undefined;
  if (path.includes(name)) {
    walk.flaws.push({ kind: "include", domain: name, why: "includes itself" });
    return undefined;
  }
  walk.walked += 1;
  const found = await findSpf(name, walk.resolver);
  switch (found.kind) {
    case "one":
      return walkRecord(found.record, name, walk, [...path, name]);
    case "unavailable":
      walk.incomplete = true;
      return undefined;
    case "none":
      walk.voids += (await walk.resolver.txt(name)).kind === "records" ? 0 : 1;
      walk.flaws.push({ kind: "include", domain: name, why: "has no SPF record" });
      return undefined;
    case "several":
      walk.flaws.push({ kind: "include", domain: name, why: "has several SPF records" });
      return undefined;
  }
}
