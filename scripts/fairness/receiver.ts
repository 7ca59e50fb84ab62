// The receiving side of bench-fairness.ts in a thread of its own: one well-behaved server, and one that never says a word.
import { createServer } from "node:net";
import { parentPort } from "node:worker_threads";

import { startFakeMx } from "../../test/support/fake-mx.ts";
import { tarpitAddress, wellAddress, type Ledger } from "./addresses.ts";

if (parentPort === null) throw new Error("to be started by bench-fairness.ts");
const port = parentPort;
const mx = await startFakeMx({ address: wellAddress });
const tarpit = createServer((socket) => {
  socket.on("error", () => undefined);
});
await new Promise<void>((resolve) => {
  tarpit.listen(mx.port, tarpitAddress, resolve);
});
port.postMessage(mx.port);
port.on("message", () => {
  const taken = mx.deliveries.flatMap(({ recipients }) => recipients);
  const ledger: Ledger = {
    taken: taken.length,
    recipients: new Set(taken).size,
    inClearText: mx.deliveries.filter(({ tlsProtocol }) => tlsProtocol === undefined).length,
  };
  port.postMessage(ledger);
});
