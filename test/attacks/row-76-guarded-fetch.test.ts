// URLs that lead inside: odd forms of loopback, names that lead to private addresses, answers that change, redirects.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { createAddressGuard } from "../../src/delivery/address-guard.ts";
import { createHttps } from "../../src/delivery/tls/https.ts";
import { createGuardedFetch } from "../../src/http/guarded-fetch.ts";
import { isPublicAddress } from "../../src/identity/address-range.ts";

let server: Server;
let port = 0;
const asked: string[] = [];
beforeAll(async () => {
  server = createServer((request, answer) => {
    asked.push(`${request.headers.host ?? ""} ${request.url ?? ""}`);
    if (request.url === "/redirect") answer.writeHead(302, { location: "/inside" }).end();
    else if (request.url === "/large") answer.end(Buffer.alloc(2 * 1024 * 1024));
    else answer.end("inside");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.close();
});

test.each([
  "127.0.0.1",
  "127.1",
  "2130706433",
  "0x7f.1",
  "0177.0.0.1",
  "0",
  "localhost",
  "[::1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[64:ff9b::7f00:1]",
  "[::]",
])("row 76: %s is not reached", async (host) => {
  const before = asked.length;
  const fetch = createGuardedFetch([]);
  for (const scheme of ["http", "https"])
    await expect(fetch(`${scheme}://${host}:${port}/inside`)).rejects.toThrow(/not allowed|https/);
  expect(asked.length).toBe(before);
});

test.each([
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "fd00::1",
  "fe80::1",
  "fd00:ec2::254",
  "::ffff:169.254.169.254",
  "64:ff9b::a9fe:a9fe",
])("row 76: a name that leads to %s is not asked, also beside a public address", async (inside) => {
  expect(isPublicAddress(inside)).toBe(false);
  const fetch = createGuardedFetch([], () => Promise.resolve(["93.184.215.14", inside]));
  await expect(fetch("https://provider.example/x")).rejects.toThrow(/not allowed/);
});

test("row 76: the name is looked up once, and the connection goes where the look-up led", async () => {
  let looked = 0;
  const flipping = (): Promise<readonly string[]> => {
    looked += 1;
    return Promise.resolve(looked === 1 ? ["127.0.0.1"] : ["169.254.169.254"]);
  };
  const fetch = createGuardedFetch(["127.0.0.0/8"], flipping);
  const answer = await fetch(`http://provider.example:${port}/inside`);
  expect(await answer.text()).toBe("inside");
  expect([looked, asked.at(-1)]).toEqual([1, `provider.example:${port} /inside`]);
  await expect(fetch(`http://provider.example:${port}/inside`)).rejects.toThrow(/not allowed/);
});

test("row 76: redirects are not followed, large answers are cut off, other schemes are not spoken", async () => {
  const fetch = createGuardedFetch(["127.0.0.0/8"]);
  await expect(fetch(`http://127.0.0.1:${port}/redirect`)).rejects.toThrow(/redirects/);
  await expect(fetch(`http://127.0.0.1:${port}/large`)).rejects.toThrow(/too large/);
  for (const url of ["file:///etc/passwd", "ftp://127.0.0.1/", "http://93.184.215.14/"])
    await expect(fetch(url)).rejects.toThrow(/only https/);
});

test("row 76: a URL that a stranger's DNS gives for TLS reports leads to no address in the place of a name", async () => {
  const https = createHttps({
    // A name server that has a public address for everything; it is not dialled.
    resolver: {
      a: () => Promise.resolve({ kind: "records", records: ["1.1.1.1"] }),
      aaaa: () => Promise.resolve({ kind: "nodata" }),
    },
    guard: createAddressGuard([]),
    authorities: [],
    port,
    totalMs: 5000,
  });
  expect(await https.ask({ host: "127.0.0.1", path: "/inside" })).toEqual({
    kind: "failed",
    tls: false,
    problem: "127.0.0.1 has no address that may be dialled",
  });
});
