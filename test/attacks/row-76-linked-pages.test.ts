// Pages that messages point to, on hostile servers and hostile DNS: nothing inside is asked, nothing grows, nothing hangs.
import { afterAll, beforeAll, expect, test } from "vitest";

import { createAddressGuard } from "../../src/delivery/address-guard.ts";
import { createResolver, type Resolver } from "../../src/dns/resolver.ts";
import { fetchPage, type Fetched, type FetchParts } from "../../src/pages/fetch-page.ts";
import { startDnsStub, type DnsStub } from "../support/dns-stub.ts";
import { makeAuthority, makeSelfSigned } from "../support/tls-pair.ts";
import { startWebServer, type WebServer } from "../support/web-server.ts";

const authority = makeAuthority();
let web: WebServer;
let secure: WebServer;
let dns: DnsStub;
let resolver: Resolver;

beforeAll(async () => {
  web = await startWebServer();
  secure = await startWebServer({}, authority.issue(["www.example.test"]));
  dns = await startDnsStub({
    "www.example.test": { A: ["127.0.0.1"] },
    "inside.example.test": { A: ["10.0.0.7"], AAAA: ["fd00::1"] },
    "mixed.example.test": { A: ["10.0.0.7", "127.0.0.1"] },
    "metadata.example.test": { A: ["169.254.169.254"] },
    "broken.example.test": "servfail",
    "silent.example.test": "timeout",
  });
  resolver = createResolver({ servers: [dns.server], timeoutMs: 500 });
});
afterAll(async () => {
  resolver.close();
  for (const each of [web, secure, dns]) await each[Symbol.asyncDispose]();
});

const inTest = createAddressGuard(["127.0.0.1/32"]);
const strict = createAddressGuard([]);

function ask(url: string, change: Partial<FetchParts> = {}): Promise<Fetched> {
  return fetchPage(new URL(url), {
    resolver,
    guard: inTest,
    anyPort: (address) => address === "127.0.0.1",
    authorities: [authority.cert],
    timeoutMs: 5000,
    ...change,
  });
}

function whyOf(fetched: Fetched): string {
  return fetched.kind === "page" ? `page: ${fetched.octets.toString()}` : `${fetched.kind}: ${fetched.why.en}`;
} // prettier-ignore

const at = (path: string, host = "www.example.test"): string => `http://${host}:${web.port}${path}`;

test("a page is had by http, and by https with a valid certificate", async () => {
  web.pages["/ok"] = "<p>here</p>";
  secure.pages["/ok"] = "<p>here</p>";
  expect(whyOf(await ask(at("/ok")))).toBe("page: <p>here</p>");
  expect(whyOf(await ask(`https://www.example.test:${secure.port}/ok`))).toBe("page: <p>here</p>");
  expect(web.asked).toContain(`GET www.example.test:${web.port}/ok`);
});

test.each([
  "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]",
  "[::]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fd00::1]", "[fe80::1]",
  "www.example.test", "inside.example.test", "metadata.example.test",
])("row 76: %s is not dialled", async (host) => {
  const before = web.asked.length;
  expect(whyOf(await ask(at("/ok", host), { guard: strict }))).toMatch(
    /^unusable: .* has no address on the public Internet/,
  );
  expect(web.asked.length).toBe(before);
}); // prettier-ignore

test("row 76: of several addresses only an allowed one is dialled", async () => {
  expect(whyOf(await ask(at("/ok", "mixed.example.test")))).toBe("page: <p>here</p>");
});

test.each([
  ["a private name", "http://inside.example.test/"],
  ["the metadata service", "http://169.254.169.254/latest/"],
  ["a file", "file:///etc/passwd"],
  ["loopback by another name", "http://[::1]/"],
])("row 76: a redirect to %s is checked like the first address", async (_, location) => {
  web.pages["/away"] = (_request, answer) => {
    answer.writeHead(302, { Location: location }).end();
  };
  expect(whyOf(await ask(at("/away")))).toMatch(/^unusable: /);
});

