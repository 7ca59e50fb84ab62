// Matches the certificates that a host showed with its TLSA records (RFC 6698, RFC 7671, RFC 7672). Pure.
import { createHash, X509Certificate } from "node:crypto";

import type { TlsaRecord } from "../../dns/validating-resolver.ts";

const trustAnchor = 2; // DANE-TA
const endEntity = 3; // DANE-EE
const chainMax = 10; // certificates looked at: a host that sends more is not read further

/** RFC 7672 §3.1.3: usages 0 and 1 are of no use for SMTP between hosts; unknown selectors and digests neither. */
export function isUsable(record: TlsaRecord): boolean {
  return (
    (record.usage === trustAnchor || record.usage === endEntity) &&
    (record.selector === 0 || record.selector === 1) &&
    record.matchingType >= 0 &&
    record.matchingType <= 2 &&
    record.data.length === (digestOctets[record.matchingType] ?? record.data.length) &&
    record.data.length > 0
  );
}

const digestOctets: Readonly<Record<number, number>> = { 1: 32, 2: 64 };

/**
 * undefined: proven. Else why not. `chain` is in DER, the host's own certificate first. Under usage 3 neither name nor
 * dates count (RFC 7672 §3.1.1); under usage 2 both do, and each certificate must be signed by the next up to the anchor.
 */
export function daneProblem(
  chain: readonly Buffer[],
  demand: { readonly records: readonly TlsaRecord[]; readonly names: readonly string[] },
  now: Date,
): string | undefined {
  const certificates = chain.slice(0, chainMax).flatMap(parse);
  const [leaf] = certificates;
  if (leaf === undefined) return "no certificate that can be read";
  const { records, names } = demand;
  if (records.some((record) => record.usage === endEntity && matches(leaf, record)))
    return undefined;
  const anchors = records.filter((record) => record.usage === trustAnchor);
  if (anchors.length === 0) return "the certificate matches no TLSA record";
  if (!reachesAnchor(certificates, anchors, now)) return "no chain to a TLSA record";
  return names.some((name) => leaf.checkHost(name) !== undefined)
    ? undefined
    : "wrong name under a TLSA trust anchor";
}

function parse(der: Buffer): readonly X509Certificate[] {
  try {
    return [new X509Certificate(der)];
  } catch {
    return [];
  }
}

function matches(certificate: X509Certificate, record: TlsaRecord): boolean {
  const selected =
    record.selector === 0
      ? certificate.raw
      : certificate.publicKey.export({ type: "spki", format: "der" });
  switch (record.matchingType) {
    case 0:
      return selected.equals(record.data);
    case 1:
      return createHash("sha256").update(selected).digest().equals(record.data);
    case 2:
      return createHash("sha512").update(selected).digest().equals(record.data);
    default:
      return false;
  }
}

/** From the leaf upwards, as far as signatures hold; an anchor may stand in DNS alone where it is a whole certificate. */
function reachesAnchor(
  certificates: readonly X509Certificate[],
  anchors: readonly TlsaRecord[],
  now: Date,
): boolean {
  const whole = anchors
    .filter(({ selector, matchingType }) => selector === 0 && matchingType === 0)
    .flatMap(({ data }) => parse(data));
  const candidates = [...certificates, ...whole];
  let current = certificates[0];
  const seen = new Set<X509Certificate>();
  while (current !== undefined && !seen.has(current)) {
    const certificate: X509Certificate = current;
    if (!isInTime(certificate, now)) return false;
    if (anchors.some((anchor) => matches(certificate, anchor))) return true;
    seen.add(certificate);
    current = candidates.find(
      (issuer) =>
        issuer !== certificate &&
        issuer.ca &&
        certificate.checkIssued(issuer) &&
        certificate.verify(issuer.publicKey),
    );
  }
  return false;
}

function isInTime(certificate: X509Certificate, now: Date): boolean {
  return certificate.validFromDate <= now && now <= certificate.validToDate;
}
