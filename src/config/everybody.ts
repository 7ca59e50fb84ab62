// Whether ranges of addresses, taken together, are no bound at all: then who may send without a password is everybody.
import ipaddr from "ipaddr.js";

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
  const [text = "", prefix] = range.split("/");
  if (!ipaddr.isValid(text)) return [];
  const address = ipaddr.parse(text);
  const isIPv4 = address instanceof ipaddr.IPv4;
  const whole = isIPv4 ? 32 : 128;
  const bits = prefix === undefined ? whole : Number(prefix);
  if (!(bits >= 0 && bits <= whole)) return [];
  const octets = (isIPv4 ? address.toIPv4MappedAddress() : address).toByteArray();
  const free = BigInt(whole - bits);
  const first = (BigInt(`0x${Buffer.from(octets).toString("hex")}`) >> free) << free;
  return [{ first, last: first + (1n << free) - 1n }];
}
