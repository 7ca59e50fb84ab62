// Finds the DMARC policy of a domain: by the tree walk of RFC 9989 §4.10, and as RFC 7489 did by a list of public suffixes.
import { getDomain } from "tldts";

import type { Domain } from "../mail/domain.ts";
import type { Resolver } from "./resolver.ts";
import { parseTags } from "./tags.ts";

export type DmarcPolicy = "none" | "quarantine" | "reject";

export interface DmarcRecord {
  /** Where it stands, without `_dmarc.`. */
  readonly at: string;
  readonly text: string;
  /** What asks for the domain looked up: `sp` or `np` of a record above it where given. */
  readonly policy: DmarcPolicy;
  readonly strictDkim: boolean;
  readonly strictSpf: boolean;
  readonly reportTo: readonly string[];
  /** Tags that RFC 9989 removed. */
  readonly obsolete: readonly string[];
}

export type DmarcReading =
  | { readonly kind: "policy"; readonly record: DmarcRecord }
  | { readonly kind: "none" }
  | { readonly kind: "several"; readonly at: string; readonly records: readonly string[] }
  | { readonly kind: "invalid"; readonly at: string; readonly text: string }
  | { readonly kind: "unavailable"; readonly problem: string };

export interface DmarcDiscovery {
  /** RFC 9989: what receivers do from 2026 on. */
  readonly walk: DmarcReading;
  /** RFC 7489: what those do that have not changed yet. */
  readonly list: DmarcReading;
  /** The organizational domain by each method: relaxed alignment compares it. */
  readonly organizations: { readonly walk: string; readonly list: string };
}

const queriesMax = 8; // RFC 9989 §4.10: longer names go straight to seven labels
const policies = ["none", "quarantine", "reject"] as const;
const obsoleteTags = ["pct", "rf", "ri"] as const;

/** No answer of a name server on the way makes the readings `unavailable`, not `none`. */
export async function discoverDmarc(
  domain: string,
  resolver: Pick<Resolver, "txt">,
): Promise<DmarcDiscovery> {
  const found = new Map<string, Found>();
  for (const name of namesOf(domain)) {
    const here = await recordAt(name, resolver);
    found.set(name, here);
    if (here.kind === "one" && psdOf(here.text) !== "u") break;
  }
  const byWalk = walkOrganization(domain, found);
  const byList = getDomain(domain, { allowPrivateDomains: true }) ?? domain;
  if (!found.has(byList)) found.set(byList, await recordAt(byList, resolver));
  const above = [...found.keys()].filter((name) => name !== domain);
  return {
    organizations: { walk: byWalk, list: byList },
    walk: readingOf(domain, found, [
      domain,
      byWalk,
      ...above.filter((name) => hasPsd(found, name)),
    ]),
    list: readingOf(domain, found, [domain, byList]),
  };
}

/** Relaxed: same organization; strict: same name (RFC 9989 §4.4). */
export function isAligned(from: Domain, other: Domain, organization: string): boolean {
  return other === from || other === organization || other.endsWith(`.${organization}`);
}

type Found =
  | { readonly kind: "one"; readonly text: string }
  | Exclude<DmarcReading, { kind: "policy" | "invalid" }>;

/** The domain itself, then shorter and shorter; of one with many labels the last seven come next. */
function namesOf(domain: string): readonly string[] {
  const labels = domain.split(".");
  const names = [domain];
  const first = labels.length >= queriesMax ? labels.length - (queriesMax - 1) : 1;
  for (let start = first; start < labels.length; start += 1)
    names.push(labels.slice(start).join("."));
  return names;
}

async function recordAt(name: string, resolver: Pick<Resolver, "txt">): Promise<Found> {
  const answer = await resolver.txt(`_dmarc.${name}`);
  if (answer.kind === "unavailable") return answer;
  const records = (answer.kind === "records" ? answer.records : []).filter((text) =>
    /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/i.test(text),
  );
  const [text, ...others] = records;
  if (text === undefined) return { kind: "none" };
  return others.length > 0 ? { kind: "several", at: name, records } : { kind: "one", text };
}

function psdOf(text: string): string {
  return parseTags(text)?.get("psd")?.toLowerCase() ?? "u";
}

function hasPsd(found: ReadonlyMap<string, Found>, name: string): boolean {
  const here = found.get(name);
  return here?.kind === "one" && psdOf(here.text) === "y";
}

/** RFC 9989 §4.10.2. */
function walkOrganization(domain: string, found: ReadonlyMap<string, Found>): string {
  let organization = domain;
  for (const [name, here] of found) {
    if (here.kind !== "one") continue;
    const psd = psdOf(here.text);
    if (psd === "n") return name;
    if (psd === "y" && name !== domain)
      return domain
        .split(".")
        .slice(-(name.split(".").length + 1))
        .join(".");
    organization = name;
  }
  return organization;
}

/** The first of `names` that has anything decides. */
function readingOf(
  domain: string,
  found: ReadonlyMap<string, Found>,
  names: readonly string[],
): DmarcReading {
  for (const name of names) {
    const here = found.get(name);
    if (here === undefined || here.kind === "none") continue;
    return here.kind === "one" ? readRecord(domain, name, here.text) : here;
  }
  return { kind: "none" };
}

function readRecord(domain: string, at: string, text: string): DmarcReading {
  const tags = parseTags(text);
  if (tags === undefined) return { kind: "invalid", at, text };
  const reportTo = (tags.get("rua") ?? "")
    .split(",")
    .map((uri) => uri.trim())
    .filter((uri) => /^[a-z][a-z0-9+.-]*:\S+$/i.test(uri));
  const own = policyOf(tags.get("p"));
  const below = policyOf(tags.get("sp"));
  const bad = own === undefined || (tags.has("sp") && below === undefined);
  // RFC 9989 §4.10.1: a record with a faulty policy counts as p=none where it asks for reports, else as nothing.
  if (bad && reportTo.length === 0) return { kind: "invalid", at, text };
  const policy = bad ? "none" : at === domain ? own : (below ?? own);
  return {
    kind: "policy",
    record: {
      at,
      text,
      policy,
      strictDkim: tags.get("adkim")?.toLowerCase() === "s",
      strictSpf: tags.get("aspf")?.toLowerCase() === "s",
      reportTo,
      obsolete: obsoleteTags.filter((tag) => tags.has(tag)),
    },
  };
}

function policyOf(text: string | undefined): DmarcPolicy | undefined {
  return policies.find((policy) => policy === text?.toLowerCase());
}
