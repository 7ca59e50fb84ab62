// Advice about domains as receivers of mail (MTA-STS, TLS reports), and about those that send none (parked).
import type { Domain } from "../mail/domain.ts";
import { discoverDmarc } from "./dmarc.ts";
import { flaw, good, unanswered, type DnsFinding } from "./finding.ts";
import type { Resolver } from "./resolver.ts";
import { findSpf } from "./spf.ts";
import { parseTags } from "./tags.ts";

/** For a domain with an MX of its own. */
export async function checkMailTls(
  domain: Domain,
  resolver: Resolver,
): Promise<readonly DnsFinding[]> {
  if ((await resolver.mx(domain)).kind !== "records") return [];
  return [await checkMtaSts(domain, resolver), await checkTlsReports(domain, resolver)];
}

async function checkMtaSts(domain: Domain, resolver: Resolver): Promise<DnsFinding> {
  const answer = await resolver.txt(`_mta-sts.${domain}`);
  if (answer.kind === "unavailable") return unanswered("mta-sts", domain, answer.problem);
  const records = (answer.kind === "records" ? answer.records : []).filter((text) =>
    text.startsWith("v=STSv1"),
  );
  const [text, ...others] = records;
  const expected = `_mta-sts.${domain} TXT v=STSv1; id=…`;
  if (text === undefined) return flaw("mta-sts-missing", domain, "no record", expected);
  // RFC 8461 §3.1: with several the policy is as good as none; the id has 1–32 letters and digits.
  return others.length > 0 || !/^[A-Za-z0-9]{1,32}$/.test(parseTags(text)?.get("id") ?? "")
    ? flaw("mta-sts-invalid", domain, records.join(" | "), expected)
    : good("mta-sts", domain, text);
}

async function checkTlsReports(domain: Domain, resolver: Resolver): Promise<DnsFinding> {
  const answer = await resolver.txt(`_smtp._tls.${domain}`);
  if (answer.kind === "unavailable") return unanswered("tls-rpt", domain, answer.problem);
  const text = (answer.kind === "records" ? answer.records : []).find((each) =>
    each.startsWith("v=TLSRPTv1"),
  );
  return text !== undefined && parseTags(text)?.has("rua") === true
    ? good("tls-rpt", domain, text)
    : flaw(
        "tls-rpt-missing",
        domain,
        text ?? "no record",
        `_smtp._tls.${domain} TXT v=TLSRPTv1; rua=mailto:…`,
      );
}

/** The Japanese ministries ask card companies for this since 2023-02-01; it is good advice for everybody. */
export async function checkParked(
  domain: Domain,
  resolver: Resolver,
): Promise<readonly DnsFinding[]> {
  const found: DnsFinding[] = [];
  const spf = await findSpf(domain, resolver);
  if (spf.kind === "unavailable") found.push(unanswered("parked", domain, spf.problem));
  else if (spf.kind !== "one" || !/^v=spf1 +-all *$/i.test(spf.record))
    found.push(
      flaw("parked-spf", domain, spf.kind === "one" ? spf.record : spf.kind, "v=spf1 -all"),
    );
  const mx = await resolver.mx(domain);
  if (mx.kind === "unavailable") found.push(unanswered("parked", domain, mx.problem));
  else if (mx.kind !== "records" || !mx.records.every(({ exchange }) => exchange === ""))
    found.push(flaw("parked-mx", domain, mx.kind === "records" ? "an MX" : "no MX", "MX 0 ."));
  const { walk } = await discoverDmarc(domain, resolver);
  if (walk.kind === "unavailable") found.push(unanswered("parked", domain, walk.problem));
  else if (walk.kind !== "policy" || walk.record.policy !== "reject")
    found.push(
      flaw(
        "parked-dmarc",
        domain,
        walk.kind === "policy" ? walk.record.text : walk.kind,
        `_dmarc.${domain} TXT v=DMARC1; p=reject;`,
      ),
    );
  return found.length > 0 ? found : [good("parked", domain, "v=spf1 -all, null MX, p=reject")];
}
