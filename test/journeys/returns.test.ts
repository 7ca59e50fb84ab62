// A campaign goes out; one person stops by one click, one by mail, one by an answer, one complains, one address is dead.
// The next campaign refuses exactly these five, each with its own reason.
import { afterAll, beforeAll, expect, test } from "vitest";

import { runHere } from "../support/command-here.ts";
import { verifyByMailauth } from "../support/dkim-verifiers.ts";
import { startDnsStub } from "../support/dns-stub.ts";
import { startFakeMx, type FakeMx, type FakeMxDelivery } from "../support/fake-mx.ts";
import {
  createWorkplace,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "../support/gateway-process.ts";
import { dial, sendMail } from "../support/raw-client.ts";

const names = ["ichiro", "jiro", "saburo", "shiro", "goro", "rokuro", "nanako", "yaeko"] as const; // the first five are lost
type Name = (typeof names)[number];
const addressOf = (name: Name): string => `${name}@sink.test`;
const clientOf = (name: Name): string => `campaign-${name}@example.jp`; // the tool's own bounce addresses

const world = new AsyncDisposableStack();
let mx: FakeMx;
let workplace: Workplace;
let gateway: GatewayProcess;
let start: Date;
const ids = new Map<Name, string>();

beforeAll(async () => {
  start = new Date();
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
feedback:
  domain: bounce.example.jp
  mailboxes:
    - { address: reply@bounce.example.jp, sender: sample }
    - { address: fbl@bounce.example.jp }
dns: { servers: ["${dns.server}"], on_failure: "off" }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${mx.port}" }], retry: { schedule: ["1s"], max_age: "1h" } }
`,
      { ofStream: ["placeholder: true", "list_unsubscribe: replace"] },
    ),
  );
  for (const name of names) {
    const result = await runHere(
      workplace.configFile,
      ..."consent add --sender sample --topic news --basis consent --method web-form".split(" "),
      "--source=https://www.example.jp/signup",
      `--email=${addressOf(name)}`,
    );
    expect([result.code, result.stderr]).toEqual([0, expect.any(String)]);
  }
  gateway = await startGatewayProcess(workplace.configFile);
  world.defer(async () => {
    await gateway.stop("SIGTERM");
  });
}, 120_000);

afterAll(() => world.disposeAsync());

test("the campaign goes out, each copy with its own opt-out, under one signature", async () => {
  for (const name of names) {
    const reply = await submit(name, 1);
    expect(reply).toMatch(/^250 2\.0\.0 accepted id=/);
    ids.set(name, /id=(\S+)/.exec(reply)?.[1] ?? "");
  }
  await mx.waitFor(() => mx.deliveries.length === names.length, 20_000);
  const keys = (await runHere(workplace.configFile, "keys", "list", "--json")).json();
  const records = Object.fromEntries(
    keys.map(({ record }) => {
      const { name, value } = record as { name: string; value: string };
      return [name, value];
    }),
  );
  for (const name of names) {
    const copy = copyOf(name);
    const text = copy.data.toString("latin1");
    expect(copy.mailFrom).toMatch(/^b-[0-9a-z-]+@bounce\.example\.jp$/);
    expect(await verifyByMailauth(copy.data, records)).toEqual([true]);
    const signed = /^DKIM-Signature:[^]*?\bh=([^;]*);/m.exec(text)?.[1]?.replace(/\s/g, "") ?? "";
    // RFC 8058 §4: both fields must be covered.
    expect(signed.split(":")).toEqual(
      expect.arrayContaining(["List-Unsubscribe", "List-Unsubscribe-Post"]),
    );
    expect(text).toContain("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    const { link } = optOutOf(name);
    expect(link).toMatch(/^https:\/\/gw\.example\.jp\/u\/[A-Za-z0-9_-]{83}$/);
    // The template's place holds the same link, in both alternatives.
    const base64 = /base64\r\n\r\n([^]*?)\r\n--/.exec(text)?.[1] ?? "";
    expect(Buffer.from(base64, "base64").toString()).toContain(`こちら\r\n${link}\r\n`);
    const quoted = /quoted-printable\r\n\r\n([^]*?)\r\n--/.exec(text)?.[1] ?? "";
    expect(quoted.replaceAll("=\r\n", "").replaceAll("=3D", "=")).toContain(`href="${link}"`);
    expect(text).not.toContain("unsubscribe_url");
  }
  expect(new Set(names.map((name) => optOutOf(name).link)).size).toBe(names.length);
});

test("five things come back", async () => {
  // RFC 8058 §3.2 by an HTTP client: no cookie, no redirect. GET and HEAD first, as scanners do.
  const page = localUrl(optOutOf("ichiro").link);
  for (const method of ["GET", "HEAD"]) expect((await fetch(page, { method })).status).toBe(200);
  const answer = await fetch(page, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "List-Unsubscribe=One-Click",
    redirect: "error",
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("set-cookie")).toBeNull();
  const unknown = await fetch(localUrl(`https://gw.example.jp/u/${"A".repeat(83)}`), {
    method: "POST",
    body: "List-Unsubscribe=One-Click",
  });
  expect([unknown.status, await unknown.text()]).toEqual([200, await answer.text()]);

  const { mailbox } = optOutOf("jiro");
  await comeBack(addressOf("jiro"), mailbox, [
    `From: <${addressOf("jiro")}>`,
    `To: <${mailbox}>`,
    "Subject: unsubscribe",
    "",
    "",
  ]);
  await comeBack(addressOf("saburo"), "reply@bounce.example.jp", [
    `From: <${addressOf("saburo")}>`,
    "To: <reply@bounce.example.jp>",
    "Subject: =?utf-8?B?UmU6IOOCteODs+ODl+ODq+mAmuS/oQ==?=",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    Buffer.from("配信停止してください。\r\n").toString("base64"),
    "",
  ]);
  await comeBack("", "fbl@bounce.example.jp", complaint(copyOf("shiro")));
  await comeBack("", copyOf("goro").mailFrom, bounce(addressOf("goro")));
});

