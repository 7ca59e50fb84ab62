// Opens a TCP connection to the first of several addresses that answers, a new one tried every moment (RFC 8305).
import { connect, type Socket } from "node:net";

import { printable } from "../mail/reply.ts";

export type Dialled =
  | { readonly kind: "open"; readonly socket: Socket; readonly address: string }
  | { readonly kind: "closed"; readonly problem: string };

const staggerMs = 300; // RFC 8305 §5 recommends 250 ms
export const addressesMax = 8; // of one host

/** `addresses` were judged before: they are dialled as they are, and no name is looked up here. */
export function dial(
  addresses: readonly string[],
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Dialled> {
  const queue = alternateFamilies(addresses).slice(0, addressesMax);
  const open = new Map<Socket, string>();
  const problems: string[] = [];
  return new Promise((resolve) => {
    let stagger: NodeJS.Timeout | undefined;
    const finish = (outcome: Dialled): void => {
      clearTimeout(deadline);
      clearTimeout(stagger);
      signal.removeEventListener("abort", abort);
      queue.length = 0;
      for (const socket of open.keys())
        if (outcome.kind === "closed" || socket !== outcome.socket) socket.destroy();
      open.clear();
      resolve(outcome);
    };
    const abort = (): void => {
      finish({ kind: "closed", problem: "closed by us" });
    };
    signal.addEventListener("abort", abort);
    const deadline = setTimeout(() => {
      finish({ kind: "closed", problem: "no connection in time" });
    }, timeoutMs);
    const startNext = (): void => {
      clearTimeout(stagger);
      const address = queue.shift();
      if (address === undefined) {
        if (open.size === 0)
          finish({ kind: "closed", problem: problems.join("; ") || "no address" });
        return;
      }
      const socket = connect({ host: address, port });
      open.set(socket, address);
      socket.setNoDelay(true);
      // Stays for the socket's life: an error without a listener would end the process.
      socket.on("error", (error) => {
        if (!open.delete(socket)) return;
        problems.push(`${address}: ${printable(error.message)}`);
        startNext();
      });
      socket.once("connect", () => {
        if (open.has(socket)) finish({ kind: "open", socket, address });
      });
      if (queue.length > 0) stagger = setTimeout(startNext, staggerMs);
    };
    startNext();
  });
}

function alternateFamilies(addresses: readonly string[]): string[] {
  const six = addresses.filter((address) => address.includes(":"));
  const four = addresses.filter((address) => !address.includes(":"));
  const mixed: string[] = [];
  for (let index = 0; index < Math.max(six.length, four.length); index += 1) {
    for (const family of [six, four]) {
      const address = family[index];
      if (address !== undefined) mixed.push(address);
    }
  }
  return mixed;
}
