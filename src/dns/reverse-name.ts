// The name under which an address has its PTR record (RFC 1035 §3.5, RFC 3596 §2.5).
import { isIP } from "node:net";

/** undefined: no IP address. */
export function reverseName(address: string): string | undefined {
  switch (isIP(address)) {
    case 4:
      return `${address.split(".").toReversed().join(".")}.in-addr.arpa`;
    case 6:
      return `${expand(address).split("").toReversed().join(".")}.ip6.arpa`;
    default:
      return undefined;
  }
}

/** All 32 hexadecimal digits. The URL standard's writer brings every form of IPv6 into one. */
function expand(address: string): string {
  const bare = address.replace(/%.*$/, "");
  const [head = "", tail] = new URL(`http://[${bare}]/`).hostname.slice(1, -1).split("::");
  const groups = (text: string): readonly string[] => (text === "" ? [] : text.split(":"));
  const first = groups(head);
  const last = groups(tail ?? "");
  const middle = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill("0");
  return [...first, ...middle, ...last].map((group) => group.padStart(4, "0")).join("");
}