test("what a stranger writes to a return path in the sender's name goes to a person, and nowhere else", async () => {
  await comeBack(addressOf("yaeko"), copyOf("yaeko").mailFrom, [
    "From: <ceo@example.jp>",
    "To: <accounting@example.jp>",
    "Subject: urgent",
    "",
    "https://evil.test/",
    "",
  ]);
  const alarm = (await trace(ids.get("yaeko") ?? "")).find(({ type }) => type === "Alarm");
  expect(alarm).toMatchObject({
    detail: { why: expect.stringContaining("not passed on") as string },
    personal: { from: "<ceo@example.jp>", subject: "urgent" },
  });
});

test("a stranger's mailbox is not taken, and a forged return path neither", async () => {
  const [local = ""] = copyOf("nanako").mailFrom.split("@");
  for (const to of ["victim@example.net", `${local.slice(0, -1)}0x@bounce.example.jp`])
    expect(await rcptAtFeedback(to)).toMatch(/^550 5\.1\.1 /);
  const metrics = await (await fetch(localUrl("https://gw.example.jp/metrics"))).text();
  expect(metrics).toContain('sekisho_returned_total{kind="forged"} 1');
  expect(metrics).toContain('sekisho_returned_total{kind="foreign"} 1');
  expect(metrics).toContain('sekisho_returned_total{kind="bounce"} 1');
});

