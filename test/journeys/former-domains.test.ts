// A sender changes its bounce domain, then the gateway its own, then the sender leaves the configuration: whoever got mail before
// can still stop it by the addresses in it, and what bounces is still heard.
import { readFileSync, writeFileSync } from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import { runHere } from "../support/command-here.ts";
import { startFakeMx, type FakeMx } from "../support/fake-mx.ts";
import {
  createWorkplace,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "../support/gateway-process.ts";
import { dial, sendMail } from "../support/raw-client.ts";

const names = ["ichiro", "jiro", "saburo", "shiro"] as const;
type Name = (typeof names)[number];

const world = new AsyncDisposableStack();
let mx: FakeMx;
let workplace: Workplace;
let gateway: GatewayProcess | undefined;

beforeAll(async () => {
  mx = world.use(await startFakeMx());
  workplace = world.use(
    createWorkplace(
      `
smtp:
  listeners:
    - { host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }
    - { host: 127.0.0.1, port: 0, role: feedback }
http: { host: 127.0.0.1, port: 0, public_url: "https://gw.example.jp" }
feedback: { domain: returns.example.jp }
dns: { on_failure: "off" }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${mx.port}" }] }
`,
      { ofStream: ["list_unsubscribe: replace"] },
    ),
  );
  edit(
    "    domains: [example.jp]",
    "    domains: [example.jp]\n    bounce_domain: bounce.example.jp",
  );
  edit("rules: [jp]", "rules: []");
  for (const name of names)
    await runHere(
      workplace.configFile,
      ..."consent add --sender sample --topic news --basis consent --method web-form".split(" "),
      "--source=https://www.example.jp/signup",
      `--email=${name}@sink.test`,
    );
  world.defer(async () => {
    await gateway?.stop("SIGTERM");
  });
  gateway = await startGatewayProcess(workplace.configFile);
  for (const name of names) {
    const content = `From: news@example.jp\r\nTo: ${name}@sink.test\r\nSubject: hello\r\n\r\nx\r\n`;
    const mail = { from: "news@example.jp", to: `${name}@sink.test`, content };
    expect(await sendMail(gateway.smtpPorts[0] ?? 0, mail)).toMatch(/^250/);
  }
  await mx.waitFor(() => mx.deliveries.length === names.length, 20_000);
  expect(boxesOf("ichiro").returnPath).toMatch(/@bounce\.example\.jp$/);
}, 120_000);

afterAll(() => world.disposeAsync());

test("after a reload with another bounce domain the old one is still taken, and the operator is told to keep its MX", async () => {
  edit("bounce.example.jp", "b2.example.jp");
  await reload();
  expect(gateway?.log.join("\n")).toMatch(
    /"domains":\["bounce\.example\.jp"\].*former bounce and feedback domains/,
  );
  await stop("ichiro");
  expect(await suppressions("ichiro")).toEqual([]);
  expect(await standing("ichiro")).toBe("withdrawn");
});

test("after a start with another domain of the gateway's own both are still taken, bounces too", async () => {
  edit("returns.example.jp", "r2.example.jp");
  edit("    bounce_domain: b2.example.jp\n", "");
  await restart();
  await stop("jiro");
  expect(await standing("jiro")).toBe("withdrawn");
  const { returnPath } = boxesOf("saburo");
  for (const host of ["b2.example.jp", "returns.example.jp", "r2.example.jp"])
    expect(await rcpt(returnPath.replace(/@.*/, `@${host}`))).toMatch(/^250/);
  expect(await rcpt(returnPath.replace(/@.*/, "@never.example.jp"))).toMatch(/^550 5\.1\.1/);
  await come("", returnPath, bounce("saburo"));
  expect(await suppressions("saburo")).toEqual(["hard-bounce all"]);
});

test("what a person says of a sender that is no longer there holds everywhere", async () => {
  edit("- id: sample", "- id: other");
  edit("sender: sample", "sender: other");
  await restart();
  await stop("shiro");
  expect(await suppressions("shiro")).toEqual(["unsubscribe all"]);
});

function edit(before: string, after: string): void {
  const text = readFileSync(workplace.configFile, "utf8");
  expect(text).toContain(before);
  writeFileSync(workplace.configFile, text.replace(before, after));
}

async function reload(): Promise<void> {
  gateway?.child.kill("SIGHUP");
  await expect
    .poll(() => gateway?.log.some((line) => line.includes('"configuration reloaded"')), {
      timeout: 20_000,
    })
    .toBe(true);
}

async function restart(): Promise<void> {
  await gateway?.stop("SIGTERM");
  gateway = await startGatewayProcess(workplace.configFile);
}

function boxesOf(name: Name): { readonly returnPath: string; readonly optOut: string } {
  const copy = mx.deliveries.find(({ recipients }) => recipients.includes(`${name}@sink.test`));
  const optOut = /mailto:([^>?]*)\?/.exec(copy?.data.toString("latin1") ?? "")?.[1] ?? "";
  return { returnPath: copy?.mailFrom ?? "", optOut };
}

async function stop(name: Name): Promise<void> {
  await come(`${name}@sink.test`, boxesOf(name).optOut, "Subject: unsubscribe\r\n\r\n");
}

async function come(from: string, to: string, content: string): Promise<void> {
  const reply = await sendMail(gateway?.smtpPorts[1] ?? 0, { from, to, content });
  expect(reply).toBe("250 2.0.0 received");
}

async function rcpt(to: string): Promise<string> {
  const client = await dial(gateway?.smtpPorts[1] ?? 0);
  await client.command("EHLO mx.example.net");
  await client.command("MAIL FROM:<>");
  const reply = await client.command(`RCPT TO:<${to}>`);
  client.end();
  return reply;
}

async function standing(name: Name): Promise<unknown> {
  const shown = await runHere(workplace.configFile, "consent", "show", `${name}@sink.test`);
  const [{ standings }] = shown.json() as unknown as [
    { readonly standings: readonly { readonly standing: string }[] },
  ];
  return standings[0]?.standing;
}

async function suppressions(name: Name): Promise<readonly string[]> {
  const found = await runHere(workplace.configFile, "suppress", "lookup", `${name}@sink.test`);
  const [{ suppressions: all }] = found.json() as unknown as [
    { readonly suppressions: readonly { readonly kind: string; readonly scope: string }[] },
  ];
  return all.map(({ kind, scope }) => `${kind} ${scope}`);
}

/** RFC 3464. */
function bounce(name: Name): string {
  return [
    "From: MAILER-DAEMON@mx.sink.test",
    "Subject: Undelivered Mail Returned to Sender",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="d"',
    "",
    "--d",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.sink.test",
    "",
    `Final-Recipient: rfc822; ${name}@sink.test`,
    "Action: failed",
    "Status: 5.1.1",
    `Diagnostic-Code: smtp; 550 5.1.1 <${name}@sink.test>: User unknown in virtual mailbox table (in reply to RCPT TO command)`,
    "",
    "--d--",
    "",
  ].join("\r\n");
}
