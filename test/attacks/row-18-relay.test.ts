// Logins and relaying: no password in clear text, no mail without a login, no sender that is not one's own.
import { describe, expect, test } from "vitest";

import type { Finding } from "../../src/policy/finding.ts";
import { reasons } from "../../src/policy/reasons.ts";
import { createMemoryStores } from "../support/memory-stores.ts";
import { dial, type RawClient } from "../support/raw-client.ts";
import {
  domain,
  makeSender,
  makeStream,
  plainToken,
  startSmtpGateway,
  type GatewaySettings,
  type SmtpGateway,
} from "../support/smtp-gateway.ts";

const required = { auth: "required", tls: "starttls", allow: [] } as const;
const implicit = { auth: "required", tls: "implicit", allow: [] } as const;

async function loggedIn(gateway: SmtpGateway, login = gateway.login): Promise<RawClient> {
  const client = await dial(gateway.port, { tls: true });
  await client.command("EHLO x");
  const reply = await client.command(`AUTH PLAIN ${plainToken(login.username, login.secret)}`);
  expect(reply).toMatch(/^235 2\.7\.0 /);
  return client;
}

async function submit(
  client: RawClient,
  header: string,
  to: readonly string[] = ["b@example.net"],
): Promise<string> {
  const recipients = to.map((address) => `RCPT TO:<${address}>`);
  for (const step of ["MAIL FROM:<a@example.jp>", ...recipients, "DATA"]) {
    const reply = await client.command(step);
    if (!/^[23]/.test(reply) && to.length === 1) return reply;
  }
  await client.write(`${header}\r\n\r\nx\r\n.\r\n`);
  return client.reply();
}

describe("AUTH and TLS", () => {
  test("row 18: AUTH is not offered before TLS and refused there, even with the right secret", async () => {
    for (const tls of ["starttls", "optional"] as const) {
      await using gateway = await startSmtpGateway({ listener: { ...required, tls } });
      const client = await dial(gateway.port);
      expect(await client.command("EHLO x")).not.toContain("AUTH");
      const token = plainToken(gateway.login.username, gateway.login.secret);
      expect(await client.command(`AUTH PLAIN ${token}`)).toMatch(/^530 5\.7\.0 /);
      expect(await client.command("AUTH LOGIN")).toMatch(/^530 5\.7\.0 /);
      expect(await client.command("MAIL FROM:<a@example.jp>")).toMatch(/^530 5\.7\.0 /);
      const secure = await client.startTls();
      expect(await secure.command("EHLO x")).toContain("AUTH PLAIN LOGIN");
      expect(await secure.command(`AUTH PLAIN ${token}`)).toMatch(/^235 2\.7\.0 /);
      secure.end();
    }
  });

  test("row 18: AUTH PLAIN and LOGIN, with and without a first answer", async () => {
    await using gateway = await startSmtpGateway({ listener: implicit });
    const { username, secret } = gateway.login;
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    const ways = [
      [`AUTH PLAIN ${plainToken(username, secret)}`],
      ["AUTH PLAIN", plainToken(username, secret)],
      ["AUTH LOGIN", base64(username), base64(secret)],
      [`AUTH LOGIN ${base64(username)}`, base64(secret)],
    ];
    for (const lines of ways) {
      const client = await dial(gateway.port, { tls: true });
      await client.command("EHLO x");
      let reply = "";
      for (const line of lines) reply = await client.command(line);
      expect(reply).toMatch(/^235 2\.7\.0 /);
      expect(await client.command("AUTH PLAIN")).toMatch(/^503 5\.5\.1 /);
      client.end();
    }
  });

  const impossible: Readonly<Record<string, GatewaySettings>> = {
    "STARTTLS without a certificate": { listener: required, certificate: "none" },
    "implicit TLS without a certificate": { listener: implicit, certificate: "none" },
    "passwords with no TLS at all": {
      listener: { auth: "required", tls: "optional", allow: [], host: "0.0.0.0" },
      certificate: "none",
    },
    "no authentication and no range": { listener: { auth: "none", allow: [] } },
    "no authentication for everybody": { listener: { auth: "none", allow: ["0.0.0.0/0"] } },
    "a range that is none": { listener: { auth: "none", allow: ["127.0.0.0/33"] } },
    "a range for an unknown stream": { listener: { auth: "none", stream: "nothing" } },
    "feedback that nobody learns from": { listener: { role: "feedback" } },
  };
  for (const [name, settings] of Object.entries(impossible)) {
    test(`row 18: does not start: ${name}`, async () => {
      await expect(startSmtpGateway(settings)).rejects.toThrow(/listener on port/);
    });
  }
});

