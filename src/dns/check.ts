// The check-up: everything that receivers look up about the gateway and its senders, as one list of findings.
import type { KeyInfo, KeyStore } from "../dkim/key.ts";
import type { Domain } from "../mail/domain.ts";
import { checkDmarc } from "./check-dmarc.ts";
import { checkFrom, checkReturnPath, checkSoa } from "./check-from.ts";
import { checkGateway } from "./check-gateway.ts";
import { checkMailTls, checkParked } from "./check-own.ts";
import { checkDkim, checkSpf, signingDomain, type SpfFacts } from "./check-sender.ts";
import type { DnsFinding } from "./finding.ts";
import { dmarcLadder, spfRecord } from "./records.ts";
import type { Resolver } from "./resolver.ts";

export interface DnsSender {
  readonly id: string;
  readonly domains: readonly Domain[];
  /** Domains of the sender's that send no mail. */
  readonly parkedDomains: readonly Domain[];
}

export interface CheckParts {
  readonly resolver: Resolver;
  readonly keys: Pick<KeyStore, "list">;
  readonly senders: readonly DnsSender[];
  /** EHLO name. */
  readonly hostname: string;
  /** Public addresses that mail leaves from; empty: not known. */
  readonly addresses: readonly string[];
  readonly requirePublished: boolean;
  readonly clock: () => Date;
  /** Domain of MAIL FROM for a sender's mail; absent: the From domain itself. */
  readonly returnPath?: (sender: string) => Domain;
}

export interface DnsReport {
  readonly at: Date;
  /** The gateway's own first, then sender by sender. */
  readonly findings: readonly DnsFinding[];
}

/** Sees the zones as they are now. `sender`: of this one only. Rejects where the key store does, never for DNS. */
export async function checkDns(parts: CheckParts, sender?: string): Promise<DnsReport> {
  parts.resolver.forget();
  const at = parts.clock();
  const keys = await parts.keys.list();
  const senders = parts.senders.filter(({ id }) => sender === undefined || id === sender);
  const gateway = await checkGateway(parts, parts.resolver);
  const each = await Promise.all(senders.map(async (one) => checkSender(one, keys, parts)));
  return { at, findings: [...gateway, ...each.flat()] };
}

/** What stops mail of that sender: the findings that receivers refuse it for. */
export function refusals(report: DnsReport, sender: string): readonly DnsFinding[] {
  return report.findings.filter(
    (finding) =>
      finding.outcome === "fail" && (finding.sender === undefined || finding.sender === sender),
  );
}

async function checkSender(
  sender: DnsSender,
  keys: readonly KeyInfo[],
  parts: CheckParts,
): Promise<readonly DnsFinding[]> {
  const found = [
    ...(await Promise.all(
      sender.domains.map(async (domain) => checkDomain(domain, sender, keys, parts)),
    )),
    ...(await Promise.all(
      sender.parkedDomains.map(async (domain) => checkParked(domain, parts.resolver)),
    )),
    await checkReturns(sender, parts),
  ];
  return found.flat().map((finding) => ({ ...finding, sender: sender.id }));
}

/** The host in MAIL FROM, where it is no From domain: SPF is looked up there. */
async function checkReturns(sender: DnsSender, parts: CheckParts): Promise<readonly DnsFinding[]> {
  const host = parts.returnPath?.(sender.id);
  if (host === undefined || sender.domains.includes(host)) return [];
  const found = await Promise.all([
    checkSpf(spfFacts(host, parts), parts.resolver),
    checkReturnPath(host, parts, parts.resolver),
  ]);
  return found.flat();
}

function spfFacts(domain: Domain, { addresses, hostname }: CheckParts): SpfFacts {
  return { domain, addresses, helo: hostname, expected: spfRecord(addresses) };
}

async function checkDomain(
  domain: Domain,
  sender: DnsSender,
  keys: readonly KeyInfo[],
  parts: CheckParts,
): Promise<readonly DnsFinding[]> {
  const { resolver } = parts;
  const returnPath = parts.returnPath?.(sender.id) ?? domain;
  const dkim = {
    domain,
    keys,
    siblings: sender.domains,
    requirePublished: parts.requirePublished,
  };
  const found = await Promise.all([
    checkSpf(spfFacts(domain, parts), resolver),
    checkDkim(dkim, resolver),
    checkDmarc(
      {
        domain,
        signer: signingDomain(dkim),
        returnPath,
        expected: `_dmarc.${domain} TXT ${dmarcLadder(domain)[0]}`,
      },
      resolver,
    ),
    checkFrom(domain, resolver),
    checkSoa(domain, resolver),
    checkMailTls(domain, resolver),
  ]);
  return found.flat();
}
