// Whether this machine can listen at an address: asked on a free port, so that none in use has to be given up for it.
import { once } from "node:events";
import { createServer } from "node:net";

/** `host` is an address or a name. Rejects with the system's error where it leads to no address of this machine. */
export async function expectOwnAddress(host: string): Promise<void> {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening"); // Rejects on "error".
  server.close();
}
