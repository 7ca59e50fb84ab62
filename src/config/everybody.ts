// Whether ranges of addresses, taken together, are no bound at all: then who may send without a password is everybody.
import { isIP } from "node:net";

/** First and last address, IPv4 as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2). */
interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

// Nobody connects from these over the internet, so that leaving them out keeps nobody out (RFC 6890).
const ofNobody = ["0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"]; // prettier-ignore
/** All of IPv4, and all of IPv6 that is routed between networks. */
const internets = ["0.0.0.0/0", "2000::/3"];

/** All who have IPv4, or all who have IPv6. What is no range counts for nothing. */
export function letsEverybodyIn(ranges: readonly string[]): boolean {
  const spans = [...ranges, ...ofNobody]
    .flatMap(spansOf)
    .toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  return internets.flatMap(spansOf).some((internet) => isCovered(internet, spans));
}

function isCovered({ first, last }: Span, sorted: readonly Span[]): boolean {
  let next = first;
  for (const span of sorted) {
    if (span.first > next) break;
    if (span.last >= next) next = span.last + 1n;
  }
  return next > last;
}

/** One, or none of what is no range. */
function spansOf(range: string): readonly Span[] {
  const [address = "", prefix] = range.split("/");
  const version = isIP(address);
  if (version === 0) return [];
  const whole = version === 4 ? 32 : 128;
  const bits = prefix === undefined ? whole : Number(prefix);
  if (!(bits >= 0 && bits <= whole)) return [];
  const free = BigInt(whole - bits);
  const first = (toNumber(version === 4 ? `::ffff:${address}` : address) >> free) << free;
  return [{ first, last: first + (1n << free) - 1n }];
}

/** An IPv6 address as a number; the URL standard writes it as hexadecimal groups with at most one gap. */
function toNumber(address: string): bigint {
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, "")}]/`);
  const [head = "", tail] = hostname.slice(1, -1).split("::");
  const groups = (text: string): readonly string[] => (text === "" ? [] : text.split(":"));
  const [before, behind] = [groups(head), groups(tail ?? "")];
  const gap = Array.from({ length: 8 - before.length - behind.length }, () => "0");
  return [...before, ...gap, ...behind].reduce(
    (sum, group) => (sum << 16n) | BigInt(`0x${group}`),
    0n,
  );
}