describe("mail without a login", () => {
  test("row 19: MAIL, RCPT and DATA without a login are 530 on every kind of listener", async () => {
    for (const tls of ["starttls", "implicit", "optional"] as const) {
      await using gateway = await startSmtpGateway({ listener: { ...required, tls } });
      const client = await dial(gateway.port, { tls: tls === "implicit" });
      await client.command("EHLO x");
      for (const line of ["MAIL FROM:<a@example.jp>", "RCPT TO:<b@example.net>", "DATA"]) {
        expect(await client.command(line)).toMatch(/^530 5\.7\.0 /);
      }
      client.end();
      expect(gateway.stores.stored).toEqual([]);
    }
  });

  test("row 19: a credential revoked or expired while its connection is open sends no more", async () => {
    await using gateway = await startSmtpGateway({ listener: implicit });
    const client = await loggedIn(gateway);
    expect(await submit(client, "From: a@example.jp")).toMatch(/^250/);
    await gateway.stores.addCredential("tool", "notices", { revokedAt: new Date() });
    expect(await submit(client, "From: a@example.jp")).toMatch(/^530 5\.7\.0 /);
    expect(await client.command("RCPT TO:<b@example.net>")).toMatch(/^530 5\.7\.0 /);
    client.end();
  });

  test("row 19: a credential is good only from its ranges, while it is alive", async () => {
    const stores = createMemoryStores();
    await using gateway = await startSmtpGateway({ stores, listener: implicit });
    const changes = [
      { ranges: ["192.0.2.0/24"] },
      { ranges: ["not a range"] },
      { expiresAt: new Date(1) },
      { revokedAt: new Date(1) },
      { stream: "gone" },
    ];
    for (const [index, { stream = "notices", ...change }] of changes.entries()) {
      const secret = await stores.addCredential(`tool${index}`, stream, change);
      const client = await dial(gateway.port, { tls: true });
      await client.command("EHLO x");
      const reply = await client.command(`AUTH PLAIN ${plainToken(`tool${index}`, secret)}`);
      expect(reply).toMatch(/^535 5\.7\.8 /);
      client.end();
    }
    const secret = await stores.addCredential("near", "notices", { ranges: ["127.0.0.0/8"] });
    const client = await loggedIn(gateway, { username: "near", secret });
    client.end();
  });
});