test("the next campaign refuses exactly these five, each with its own reason", async () => {
  const replies = new Map<Name, string>();
  for (const name of names) replies.set(name, await rcpt(name));
  const refused = [...replies].filter(([, reply]) => !reply.startsWith("250"));
  expect(refused.map(([name]) => name)).toEqual(names.slice(0, 5));
  const topic = "for sender sample, topic news";
  expect(replies.get("ichiro")).toContain(`550 5.7.1 withdrawn: `);
  expect(replies.get("ichiro")).toContain(`(by one-click, ${topic})`);
  expect(replies.get("jiro")).toContain(`(by mailto, ${topic})`);
  // It was proved who wrote, and not by which copy: the wish holds for every topic.
  expect(replies.get("saburo")).toContain("(unsubscribe, for this sender)");
  expect(replies.get("shiro")).toContain("550 5.7.1 suppressed: ");
  expect(replies.get("shiro")).toContain("(complaint, for this sender)");
  expect(replies.get("goro")).toContain("(hard-bounce, for all mail)");
  expect(new Set(refused.map(([, reply]) => reply)).size).toBe(5);
});

test("mail that waits is stopped too, as soon as the person says so", async () => {
  let tries = 0;
  mx.rescript({
    on: {
      rcpt: (_session, line) => {
        if (!line.includes(addressOf("rokuro"))) return undefined;
        tries += 1;
        return "451 4.2.0 later";
      },
    },
  });
  const reply = await submit("rokuro", 2);
  const id = /id=(\S+)/.exec(reply)?.[1] ?? "";
  await mx.waitFor(() => tries > 0);
  const { status } = await fetch(localUrl(optOutOf("rokuro").link), { method: "POST" });
  expect(status).toBe(200);
  await expect
    .poll(async () => (await trace(id)).some(({ type }) => type === "Dropped"), {
      timeout: 30_000,
      interval: 500,
    })
    .toBe(true);
  const dropped = (await trace(id)).find(({ type }) => type === "Dropped");
  expect(dropped?.["reason"]).toBe("withdrawn");
});

test("the trace of each message shows what came of it", async () => {
  const shown = async (name: Name): Promise<readonly string[]> =>
    (await trace(ids.get(name) ?? "")).map(({ type }) => String(type));
  expect(await shown("nanako")).toEqual(["Reception", "Delivery"]);
  expect(await shown("ichiro")).toEqual(["Reception", "Delivery", "Consent", "Unsubscribe"]);
  expect(await shown("jiro")).toEqual(["Reception", "Delivery", "Consent", "Unsubscribe"]);
  expect(await shown("shiro")).toEqual(
    expect.arrayContaining(["Delivery", "Suppression", "Consent", "Complaint"]),
  );
  expect(await shown("goro")).toEqual(["Reception", "Delivery", "Suppression", "Returned"]);
  const returned = (await trace(ids.get("goro") ?? "")).find(({ type }) => type === "Returned");
  expect(returned).toMatchObject({
    recipient: addressOf("goro"),
    detail: { reason: "user-unknown", suppressed: true },
    personal: { diagnostic: expect.stringContaining("550 5.1.1") as string },
  });
});

test("the tool gets the bounce at its own address, octet for octet in a mail of the gateway's own, and a list of who opted out", async () => {
  await mx.waitFor(() => mx.deliveries.some(({ recipients }) => isFor(recipients, "goro")));
  const passedOn = mx.deliveries.filter(({ recipients }) => isFor(recipients, "goro"));
  expect(passedOn).toHaveLength(1);
  expect(passedOn[0]?.mailFrom).toBe("");
  const [own = "", held] = passedOn[0]?.data.toString().split("message/rfc822\r\n\r\n") ?? [];
  expect(own.match(/^From: .*$/gm)).toEqual(["From: MAILER-DAEMON <MAILER-DAEMON@gw.example.jp>"]);
  expect(held).toContain(bounce(addressOf("goro")).join("\r\n"));
  expect(mx.deliveries.filter(({ recipients }) => isFor(recipients, "yaeko"))).toEqual([]);
  const since = start.toISOString();
  const csv = await runHere(workplace.configFile, "log", "opt-outs", "--since", since);
  const rows = csv.stdout.trimEnd().split("\r\n");
  expect(rows[0]).toBe("email,sender,topic,at,how");
  expect(rows.slice(1).map((row) => row.split(",").toSpliced(3, 1).join(" "))).toEqual([
    "ichiro@sink.test sample news one-click",
    "jiro@sink.test sample news mailto",
    "saburo@sink.test sample  reply",
    "shiro@sink.test sample  complaint",
    "rokuro@sink.test sample news one-click",
  ]);
  const future = new Date(Date.now() + 3_600_000).toISOString();
  const none = await runHere(workplace.configFile, "log", "opt-outs", "--since", future);
  expect(none.stdout).toBe("email,sender,topic,at,how\r\n");
  const found = await runHere(
    workplace.configFile,
    ...`log search --type Unsubscribe --since ${since}`.split(" "),
  );
  expect(found.json().map(({ recipient }) => recipient)).toEqual(
    (["ichiro", "jiro", "saburo", "rokuro"] as const).map(addressOf),
  );
});

