import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { connect } from "node:tls";

import { expect, test } from "vitest";

import { certificateWords, handshakeWords } from "./tls-words.ts";

/** What Node makes of a server that answers a handshake so. */
async function error(answer: string): Promise<Error> {
  await using server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.resume().end(answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" });
  const [found] = (await once(socket, "error").catch((cause: unknown) => [cause])) as [Error];
  socket.destroy();
  return found;
}

test("what speaks something else than TLS is said to, and no file of OpenSSL's is named", async () => {
  expect(handshakeWords(await error("220 what is tls\r\n".repeat(3)))).toBe(
    "what came behind 220 is no TLS",
  );
});

test("what has no words of its own is told by its reason alone", () => {
  const strange = Object.assign(new Error("40AD:error:0A0000:deps/openssl/x.c:918:"), {
    code: "ERR_SSL_STRANGE",
    reason: "strange thing",
  });
  expect(handshakeWords(strange)).toBe("TLS: strange thing");
  expect(handshakeWords(new Error("no reason"))).toBe("TLS: no reason");
});

test("a certificate's fault that has no words stays as it is", () => {
  expect(certificateWords("INVALID_PURPOSE; wrong name")).toBe(
    "certificate: INVALID_PURPOSE, and it bears another name than the host's",
  );
});
