// What Node makes of a certificate that need not be authorised, and why src/delivery/tls-evidence.ts judges by itself.
import { once } from "node:events";
import { connect, createServer } from "node:tls";

import { expect, test } from "vitest";

import { makeAuthority, makeSelfSigned } from "../support/tls-pair.ts";

const authority = makeAuthority();

test.each([
  { name: "is not looked at", pair: makeSelfSigned(["127.0.0.1"]), looked: 0 },
  { name: "may be wrong", pair: authority.issue(["127.0.0.1"]), looked: 1 },
])(
  "1.2 finding 11: where certificates need no authority, a name $name",
  async ({ pair, looked }) => {
    const server = createServer(pair);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    let asked = 0;
    const socket = connect({
      host: "127.0.0.1",
      port: address.port,
      ca: authority.cert,
      rejectUnauthorized: false,
      checkServerIdentity: () => {
        asked += 1;
        return new Error("wrong name");
      },
    });
    await once(socket, "secureConnect");
    expect(asked).toBe(looked);
    expect(socket.authorized).toBe(false);
    expect(socket.destroyed).toBe(false);
    socket.destroy();
    server.close();
  },
);