test("accepted = delivered + dropped, and the receiving server counted the same", async () => {
  const count = async (type: string): Promise<number> =>
    (await runHere(workplace.configFile, "log", "search", "--type", type)).json().length;
  // The report on the dropped recipient is the last to leave.
  await mx.waitFor(() => mx.deliveries.some(({ recipients }) => isFor(recipients, "rokuro")));
  await expect
    .poll(() => count("Delivery"), { timeout: 20_000, interval: 500 })
    .toBe(mx.deliveries.length);
  const received = (await count("Reception")) + (await count("Report"));
  expect(received).toBe(names.length + 1 + 2); // the second to `late`; one bounce passed on, one report
  expect((await count("Delivery")) + (await count("Dropped"))).toBe(received);
  const queue = await runHere(workplace.configFile, "queue", "list", "--json");
  expect(queue.json()).toEqual([]);
  expect(await runHere(workplace.configFile, "audit", "verify")).toMatchObject({ code: 0 });
});

function isFor(recipients: readonly string[], name: Name): boolean {
  return recipients.includes(clientOf(name));
}

async function trace(id: string): Promise<readonly Record<string, unknown>[]> {
  return (await runHere(workplace.configFile, "log", "trace", id)).json();
}

function copyOf(name: Name): FakeMxDelivery {
  const copy = mx.deliveries.find(({ recipients }) => recipients.includes(addressOf(name)));
  if (copy === undefined) throw new Error(`no copy for ${name}`);
  return copy;
}

function optOutOf(name: Name): { readonly link: string; readonly mailbox: string } {
  const header = /^List-Unsubscribe: <([^>]*)>,\r\n <mailto:([^>?]*)\?subject=unsubscribe>/m.exec(
    copyOf(name).data.toString("latin1"),
  );
  return { link: header?.[1] ?? "", mailbox: header?.[2] ?? "" };
}

function localUrl(link: string): string {
  return link.replace("https://gw.example.jp", `http://127.0.0.1:${gateway.httpPort}`);
}

async function rcpt(name: Name): Promise<string> {
  const client = await dial(gateway.smtpPorts[0] ?? 0);
  await client.command("EHLO tool.example.jp");
  await client.command(`MAIL FROM:<${clientOf(name)}>`);
  const reply = await client.command(`RCPT TO:<${addressOf(name)}>`);
  client.end();
  return reply;
}

async function rcptAtFeedback(to: string): Promise<string> {
  const client = await dial(gateway.smtpPorts[1] ?? 0);
  await client.command("EHLO mx.example.net");
  await client.command("MAIL FROM:<>");
  const reply = await client.command(`RCPT TO:<${to}>`);
  client.end();
  return reply;
}

async function submit(name: Name, issue: number): Promise<string> {
  const mail = { from: clientOf(name), to: addressOf(name), content: newsletter(name, issue) };
  return sendMail(gateway.smtpPorts[0] ?? 0, mail);
}

async function comeBack(from: string, to: string, lines: readonly string[]): Promise<void> {
  const reply = await sendMail(gateway.smtpPorts[1] ?? 0, {
    from,
    to,
    content: lines.join("\r\n"),
  });
  expect(reply).toBe("250 2.0.0 received");
}