describe("whose mail it is", () => {
  const other = makeSender({ id: "other", domains: [domain("other.example")] });
  const streams = [makeStream(), makeStream({ id: "other", sender: other })];

  test("row 20: a login of one sender cannot use another's MAIL FROM, From or Sender", async () => {
    await using gateway = await startSmtpGateway({ listener: implicit, intake: { streams } });
    const client = await loggedIn(gateway);
    for (const path of ["a@other.example", "a@sub.example.jp", "a@example.jp.evil.example"]) {
      expect(await client.command(`MAIL FROM:<${path}>`)).toMatch(
        /^550 5\.7\.1 sender-not-permitted: .*; see https:\/\/gw\.example\.jp\/r\/sender-not-permitted$/,
      );
    }
    const headers = [
      "From: a@other.example",
      "From: a@sub.example.jp",
      "From: a@example.jp, b@example.jp",
      "From: a@example.jp\r\nFrom: a@example.jp",
      "From: a@example.jp\r\nFROM: a@other.example",
      "From: a@example.jp\r\nSender: a@other.example",
      'From: "a@example.jp" <a@other.example>',
      "From: a@example.jp <a@other.example>",
      "From: <a@example.jp> (x), <a@other.example>",
      "From: group: a@other.example;",
    ];
    for (const header of headers) {
      const reply = `${header} → ${await submit(client, header)}`;
      expect(reply).toMatch(/ → 550 5\.7\.1 sender-not-permitted: /);
    }
    for (const header of [
      "Subject: none",
      "From: ",
      "From: a@example.jp\r\n : x",
      "From: <a@example.jp>x",
    ]) {
      const reply = `${header} → ${await submit(client, header)}`;
      expect(reply).toMatch(/ → 550 5\.6\.0 malformed-header: /);
    }
    expect(gateway.stores.stored).toEqual([]);
    expect(await submit(client, "From: =?utf-8?b?44GC?= <a@EXAMPLE.jp>")).toMatch(/^250/);
    expect(gateway.stores.stored[0]?.message.fromDomain).toBe("example.jp");
    client.end();
  });

  test("row 20: what a stream does with violations does not let a foreign sender by", async () => {
    for (const onViolation of ["hold", "observe"] as const) {
      await using gateway = await startSmtpGateway({
        intake: { streams: [makeStream({ onViolation })] },
        listener: implicit,
      });
      const client = await loggedIn(gateway);
      expect(await submit(client, "From: a@other.example")).toMatch(
        /^550 5\.7\.1 sender-not-permitted/,
      );
      client.end();
      expect(gateway.stores.stored).toEqual([]);
    }
  });

  test("row 20: the null reverse-path is for transactional streams only", async () => {
    for (const [mailClass, code] of [
      ["transactional", "250 2.1.0"],
      ["marketing", "550 5.7.1 sender-not-permitted"],
      ["contract-incidental", "550 5.7.1 sender-not-permitted"],
      ["consent-request", "550 5.7.1 sender-not-permitted"],
    ] as const) {
      await using gateway = await startSmtpGateway({
        intake: { streams: [makeStream({ class: mailClass })] },
      });
      const client = await dial(gateway.port);
      await client.command("EHLO x");
      expect(await client.command("MAIL FROM:<>")).toContain(code);
      client.end();
    }
  });

  test("row 21: an address of a listed range is held to its stream's sender as everybody else is", async () => {
    await using gateway = await startSmtpGateway({ intake: { streams } });
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    expect(await client.command("MAIL FROM:<a@other.example>")).toMatch(/^550 5\.7\.1 sender-not/);
    expect(await submit(client, "From: ceo@bank.example")).toMatch(/^550 5\.7\.1 sender-not/);
    client.end();
    expect(gateway.stores.stored).toEqual([]);
  });

  test("row 21: an address outside the ranges is turned away", async () => {
    await using gateway = await startSmtpGateway({ listener: { allow: ["127.0.0.2/32"] } });
    const stranger = await dial(gateway.port, { greeting: false });
    expect(await stranger.untilClosed()).toMatch(/^554 5\.7\.1 /);
    const known = await dial(gateway.port, { localAddress: "127.0.0.2" });
    expect(await known.command("EHLO x")).toMatch(/^250/);
    known.end();
  });
});

