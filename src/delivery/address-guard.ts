// Which addresses delivery by MX may dial: a stranger's DNS must not steer us to ourselves or into a private network.
import { BlockList, isIP } from "node:net";

export interface AddressGuard {
  /** undefined: may be dialled; else why not. */
  readonly refuse: (address: string) => string | undefined;
}

/** IANA's special-purpose registries (RFC 6890): nothing there is a mail receiver on the public Internet. */
const specialRanges = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8",
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8",
  "169.254.0.0/16", // link-local, cloud metadata
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24", // documentation
  "192.168.0.0/16",
  "198.18.0.0/15", // benchmarking
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
  "::/128",
  "::1/128",
  "100::/64", // discard
  "2001:db8::/32",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7", // unique local
  "fe80::/10",
  "fec0::/10", // site-local, deprecated
  "ff00::/8",
] as const;

/** Throws RangeError where a range is no CIDR. `own`: addresses of this machine. */
export function createAddressGuard(
  allowPrivate: readonly string[],
  own: readonly string[] = [],
): AddressGuard {
  const special = toBlockList(specialRanges);
  const allowed = toBlockList(allowPrivate);
  const mine = new Set(own.map((address) => embeddedIpv4(address) ?? address.toLowerCase()));
  return {
    refuse: (address) => {
      if (isIP(address) === 0) return "is no IP address";
      const plain = embeddedIpv4(address) ?? address.toLowerCase();
      const family = isIP(plain) === 4 ? "ipv4" : "ipv6";
      if (allowed.check(plain, family)) return undefined;
      if (special.check(plain, family)) return "is not a public address";
      if (mine.has(plain)) return "is this gateway's own address";
      return undefined;
    },
  };
}

function toBlockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", length] = range.split("/");
    const family = isIP(network);
    if (family === 0) throw new RangeError(`${range} is no CIDR range`);
    const bits = length === undefined ? (family === 4 ? 32 : 128) : Number(length);
    list.addSubnet(network, bits, family === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

/**
 * The IPv4 address that an IPv6 address leads to: IPv4-mapped and -compatible (RFC 4291 §2.5.5), NAT64 (RFC 6052,
 * RFC 8215), 6to4 (RFC 3056). undefined where it holds none.
 */
function embeddedIpv4(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const groups = expand(address);
  const at = (index: number): number => groups[index] ?? 0;
  const zeros = (from: number, to: number): boolean =>
    groups.slice(from, to).every((group) => group === 0);
  const pair = (index: number): string =>
    [at(index) >> 8, at(index) & 255, at(index + 1) >> 8, at(index + 1) & 255].join(".");
  if (zeros(0, 5) && at(5) === 0xffff) return pair(6);
  if (zeros(0, 6) && at(6) !== 0) return pair(6);
  if (zeros(0, 4) && at(4) === 0xffff && at(5) === 0) return pair(6); // RFC 2765 translated form
  if (at(0) === 0x64 && at(1) === 0xff9b && (zeros(2, 6) || at(2) === 1)) return pair(6);
  if (at(0) === 0x2002) return pair(1);
  return undefined;
}

/** The eight groups of an IPv6 address. */
function expand(address: string): number[] {
  const [unscoped = ""] = address.split("%");
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(unscoped);
  const text =
    dotted === null
      ? unscoped
      : `${dotted[1] ?? ""}${toGroup(dotted[2], dotted[3])}:${toGroup(dotted[4], dotted[5])}`;
  const [head = "", tail] = text.split("::");
  const read = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const front = read(head);
  if (tail === undefined) return front;
  const back = read(tail);
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function toGroup(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}
