// People whose mailboxes have every character that RFC 5321 allows, and dots where Japanese carriers once gave them out:
// imported, written to, and heard when they stop, complain, are gone or want to be forgotten; nobody else is.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { runHere } from "../support/command-here.ts";
import { startDnsStub } from "../support/dns-stub.ts";
import { startFakeMx, type FakeMx, type FakeMxDelivery } from "../support/fake-mx.ts";
import {
  createWorkplace,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "../support/gateway-process.ts";
import { dial, sendMail } from "../support/raw-client.ts";

const names = [
  "o'brien", "a+b", "a&b", "a=b", "a/b", "{a}", "a|b", "a~b", "a`b", "a^b", "a*b", "$a", "a!b", "a#b", "a?b",
  "50%off", "a%41", "a..b", ".a", "a.", "-a-", "=a", "+81", "12", "_", "x--y", "b-a", "unsubscribe+a",
].map((local) => `${local}@sink.test`); // prettier-ignore
/** Who has what is left of one of them where a character is taken for a mark. */
const neighbours = ["brien", "a", "b", "41", "off", "81", "x"].map((local) => `${local}@sink.test`);
const all = [...names, ...neighbours];
/** What each does. */
const fates = ["writes", "clicks", "complains", "bounces", "asks"] as const;
const fateOf = (index: number): (typeof fates)[number] => fates[index % fates.length] ?? "writes";

const world = new AsyncDisposableStack();
let mx: FakeMx;
let workplace: Workplace;
let gateway: GatewayProcess;

beforeAll(async () => {
  mx = world.use(await startFakeMx());
  const zones = { "sink.test": { TXT: ["v=spf1 ip4:127.0.0.1 -all"] } };
  const dns = world.use(await startDnsStub(zones));
  workplace = world.use(
    createWorkplace(
      `
smtp:
  listeners:
    - { host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }
    - { host: 127.0.0.1, port: 0, role: feedback }
http: { host: 127.0.0.1, port: 0, public_url: "https://gw.example.jp" }
feedback: { domain: bounce.example.jp, mailboxes: [{ address: fbl@bounce.example.jp }, { address: reply@bounce.example.jp, sender: sample }] }
dns: { servers: ["${dns.server}"], on_failure: "off" }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${mx.port}" }] }
`,
      { ofStream: ["placeholder: true", "list_unsubscribe: replace"] },
    ),
  );
  gateway = await startGatewayProcess(workplace.configFile);
  world.defer(async () => {
    await gateway.stop("SIGTERM");
  });
}, 120_000);

afterAll(() => world.disposeAsync());

test("a table with all of them is imported, and each is written to as the table says", async () => {
  const path = join(workplace.folder, "people.csv");
  const rows = all.map(
    (who) => `"${who}",sample,news,consent,2026-01-05,web-form,https://www.example.jp/signup`,
  );
  writeFileSync(
    path,
    ["email,sender,topic,basis,granted_at,method,source", ...rows, ""].join("\r\n"),
  );
  const imported = await runHere(workplace.configFile, "consent", "import", path);
  expect(imported.stderr).toBe("");
  expect(imported.json()).toMatchObject([{ good: all.length, bad: 0, recorded: all.length }]);
  for (const who of all) expect(await submit(who), who).toMatch(/^250 2\.0\.0 accepted/);
  await mx.waitFor(() => mx.deliveries.length === all.length, 30_000);
  expect(mx.deliveries.flatMap(({ recipients }) => recipients).toSorted()).toEqual(all.toSorted());
});

test("an export of them is an import that changes nothing", async () => {
  const path = join(workplace.folder, "exported.csv");
  const exported = await runHere(workplace.configFile, "consent", "export");
  writeFileSync(path, exported.stdout);
  const again = await runHere(workplace.configFile, "consent", "import", path);
  expect(again.json()).toMatchObject([{ good: all.length, bad: 0, recorded: 0 }]);
});

test("each of them is heard, and nobody else", async () => {
  for (const [index, who] of names.entries()) {
    const copy = copyFor(who);
    switch (fateOf(index)) {
      case "writes":
        await comeBack("reply@bounce.example.jp", request(who), who);
        break;
      case "clicks": {
        const link = /^List-Unsubscribe: <([^>]*)>/m.exec(copy.data.toString("latin1"))?.[1] ?? "";
        const url = link.replace("https://gw.example.jp", `http://127.0.0.1:${gateway.httpPort}`);
        const body = "List-Unsubscribe=One-Click";
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        expect((await fetch(url, { method: "POST", headers, body })).status).toBe(200);
        break;
      }
      case "complains":
        await comeBack("fbl@bounce.example.jp", complaint(copy));
        break;
      case "bounces":
        await comeBack(copy.mailFrom, bounce(who));
        break;
      case "asks":
        expect(await runHere(workplace.configFile, "consent", "erase", who, "--yes")).toMatchObject(
          { code: 0 },
        );
    }
  }
  const reasons = {
    writes: "suppressed",
    clicks: "withdrawn",
    complains: "suppressed",
    bounces: "suppressed",
    asks: "withdrawn",
  };
  for (const [index, who] of names.entries())
    expect(await rcpt(who), who).toMatch(new RegExp(`^550 5\\.7\\.1 ${reasons[fateOf(index)]}: `));
  for (const who of neighbours) expect(await rcpt(who), who).toMatch(/^250/);
});

function copyFor(who: string): FakeMxDelivery {
  const copy = mx.deliveries.find(({ recipients }) => recipients.includes(who));
  if (copy === undefined) throw new Error(`no copy for ${who}`);
  return copy;
}

async function rcpt(who: string): Promise<string> {
  const client = await dial(gateway.smtpPorts[0] ?? 0);
  await client.command("EHLO tool.example.jp");
  await client.command("MAIL FROM:<news@example.jp>");
  const reply = await client.command(`RCPT TO:<${who}>`);
  client.end();
  return reply;
}

function submit(who: string): Promise<string> {
  const mail = { from: "news@example.jp", to: who, content: newsletter(who) };
  return sendMail(gateway.smtpPorts[0] ?? 0, mail);
}

async function comeBack(to: string, lines: readonly string[], from = ""): Promise<void> {
  const mail = { from, to, content: lines.join("\r\n") };
  expect(await sendMail(gateway.smtpPorts[1] ?? 0, mail)).toBe("250 2.0.0 received");
}

function newsletter(who: string): string {
  return [
    "From: news@example.jp",
    `To: <${who}>`,
    "Subject: =?utf-8?B?44K144Oz44OX44Or6YCa5L+h?=",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    "サンプル通信をお届けします。",
    "送信者:株式会社サンプル商事",
    "住所:〒999-9999 東京都架空区見本町1-2-3",
    "お問い合わせ:03-0000-0000 / support@example.jp",
    "配信停止をご希望の方はこちら",
    "{{sekisho.unsubscribe_url}}",
  ].join("\r\n");
}

/** In their own words, with nothing of our mail in it: only From tells who asks. */
function request(who: string): readonly string[] {
  return [
    `From: "${neighbours[0]}" <${who}>`, // some clients put any address they know into the name
    "To: <reply@bounce.example.jp>",
    "Subject: =?utf-8?B?6YWN5L+h5YGc5q2i?=",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    "配信停止してください。",
  ];
}

function complaint({ data }: FakeMxDelivery): readonly string[] {
  return [
    "From: feedback@example.com",
    "To: fbl@bounce.example.jp",
    "Subject: FW: complaint",
    "MIME-Version: 1.0",
    "Content-Type: multipart/report; report-type=feedback-report; boundary=frame",
    "",
    "--frame",
    "Content-Type: message/feedback-report",
    "",
    "Feedback-Type: abuse",
    "User-Agent: Example/1.0",
    "Version: 1",
    "",
    "--frame",
    "Content-Type: message/rfc822",
    "",
    data.toString().trimEnd(),
    "--frame--",
  ];
}

function bounce(who: string): readonly string[] {
  return [
    "From: MAILER-DAEMON@sink.test",
    "Subject: Undelivered Mail Returned to Sender",
    "MIME-Version: 1.0",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=frame",
    "",
    "--frame",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.sink.test",
    "",
    `Final-Recipient: rfc822; ${who}`,
    "Action: failed",
    "Status: 5.1.1",
    `Diagnostic-Code: smtp; 550 5.1.1 <${who}>: Recipient address rejected: User unknown`,
    "",
    "--frame--",
  ];
}