test("row 76: an answer of DNS that changes between check and connection changes nothing", async () => {
  let questions = 0;
  const flipping = {
    a: () => {
      questions += 1;
      const address = questions === 1 ? "127.0.0.1" : "10.0.0.7";
      return Promise.resolve({ kind: "records" as const, records: [address] });
    },
    aaaa: () => Promise.resolve({ kind: "nodata" as const }),
  };
  expect(whyOf(await ask(at("/ok"), { resolver: flipping }))).toBe("page: <p>here</p>");
  expect(questions).toBe(1);
});

test("a port of no web server is not asked outside a test network", async () => {
  const fetched = await ask(at("/ok"), { anyPort: () => false });
  expect(whyOf(fetched)).toBe(`unusable: port ${web.port} is not asked`);
});

test("redirects are followed so many times and no more, and never from https to http", async () => {
  web.pages["/1"] = (_request, answer) => {
    answer.writeHead(301, { Location: "/ok" }).end();
  };
  web.pages["/loop"] = (_request, answer) => {
    answer.writeHead(302, { Location: "/loop" }).end();
  };
  secure.pages["/down"] = (_request, answer) => {
    answer.writeHead(302, { Location: at("/ok") }).end();
  };
  expect(whyOf(await ask(at("/1")))).toBe("page: <p>here</p>");
  expect(whyOf(await ask(at("/loop")))).toBe("unusable: it redirects more than 5 times");
  expect(whyOf(await ask(`https://www.example.test:${secure.port}/down`))).toBe(
    "unusable: it redirects from https to http",
  );
});

test("a certificate of nobody, or of another name, is no page", async () => {
  await using nobody = await startWebServer({ "/": "x" }, makeSelfSigned(["www.example.test"]));
  await using other = await startWebServer({ "/": "x" }, authority.issue(["other.test"]));
  for (const { port } of [nobody, other])
    expect(whyOf(await ask(`https://www.example.test:${port}/`))).toMatch(
      /^unusable: its certificate is not valid/,
    );
});

test.each([
  [404, "unusable"],
  [403, "unusable"],
  [410, "unusable"],
  [204, "unusable"],
  [429, "away"],
  [500, "away"],
  [503, "away"],
])("status %i is %s", async (status, kind) => {
  web.pages["/status"] = (_request, answer) => {
    answer.writeHead(status).end();
  };
  expect((await ask(at("/status"))).kind).toBe(kind);
});

test("row 76: an endless answer ends at a size, a slow one at a time, a cut one at once", async () => {
  web.pages["/endless"] = (_request, answer) => {
    answer.writeHead(200, { "Content-Type": "text/html" });
    const more = (): void => {
      while (!answer.destroyed && answer.write(Buffer.alloc(65_536, 0x61)));
      answer.once("drain", more);
    };
    more();
  };
  web.pages["/slow"] = (_request, answer) => {
    answer.writeHead(200, { "Content-Type": "text/html" }).write("<p>");
  };
  web.pages["/cut"] = (_request, answer) => {
    answer.writeHead(200, { "Content-Length": "1000" }).write("<p>", () => {
      answer.destroy();
    });
  };
  expect(whyOf(await ask(at("/endless")))).toBe("unusable: it is larger than 1048576 octets");
  expect(whyOf(await ask(at("/slow"), { timeoutMs: 300 }))).toMatch(/^away: /);
  expect(whyOf(await ask(at("/cut")))).toBe("away: its answer was cut or came too slowly");
});

test("what was asked for uncompressed and comes compressed is not unpacked", async () => {
  web.pages["/gzip"] = (_request, answer) => {
    answer.writeHead(200, { "Content-Encoding": "gzip" }).end("bomb");
  };
  expect(whyOf(await ask(at("/gzip")))).toMatch(/^unusable: it is compressed \(gzip\)/);
});

test("names: one that does not exist is told so, one that nobody answers for is away", async () => {
  expect(whyOf(await ask("http://nowhere.example.test/"))).toBe(
    "unusable: nowhere.example.test does not exist in DNS",
  );
  expect((await ask("http://broken.example.test/")).kind).toBe("away");
  expect((await ask("http://silent.example.test/", { timeoutMs: 200 })).kind).toBe("away");
});

test("a server that is down is away, and names no address of ours", async () => {
  const gone = await startWebServer();
  await gone[Symbol.asyncDispose]();
  const fetched = await ask(`http://www.example.test:${gone.port}/`);
  expect(whyOf(fetched)).toBe("away: no connection (ECONNREFUSED)");
});
