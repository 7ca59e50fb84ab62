// A sender whose pages are read: over SMTP with the real judge and a web server, and the same told by explain.
import { afterEach, expect, test, vi } from "vitest";

import { createResolver } from "../../src/dns/resolver.ts";
import { examine, type Explanation } from "../../src/intake/examine.ts";
import { createJudge } from "../../src/intake/judge.ts";
import { formatReply } from "../../src/mail/reply.ts";
import { createPages, type Pages } from "../../src/pages/pages.ts";
import { createTokens } from "../../src/consent/token.ts";
import type { Stream } from "../../src/policy/stream.ts";
import { createToReply } from "../../src/smtp/answer.ts";
import { startDnsStub } from "../support/dns-stub.ts";
import { composeMail, factsFor, registry } from "../support/judged-mail.ts";
import { address as addressOf, createMemoryStores } from "../support/memory-stores.ts";
import { dial } from "../support/raw-client.ts";
import { domain, startSmtpGateway } from "../support/smtp-gateway.ts";
import { startWebServer, type WebServer } from "../support/web-server.ts";

const address = "<p>所在地 〒999-9999 東京都架空区見本町1-2-3</p>";
const patienceMs = 20_000; // a busy machine takes seconds to start a thread
const toReply = createToReply("https://gw.example.jp");
let stack = new AsyncDisposableStack();
afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

interface Place {
  readonly web: WebServer;
  readonly pages: Pages;
  readonly stream: Stream;
  readonly mail: Buffer;
  readonly explain: (language?: "ja" | "en") => Promise<Explanation>;
}

/** A web server of www.example.jp, and a mail that leaves its address to a page there. */
async function place(waitMs = patienceMs): Promise<Place> {
  const web = stack.use(await startWebServer());
  const dns = stack.use(await startDnsStub({ "www.example.jp": { A: ["127.0.0.1"] } }));
  const resolver = createResolver({ servers: [dns.server], timeoutMs: 500 });
  stack.defer(() => {
    resolver.close();
  });
  const silent = (): void => undefined;
  const pages = stack.use(
    createPages({
      settings: {
        timeoutMs: patienceMs,
        waitMs,
        maxAgeMs: 600_000,
        maxStaleMs: 3_600_000,
        allowPrivate: ["127.0.0.1/32"],
      },
      resolver,
      log: { info: silent, warn: silent },
    }),
  );
  const sender = { ...registry, domains: [domain("example.jp")], legal: { ...registry.legal, pages: "fetch" as const } };
  const { stream } = factsFor({ sender, id: "newsletter" });
  const mail = composeMail({
    text: `秋のご案内\n\n株式会社サンプル商事\n会社概要 http://www.example.jp:${web.port}/company\nお問い合わせ 03-0000-0000\n配信停止をご希望の方はこちら https://u.example.jp/s/abc`,
  });
  const parts = { hostname: "gw.example.jp", gatewayHosts: [], maxMessageBytes: 1e6, clock: () => new Date(), toReply, pages };
  return { web, pages, stream, mail, explain: (language = "en") => examine(parts, mail, { stream, language }) };
} // prettier-ignore

/** A listener with the real judge before the stream, and a recipient with consent. */
async function open({ pages, stream }: Place): Promise<number> {
  const stores = createMemoryStores();
  stores.grant("taro@example.net");
  const gateway = await startSmtpGateway({
    stores,
    listener: { stream: stream.id },
    intake: {
      streams: [stream],
      judge: stack.use(createJudge({ threads: 1 })),
      pages,
      deduplicate: false,
      tokenSubject: (token) => tokens.read(token, [])?.subject,
    },
  });
  stack.use(gateway);
  return gateway.port;
}

async function send(port: number, mail: Buffer): Promise<string> {
  const client = await dial(port);
  await client.command("EHLO tool.example");
  for (const line of ["MAIL FROM:<news@example.jp>", "RCPT TO:<taro@example.net>", "DATA"])
    expect(await client.command(line)).toMatch(/^(?:250|354)/);
  await client.write(mail);
  const reply = await client.command(".");
  client.end();
  return reply;
}

