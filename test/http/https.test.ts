// https by the gateway's own certificate: what opt-out links need where no proxy stands in front (RFC 8058 §3.1).
import { request } from "node:https";

import { expect, test } from "vitest";

import { startHttp } from "../../src/http/server.ts";
import { openHttpOffice } from "../support/http-office.ts";
import { makeSelfSigned } from "../support/tls-pair.ts";

test("answers over TLS 1.2 and later by the operator's certificate, and nothing in clear text", async () => {
  await using office = await openHttpOffice();
  const tls = makeSelfSigned(["localhost"]);
  const server = await startHttp({ ...office.settings, tls }, office.parts);
  try {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(
        { port: server.port, host: "localhost", path: "/healthz", ca: tls.cert },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .on("error", reject)
        .end();
    });
    expect(status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${server.port}/healthz`)).rejects.toThrow("fetch failed");
  } finally {
    await server.close();
  }
});
