// Two listeners at one address and port: the second cannot be opened, which a start would find out with nothing to say of why.
import type { ConfigProblem } from "./config-error.ts";
import type { GatewayFile } from "./schema/gateway.ts";

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