describe("the recipient's papers", () => {
  test("no consent, withdrawn and suppressed are 550 5.7.1 at RCPT, each in the audit log with its person", async () => {
    const stores = createMemoryStores();
    stores.grant("yes@example.net");
    stores.grant("stop@example.net", { kind: "withdrawn", since: new Date(0), scope: "topic" });
    stores.grant("gone@example.net");
    stores.suppress("gone@example.net", "hard-bounce");
    await using gateway = await startSmtpGateway({
      stores,
      intake: { streams: [makeStream({ class: "marketing", topic: "news" })] },
    });
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    await client.command("MAIL FROM:<a@example.jp>");
    expect(await client.command("RCPT TO:<nobody@example.net>")).toMatch(
      /^550 5\.7\.1 no-consent: /,
    );
    expect(await client.command("RCPT TO:<stop@example.net>")).toMatch(/^550 5\.7\.1 withdrawn: /);
    expect(await client.command("RCPT TO:<gone@example.net>")).toMatch(/^550 5\.7\.1 suppressed: /);
    expect(await client.command("RCPT TO:<yes@example.net>")).toMatch(/^250 2\.1\.5 /);
    expect(await client.command("DATA")).toMatch(/^354/);
    await client.write("From: a@example.jp\r\n\r\nx\r\n.\r\n");
    const id = /^250 2\.0\.0 accepted id=([0-9a-z]{26})$/.exec(await client.reply())?.[1];
    client.end();
    expect(stores.stored[0]?.recipients.map((each) => each.recipientId)).toEqual([`${id}-1`]);
    expect(
      stores.events.map(({ type, reason, messageId, actor }) => ({
        type,
        reason,
        messageId,
        actor,
      })),
    ).toEqual([
      ...["no-consent", "withdrawn", "suppressed"].map((reason) => ({
        type: "Refusal",
        reason,
        messageId: id,
        actor: "range:notices",
      })),
      { type: "Reception", reason: undefined, messageId: id, actor: "range:notices" },
    ]);
    expect(stores.events[0]?.personal).toEqual({ address: "nobody@example.net" });
    expect(
      JSON.stringify(stores.events.map(({ personal: _hidden, ...rest }) => rest)),
    ).not.toContain("example.net");
  });

  test("the same message within a day is answered 250 with the first one's id and stored once", async () => {
    await using gateway = await startSmtpGateway({ listener: implicit });
    const client = await loggedIn(gateway);
    const first = await submit(client, "From: a@example.jp\r\nMessage-ID: <1@example.jp>");
    const again = await submit(client, "From: a@example.jp\r\nMessage-ID: <1@example.jp>");
    const second = await submit(client, "From: a@example.jp\r\nMessage-ID: <2@example.jp>");
    const third = await submit(
      client,
      "From: a@example.jp\r\nSubject: order 2\r\nMessage-ID: <1@example.jp>",
    );
    expect(again).toBe(first);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(gateway.stores.stored).toHaveLength(3);
    client.end();
  });

  test("a message to several is sent again to nobody who has it, where one is refused or added meanwhile", async () => {
    await using gateway = await startSmtpGateway({ listener: implicit });
    const { stores } = gateway;
    const [b, c, d, e] = [
      "b@example.net",
      "c@example.net",
      "d@example.net",
      "e@example.net",
    ] as const;
    for (const one of [b, c, d, e]) stores.grant(one);
    const client = await loggedIn(gateway);
    const header = "From: a@example.jp\r\nMessage-ID: <1@example.jp>";
    const first = await submit(client, header, [b, c, d]);
    expect(first).toMatch(/^250 2\.0\.0 accepted /);
    stores.suppress(c, "unsubscribe"); // The 250 was lost, and c asked to stop before the client came again.
    expect(await submit(client, header, [b, c, d])).toBe(first);
    expect(stores.stored).toHaveLength(1);
    const more = await submit(client, header, [d, e, b]);
    expect(more).toMatch(/^250 2\.0\.0 accepted /);
    expect(more).not.toBe(first);
    expect(stores.stored[1]?.recipients.map(({ address }) => address.text)).toEqual([e]);
    expect(stores.events.at(-1)?.detail).toMatchObject({ recipients: 1, repeated: 2 });
    expect(await submit(client, header, [e])).toBe(more);
    client.end();
  });

  test("the same message is told to be held for as long as the first one is", async () => {
    const { remedy, law } = reasons["contact-missing"];
    const finding: Finding = {
      rule: "jp/contact",
      part: "text/plain",
      outcome: "fail",
      evidence: "none",
      law,
      remedy,
      reason: "contact-missing",
    };
    await using gateway = await startSmtpGateway({
      listener: implicit,
      intake: {
        streams: [makeStream({ onViolation: "hold" })],
        judge: {
          judge: () => Promise.resolve({ kind: "judged", findings: [finding], bodyHash: "0" }),
          [Symbol.asyncDispose]: () => Promise.resolve(),
        },
      },
    });
    const client = await loggedIn(gateway);
    const first = await submit(client, "From: a@example.jp\r\nMessage-ID: <1@example.jp>");
    expect(first).toMatch(/^250 2\.0\.0 held id=[0-9a-z]{26}: contact-missing: /);
    expect(await submit(client, "From: a@example.jp\r\nMessage-ID: <1@example.jp>")).toBe(first);
    client.end();
  });
});