const tokens = createTokens(Buffer.alloc(32, 3));

test("the first mail waits for the page and goes; the page is asked once for all that follow", async () => {
  const here = await place();
  here.web.pages["/company"] = address;
  const port = await open(here);
  for (let n = 0; n < 3; n += 1)
    expect(await send(port, here.mail)).toMatch(/^250 2\.0\.0 accepted/);
  expect(here.web.asked).toEqual([`GET www.example.jp:${here.web.port}/company`]);
});

test("a page without the address refuses, and the reply and explain say the same", async () => {
  const here = await place();
  here.web.pages["/company"] = "<h1>会社概要</h1><p>創業 1990 年</p>";
  const reply = await send(await open(here), here.mail);
  expect(reply).toMatch(/^550 5\.7\.1 sender-address-missing: .*that page does not show it/);
  const told = await here.explain();
  expect(formatReply(told.reply)).toBe(reply);
  expect(told).toMatchObject({ decision: "refuse", reason: "sender-address-missing" });
});

test("A14: a page that is not there refuses with 404 as its reason", async () => {
  const here = await place();
  expect(await send(await open(here), here.mail)).toMatch(/^550 5\.7\.1 .*it answers 404/);
  const told = await here.explain("ja");
  const finding = told.findings.find((one) => one.rule === "jp/address");
  expect(finding?.evidence).toContain("応答が 404 です");
  expect(finding?.remedy).toContain("リンク先ページに");
});

test("a page that does not come in time defers; the mail that comes again goes", async () => {
  const here = await place(50);
  const { promise: came, resolve: come } = Promise.withResolvers<undefined>();
  const { promise: sent, resolve: done } = Promise.withResolvers<undefined>();
  here.web.pages["/company"] = (_request, answer) => {
    void came.then(() => {
      answer.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
      answer.end(address, () => {
        done(undefined);
      });
    });
  };
  const port = await open(here);
  expect(await send(port, here.mail)).toMatch(/^451 4\.7\.1 page-unchecked: /);
  come(undefined);
  await sent;
  const isKnown = (): void => {
    expect(here.pages.known(here.stream.sender).size).toBe(1);
  };
  await vi.waitFor(isKnown, { timeout: patienceMs });
  expect(await send(port, here.mail)).toMatch(/^250 /);
});

test("a server that is down defers: the company's mail is not lost for its web server", async () => {
  const here = await place();
  here.web.pages["/company"] = (_request, answer) => {
    answer.writeHead(503).end();
  };
  expect(await send(await open(here), here.mail)).toMatch(
    /^451 4\.7\.1 page-unchecked: .*it answers 503/,
  );
  expect((await here.explain()).decision).toBe("defer");
});

test("another recipient's link of this gateway, left in a template, is refused", async () => {
  const here = await place();
  here.web.pages["/company"] = address;
  const indexer = createMemoryStores().indexer;
  const linkOf = (who: string): string => {
    const subject = indexer.address(addressOf(who));
    return `https://gw.example.jp/u/${tokens.issue({ subject, sender: "sample", topic: "news" })}`;
  };
  const port = await open(here);
  const mailWith = (link: string): Buffer =>
    composeMail({
      text: `株式会社サンプル商事\n会社概要 http://www.example.jp:${here.web.port}/company\nお問い合わせ 03-0000-0000\n配信停止をご希望の方はこちら ${link}`,
    });
  expect(await send(port, mailWith(linkOf("taro@example.net")))).toMatch(/^250 /);
  expect(await send(port, mailWith(linkOf("hanako@example.net")))).toMatch(
    /^550 .*made for another recipient/,
  );
  expect(await send(port, mailWith(`https://gw.example.jp/u/${"A".repeat(60)}`))).toMatch(
    /^550 .*none that this gateway made/,
  );
});
