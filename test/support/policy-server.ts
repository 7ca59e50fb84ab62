// A web server for MTA-STS policies and TLS reports on 127.0.0.1: answers as its script says, keeps what it was sent.
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { ServerResponse } from "node:http";

import type { TlsPair } from "./tls-pair.ts";

export interface PolicyServer extends AsyncDisposable {
  readonly port: number;
  /** `GET mta-sts.x.test/.well-known/mta-sts.txt` */
  readonly asked: readonly string[];
  readonly posted: readonly Buffer[];
  /** Text of a policy (200, text/plain), or whatever the function does. */
  answer: string | ((response: ServerResponse) => void);
}

export async function startPolicyServer(pair: TlsPair): Promise<PolicyServer> {
  const asked: string[] = [];
  const posted: Buffer[] = [];
  const server: Server = createServer(pair, (request, response) => {
    asked.push(`${request.method ?? ""} ${request.headers.host ?? ""}${request.url ?? ""}`);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
    });
    request.on("end", () => {
      if (request.method === "POST") posted.push(Buffer.concat(chunks));
      const { answer } = running;
      if (typeof answer === "function") answer(response);
      else response.writeHead(200, { "Content-Type": "text/plain" }).end(answer);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const running: PolicyServer = {
    port: (server.address() as AddressInfo).port,
    asked,
    posted,
    answer: "",
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
  return running;
}

export function stsPolicy(mode: string, mx: readonly string[], maxAge = 86_400): string {
  const hosts = mx.map((host) => `mx: ${host}\r\n`).join("");
  return `version: STSv1\r\nmode: ${mode}\r\n${hosts}max_age: ${maxAge}\r\n`;
}
