// The DMARC policy of one domain, by the new method and the old, and whether our signature and return path align with it.
import type { Domain } from "../mail/domain.ts";
import { parseDomain } from "../mail/domain.ts";
import { discoverDmarc, isAligned, type DmarcReading, type DmarcRecord } from "./dmarc.ts";
import { flaw, good, unanswered, type DnsFinding } from "./finding.ts";
import type { Resolver } from "./resolver.ts";

export interface DmarcFacts {
  readonly domain: Domain;
  /** `d=` of our signatures; undefined: nothing signs. */
  readonly signer: Domain | undefined;
  /** Domain of MAIL FROM. */
  readonly returnPath: Domain;
  readonly expected: string;
}

export async function checkDmarc(
  facts: DmarcFacts,
  resolver: Resolver,
): Promise<readonly DnsFinding[]> {
  const { domain, expected } = facts;
  const { walk, list, organizations } = await discoverDmarc(domain, resolver);
  switch (walk.kind) {
    case "unavailable":
      return [unanswered("dmarc", domain, walk.problem)];
    case "none":
      return [
        flaw("dmarc-missing", domain, "no DMARC record", expected),
        ...(list.kind === "policy" ? [differ(domain, walk, list)] : []),
      ];
    case "several":
      return [flaw("dmarc-several", domain, walk.records.join(" | "), "one record")];
    case "invalid":
      return [flaw("dmarc-invalid", domain, `${walk.at}: ${walk.text}`, expected)];
    case "policy": {
      const record = walk.record;
      const found = [
        ...lint(domain, record, expected),
        ...(isSame(walk, list) ? [] : [differ(domain, walk, list)]),
        ...(await checkReportAddresses(record, resolver)),
      ];
      return [
        ...(found.some(({ problem }) => problem !== undefined)
          ? found
          : [good("dmarc", domain, `${record.at}: ${record.text}`)]),
        ...align(facts, record, organizations.walk),
      ];
    }
  }
}

function lint(domain: Domain, record: DmarcRecord, expected: string): readonly DnsFinding[] {
  const seen = `${record.at}: ${record.text}`;
  const found: DnsFinding[] = [];
  if (record.policy === "none")
    found.push(flaw("dmarc-none", domain, seen, "p=quarantine, then p=reject"));
  if (record.reportTo.length === 0) found.push(flaw("dmarc-no-reports", domain, seen, expected));
  if (record.obsolete.length > 0)
    found.push(flaw("dmarc-obsolete", domain, seen, `no ${record.obsolete.join(", ")}`));
  return found;
}

function isSame(walk: DmarcReading, list: DmarcReading): boolean {
  return (
    walk.kind === "policy" &&
    list.kind === "policy" &&
    walk.record.at === list.record.at &&
    walk.record.policy === list.record.policy
  );
}

function differ(domain: Domain, walk: DmarcReading, list: DmarcReading): DnsFinding {
  const say = (reading: DmarcReading): string =>
    reading.kind === "policy" ? `${reading.record.policy} from ${reading.record.at}` : reading.kind;
  return flaw(
    "dmarc-methods",
    domain,
    `RFC 9989: ${say(walk)}; RFC 7489: ${say(list)}`,
    `the same by both, from _dmarc.${domain}`,
  );
}

/** RFC 9990 §4: whoever gets reports about another organization's domain must have agreed to in DNS. */
async function checkReportAddresses(
  record: DmarcRecord,
  resolver: Resolver,
): Promise<readonly DnsFinding[]> {
  const found: DnsFinding[] = [];
  const targets = new Set(
    record.reportTo.flatMap((uri) => /^mailto:[^@]+@([^!?]+)/i.exec(uri)?.[1]?.toLowerCase() ?? []),
  );
  for (const target of [...targets].slice(0, reportAddressesMax)) {
    const parsed = parseDomain(target);
    if (parsed.kind === "bad") continue;
    const organization = (await discoverDmarc(record.at, resolver)).organizations;
    if (parsed.value === record.at || parsed.value.endsWith(`.${organization.list}`)) continue;
    if (parsed.value === organization.list) continue;
    const name = `${record.at}._report._dmarc.${parsed.value}`;
    const answer = await resolver.txt(name);
    const agreed =
      answer.kind === "unavailable" ||
      (answer.kind === "records" && answer.records.some((text) => /^v\s*=\s*DMARC1/i.test(text)));
    if (!agreed)
      found.push(
        flaw("dmarc-report-address", record.at, `no record at ${name}`, `${name} TXT v=DMARC1;`),
      );
  }
  return found;
}

const reportAddressesMax = 5; // receivers read two or three

function align(
  facts: DmarcFacts,
  record: DmarcRecord,
  organization: string,
): readonly DnsFinding[] {
  const { domain, signer, returnPath } = facts;
  const found: DnsFinding[] = [];
  if (signer !== undefined && signer !== domain) {
    if (record.strictDkim)
      found.push(flaw("dkim-strict", domain, `d=${signer} with adkim=s`, `d=${domain}`));
    else if (!isAligned(domain, signer, organization))
      found.push(flaw("dkim-unaligned", domain, `d=${signer}`, `d=${domain}`));
  }
  const spfAligned = record.strictSpf
    ? returnPath === domain
    : isAligned(domain, returnPath, organization);
  if (!spfAligned)
    found.push(
      flaw("spf-unaligned", domain, `MAIL FROM is of ${returnPath}`, `a host below ${domain}`),
    );
  if (found.length > 0 || signer === undefined) return found;
  return [good("alignment", domain, `d=${signer}, MAIL FROM of ${returnPath}`)];
}
