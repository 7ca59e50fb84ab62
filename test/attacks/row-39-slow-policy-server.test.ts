import { once } from "node:events";
import type { ServerResponse } from "node:http";

import { expect, test } from "vitest";

import { createAddressGuard } from "../../src/delivery/address-guard.ts";
import { createHttps } from "../../src/delivery/tls/https.ts";
import { startPolicyServer } from "../support/policy-server.ts";
import { makeAuthority } from "../support/tls-pair.ts";

const authority = makeAuthority();

test.each([
  ["says nothing", () => undefined],
  [
    "sends an octet now and then",
    (response: ServerResponse) => {
      response.writeHead(200, { "Content-Type": "text/plain" });
      const timer = setInterval(() => {
        response.write("v");
      }, 20);
      response.on("close", () => {
        clearInterval(timer);
      });
    },
  ],
] as const)("row 39: a policy server that %s is left at the deadline", async (_name, answer) => {
  await using web = await startPolicyServer(authority.issue(["mta-sts.x.test"]));
  const left = Promise.withResolvers<void>();
  web.answer = (response) => {
    void once(response, "close").then(() => {
      left.resolve();
    });
    answer(response);
  };
  const https = createHttps({
    resolver: {
      a: () => Promise.resolve({ kind: "records", records: ["127.0.0.1"] }),
      aaaa: () => Promise.resolve({ kind: "nodata" }),
    },
    guard: createAddressGuard(["127.0.0.0/8"]),
    authorities: [authority.cert],
    port: web.port,
    totalMs: 300,
  });
  expect(await https.ask({ host: "mta-sts.x.test", path: "/" })).toEqual({
    kind: "failed",
    tls: false,
    problem: "no answer in time",
  });
  await left.promise;
});
