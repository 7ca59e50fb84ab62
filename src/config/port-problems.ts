// Places where nothing can listen, or not twice: a start would find that out with nothing to say of why.
import { isIP } from "node:net";

import type { ConfigProblem } from "./config-error.ts";
import type { GatewayFile } from "./schema/gateway.ts";

/** Letters, digits, hyphens and dots (RFC 1123 §2.1), and what hosts' own names have too. */
const hostName = /^[a-z0-9_](?:[a-z0-9_.-]{0,252})$/;

interface Place {
  readonly key: string;
  readonly host: string;
  readonly port: number;
}

export function portProblems({ smtp, http }: GatewayFile): readonly ConfigProblem[] {
  const places: readonly Place[] = [
    ...smtp.listeners.map(({ host, port }, index) => ({
      key: `smtp.listeners[${index}]`,
      host: host.toLowerCase(),
      port,
    })),
    { key: "http", host: http.host.toLowerCase(), port: http.port },
  ];
  return [...places.flatMap(hostProblems), ...repeatedPlaces(places)];
}

/** Whether a name leads to this machine is for the system to say; what is neither name nor address leads nowhere. */
function hostProblems({ key, host }: Place): readonly ConfigProblem[] {
  if (isIP(host) !== 0 || hostName.test(host)) return [];
  return [
    {
      path: `${key}.host`,
      found: JSON.stringify(host),
      problem: "is no address to listen on",
      remedy:
        "Write an IP address of this machine, without brackets or port; 0.0.0.0 is every one of IPv4, :: every one.",
    },
  ];
}

function repeatedPlaces(places: readonly Place[]): readonly ConfigProblem[] {
  return places.flatMap((place, index) => {
    const other = places.slice(0, index).find((earlier) => isTaken(place, earlier));
    return other === undefined
      ? []
      : [
          {
            path: `${place.key}.port`,
            found: String(place.port),
            problem: `is taken by ${other.key} at ${other.host}`,
            remedy: "Give each its own port, or an address of its own as host.",
          },
        ];
  });
}

function isTaken(a: Place, b: Place): boolean {
  if (a.port === 0 || a.port !== b.port) return false; // 0: each gets a free one
  return a.host === b.host || includes(a.host, b.host) || includes(b.host, a.host);
}

/** Elsewhere than on Linux a single address may have a listener beside that of all addresses. `::` is IPv4's too. */
function includes(all: string, one: string): boolean {
  if (process.platform !== "linux") return false;
  return all === "::" || (all === "0.0.0.0" && /^(?:\d+\.){3}\d+$/.test(one));
}