/** As a tool's template leaves it: the place of the link in base64 text, and percent-encoded in quoted-printable HTML. */
function newsletter(name: Name, issue: number): string {
  const footer = [
    "送信者:株式会社サンプル商事",
    "住所:〒999-9999 東京都架空区見本町1-2-3",
    "お問い合わせ:03-0000-0000 / support@example.jp",
  ];
  const text = [
    `サンプル通信 第${issue}号をお届けします。`,
    ...footer,
    "配信停止をご希望の方はこちら",
    "{{sekisho.unsubscribe_url}}",
    "",
  ].join("\r\n");
  const html = `<html><body><p>サンプル通信 第${issue}号です。</p>${footer.map((line) => `<p>${line}</p>`).join("")}<p>配信停止をご希望の方は<a href="%7B%7Bsekisho.unsubscribe_url%7D%7D">配信を停止する</a></p></body></html>`;
  const quoted = [...Buffer.from(html)]
    .map((octet) =>
      octet > 126 || octet === 61
        ? `=${octet.toString(16).toUpperCase().padStart(2, "0")}`
        : String.fromCharCode(octet),
    )
    .join("")
    .replace(/((?:=..|[^=]){24})/g, "$1=\r\n");
  const subject = Buffer.from(`サンプル通信 第${issue}号`).toString("base64");
  return [
    "From: =?utf-8?B?5qCq5byP5Lya56S+44K144Oz44OX44Or5ZWG5LqL?= <news@example.jp>",
    `To: <${addressOf(name)}>`,
    "Reply-To: <reply@bounce.example.jp>",
    `Subject: =?utf-8?B?${subject}?=`,
    "Date: Wed, 25 Nov 2026 09:00:00 +0900",
    `Message-ID: <${name}.${issue}@example.jp>`,
    "List-Unsubscribe: <https://old.example.jp/stop>",
    "MIME-Version: 1.0",
    'Content-Type: multipart/alternative; boundary="b1"',
    "",
    "--b1",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    (
      Buffer.from(text)
        .toString("base64")
        .match(/.{1,76}/g) ?? []
    ).join("\r\n"),
    "--b1",
    "Content-Type: text/html; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    quoted,
    "--b1--",
    "",
  ].join("\r\n");
}

/** RFC 5965, with the header of the mail that is complained about. */
function complaint(copy: FakeMxDelivery): readonly string[] {
  const text = copy.data.toString("latin1");
  return [
    "From: <fbl@provider.test>",
    "To: <fbl@bounce.example.jp>",
    "Subject: FW: complaint",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=feedback-report; boundary="r"',
    "",
    "--r",
    "Content-Type: text/plain",
    "",
    "This is an email abuse report.",
    "--r",
    "Content-Type: message/feedback-report",
    "",
    "Feedback-Type: abuse",
    "User-Agent: Provider-FBL/1.0",
    "Version: 1",
    "",
    "--r",
    "Content-Type: text/rfc822-headers",
    "",
    text.slice(0, text.indexOf("\r\n\r\n")),
    "",
    "--r--",
    "",
  ];
}

/** RFC 3464. */
function bounce(who: string): readonly string[] {
  return [
    "From: Mail Delivery System <MAILER-DAEMON@mx.sink.test>",
    "To: <someone@bounce.example.jp>",
    "Subject: Undelivered Mail Returned to Sender",
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="d"',
    "",
    "--d",
    "Content-Type: text/plain",
    "",
    `<${who}>: host inner.sink.test said: 550 5.1.1 <${who}>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)`,
    "--d",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.sink.test",
    "",
    `Final-Recipient: rfc822; ${who}`,
    "Action: failed",
    "Status: 5.1.1",
    `Diagnostic-Code: smtp; 550 5.1.1 <${who}>: Recipient address rejected: User unknown in virtual mailbox table`,
    "",
    "--d--",
    "",
  ];
}
