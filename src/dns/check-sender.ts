// What one domain of a sender needs to be accepted: SPF, DKIM, DMARC, alignment, a name that answers.
import type { KeyInfo } from "../dkim/key.ts";
import { checkPublished } from "../dkim/publish.ts";
import type { Domain } from "../mail/domain.ts";
import { isWithin } from "../mail/domain.ts";
import { flaw, good, unanswered, type DnsFinding } from "./finding.ts";
import type { Resolver } from "./resolver.ts";
import { readSpf, spfLookupsMax, spfVoidsMax, type SpfReading } from "./spf.ts";
import { spfVerdict } from "./spf-verdict.ts";
import { parseTags } from "./tags.ts";

export interface SpfFacts {
  readonly domain: Domain;
  /** Public addresses that mail leaves from. */
  readonly addresses: readonly string[];
  readonly helo: string;
  /** The record that would be right, for people to paste. */
  readonly expected: string;
}

export async function checkSpf(
  facts: SpfFacts,
  resolver: Resolver,
): Promise<readonly DnsFinding[]> {
  const { domain, expected } = facts;
  const reading = await readSpf(domain, resolver);
  switch (reading.kind) {
    case "none":
      return [flaw("spf-missing", domain, "no SPF record", expected)];
    case "several":
      return [flaw("spf-several", domain, reading.records.join(" | "), "one record")];
    case "unavailable":
      return [unanswered("spf", domain, reading.problem)];
    case "record": {
      const flaws = lintSpf(domain, reading, expected);
      const fatal = flaws.some(({ outcome }) => outcome === "fail");
      const sources = fatal ? [] : await checkSources(facts, reading.record, resolver);
      const all = [...flaws, ...sources];
      return all.length > 0 ? all : [good("spf", domain, reading.record)];
    }
  }
}

function lintSpf(
  domain: Domain,
  reading: Extract<SpfReading, { kind: "record" }>,
  expected: string,
): readonly DnsFinding[] {
  const { record, lookups, voids, all } = reading;
  const found: DnsFinding[] = reading.flaws.map((each) =>
    each.kind === "syntax"
      ? flaw("spf-syntax", domain, `${each.term} in ${record}`, expected)
      : flaw("spf-include", domain, `${each.domain} ${each.why}`, "a domain with an SPF record"),
  );
  if (lookups > spfLookupsMax)
    found.push(
      flaw("spf-lookups", domain, `${lookups} look-ups: ${record}`, `${spfLookupsMax} at most`),
    );
  if (voids > spfVoidsMax)
    found.push(
      flaw("spf-void", domain, `${voids} empty look-ups: ${record}`, `${spfVoidsMax} at most`),
    );
  if (all === "+") found.push(flaw("spf-pass-all", domain, record, "~all or -all at the end"));
  if (all === undefined || all === "?")
    found.push(flaw("spf-no-end", domain, record, "~all or -all at the end"));
  if (reading.usesPtr) found.push(flaw("spf-ptr", domain, record, "ip4: and ip6: terms"));
  if (reading.incomplete) found.push(unanswered("spf", domain, "for a part of the SPF record"));
  return found;
}

async function checkSources(
  facts: SpfFacts,
  record: string,
  resolver: Resolver,
): Promise<readonly DnsFinding[]> {
  const { domain, helo } = facts;
  const found: DnsFinding[] = [];
  for (const address of facts.addresses) {
    const verdict = await spfVerdict({ domain, address, helo }, resolver);
    if (verdict === "temperror") found.push(unanswered("spf", domain, `SPF for ${address}`));
    else if (verdict !== "pass")
      found.push(
        flaw("spf-source", domain, `${verdict} for ${address}: ${record}`, facts.expected),
      );
  }
  return found;
}

export interface DkimFacts {
  readonly domain: Domain;
  /** Every key in the store. */
  readonly keys: readonly KeyInfo[];
  /** Domains of the same sender: the key of one above signs for those below it. */
  readonly siblings: readonly Domain[];
  readonly requirePublished: boolean;
}

/** The domain whose keys sign for `domain`, as dkim/keyring.ts chooses; undefined: none has a key that is not retired. */
export function signingDomain(facts: DkimFacts): Domain | undefined {
  return facts.keys
    .filter((key) => key.algorithm === "rsa" && key.state !== "retired")
    .map((key) => key.domain)
    .filter(
      (each) =>
        each === facts.domain || (isWithin(facts.domain, each) && facts.siblings.includes(each)),
    )
    .toSorted((one, other) => other.length - one.length)[0];
}

export async function checkDkim(
  facts: DkimFacts,
  resolver: Resolver,
): Promise<readonly DnsFinding[]> {
  const { domain } = facts;
  const signer = signingDomain(facts);
  if (signer === undefined) return [flaw("dkim-no-key", domain, "no RSA key", "an active RSA key")];
  const own = facts.keys.filter((key) => key.domain === signer && key.state !== "retired");
  const signs = (key: KeyInfo): boolean =>
    key.state === "active" || (!facts.requirePublished && key.state !== "retiring");
  const found: DnsFinding[] = [];
  if (!own.some((key) => key.algorithm === "rsa" && signs(key))) {
    const waiting = own.find((key) => key.algorithm === "rsa");
    const states = own.map((key) => `${key.selector} ${key.state}`).join(", ");
    found.push(flaw("dkim-not-active", domain, states, describeRecord(waiting)));
  }
  for (const key of own) found.push(await checkKey(key, signs(key), resolver));
  return found;
}

async function checkKey(key: KeyInfo, signs: boolean, resolver: Resolver): Promise<DnsFinding> {
  const { name } = key.record;
  const expected = describeRecord(key);
  const answer = await resolver.txt(name);
  const seen = await checkPublished(key, resolver);
  if (answer.kind === "unavailable" || seen.kind === "unknown")
    return unanswered("dkim", name, answer.kind === "unavailable" ? answer.problem : "no answer");
  if (seen.kind === "published") {
    const text = answer.kind === "records" ? (answer.records[0] ?? "") : "";
    return parseTags(text)?.get("t")?.split(":").includes("y") === true
      ? flaw("dkim-testing", name, text, expected)
      : good("dkim", name, `${key.algorithm} ${key.bits}, ${key.state}`);
  }
  if (!signs)
    return flaw(
      key.state === "retiring" ? "dkim-retiring" : "dkim-pending",
      name,
      seen.problem,
      expected,
    );
  const several = answer.kind === "records" && answer.records.length > 1;
  return flaw(
    several ? "dkim-several" : seen.kind === "missing" ? "dkim-missing" : "dkim-different",
    name,
    seen.problem,
    expected,
  );
}

function describeRecord(key: KeyInfo | undefined): string {
  return key === undefined ? "an active RSA key" : `${key.record.name} TXT ${key.record.value}`;
}
