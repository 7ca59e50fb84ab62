// How many connections the system leaves room for. Beyond what a process may have open it can take no more of them: clients
// are cut without a word, /readyz is not answered, and delivery dials nobody. So ours is the smaller limit.
import { readFileSync } from "node:fs";

const ownFiles = 100; // database, threads, log, a file that is being written, and who asks over HTTP
const leastShare = 0.25; // of the system's limit, where delivery.max_connections would take nearly all of it

/** Files and sockets that this process may have open at once; undefined: more than anybody needs, or it is not told. */
export function openFilesMax(limits = "/proc/self/limits"): number | undefined {
  try {
    // Node has raised its soft limit to the hard one at its start.
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync(limits, "utf8")) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined; // not Linux
  }
}

/** Connections that can be taken in, `outgoing` beside them; undefined: as many as are `wanted`. */
export function fewerConnections(
  openFiles: number | undefined,
  { wanted, outgoing }: { readonly wanted: number; readonly outgoing: number },
): number | undefined {
  if (openFiles === undefined) return undefined;
  const room = Math.floor(Math.max(openFiles - ownFiles - outgoing, openFiles * leastShare));
  return room < wanted ? room : undefined;
}
