// A web server on 127.0.0.1 that answers as its script says, and keeps what it was asked.
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";

import type { TlsPair } from "./tls-pair.ts";

export interface WebServer extends AsyncDisposable {
  readonly port: number;
  /** `GET www.example.test:8080/company` */
  readonly asked: readonly string[];
  /** By path; a path that is not there answers 404. Text is HTML. May be changed while it runs. */
  readonly pages: Record<string, string | RequestListener>;
}

/** With `pair` it speaks TLS. */
export async function startWebServer(
  pages: Record<string, string | RequestListener> = {},
  pair?: TlsPair,
): Promise<WebServer> {
  const asked: string[] = [];
  const table = { ...pages };
  const answer: RequestListener = (request, response) => {
    asked.push(`${request.method ?? ""} ${request.headers.host ?? ""}${request.url ?? ""}`);
    const page = table[request.url ?? ""];
    if (typeof page === "function") page(request, response);
    else if (page === undefined) response.writeHead(404).end("not here");
    else response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page);
  };
  const server: Server =
    pair === undefined ? createServer(answer) : createSecureServer(pair, answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    pages: table,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
