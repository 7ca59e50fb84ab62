// The receiving server behind a gateway under load, in a thread of its own; counts what it takes.
import { parentPort } from "node:worker_threads";

import { startFakeMx } from "../../test/support/fake-mx.ts";

if (parentPort === null) throw new Error("to be started by under-load.ts");
const port = parentPort;
const mx = await startFakeMx();
port.postMessage(mx.port);
port.on("message", () => {
  port.postMessage(mx.deliveries.length);
});
