// Commands that are too early, too long, unknown, or carry what they must not.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { dial, type RawClient } from "../support/raw-client.ts";
import {
  beginBody,
  makeStream,
  startSmtpGateway,
  type SmtpGateway,
} from "../support/smtp-gateway.ts";

let gateway: SmtpGateway;
beforeAll(async () => {
  gateway = await startSmtpGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function greeted(): Promise<RawClient> {
  const client = await dial(gateway.port);
  await client.command("EHLO tool.example");
  return client;
}

describe("order", () => {
  test("row 05: who talks before the greeting is turned away, and no command runs", async () => {
    const client = await dial(gateway.port, { greeting: false });
    await client.write("EHLO x\r\nMAIL FROM:<a@example.jp>\r\n");
    const rest = await client.untilClosed();
    expect(rest).toMatch(/^421 /);
    expect(rest).not.toMatch(/250/);
  });

  test("row 05: commands out of order are answered 503 and change nothing", async () => {
    const client = await dial(gateway.port);
    expect(await client.command("MAIL FROM:<a@example.jp>")).toMatch(/^503 5\.5\.1 /);
    await client.command("EHLO x");
    expect(await client.command("RCPT TO:<b@example.net>")).toMatch(/^503 5\.5\.1 /);
    expect(await client.command("DATA")).toMatch(/^503 5\.5\.1 /);
    expect(await client.command("MAIL FROM:<a@example.jp>")).toMatch(/^250 2\.1\.0 /);
    expect(await client.command("MAIL FROM:<a@example.jp>")).toMatch(/^503 5\.5\.1 /);
    expect(await client.command("DATA")).toMatch(/^554 5\.5\.1 /);
    expect(await client.command("RSET")).toMatch(/^250 2\.0\.0 /);
    expect(await client.command("DATA")).toMatch(/^503 5\.5\.1 /);
    client.end();
  });

  test("row 05: commands pipelined behind a message run after its reply, in order", async () => {
    const client = await greeted();
    await client.write(
      "MAIL FROM:<a@example.jp>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nFrom: a@example.jp\r\n\r\nx\r\n.\r\nNOOP\r\nQUIT\r\n",
    );
    const rest = await client.untilClosed();
    expect(rest.match(/^\d{3}/gm)).toEqual(["250", "250", "354", "250", "250", "221"]);
  });
});

describe("length", () => {
  test("row 07: a line of 2 KB is a syntax error, longer ones end the connection", async () => {
    const client = await greeted();
    expect(await client.command(`NOOP ${"a".repeat(600)}`)).toMatch(/^250/);
    await client.write(`MAIL FROM:<${"a".repeat(2100)}@example.jp>\r\n`);
    expect(await client.untilClosed()).toMatch(/^500 5\.5\.2 /);
  });

  test("row 07: 16 KB and 5 MB without a line end are cut off at 12 KB", async () => {
    for (const octets of [16_384, 5_000_000]) {
      const client = await greeted();
      const written = client.write("A".repeat(octets));
      expect(await client.untilClosed()).toMatch(/^500 5\.5\.2 command line too long\r\n$/);
      await written;
    }
  });

  test("row 07: an AUTH line may be longer than others", async () => {
    const client = await greeted();
    expect(await client.command(`AUTH PLAIN ${"A".repeat(8000)}`)).toMatch(/^503 5\.5\.1 /);
    client.end();
  });
});

describe("characters", () => {
  const places: readonly ((stray: string) => string)[] = [
    (stray) => `EHLO a${stray}b`,
    (stray) => `MAIL FROM:<a${stray}b@example.jp>`,
    (stray) => `MAIL FROM:<a@example.jp>${stray}RCPT TO:<b@example.net>`,
    (stray) => `MAIL FROM:<a@example.jp> ENVID=a${stray}b`,
    (stray) => `RCPT TO:<a${stray}b@example.net>`,
    (stray) => `NOOP a${stray}b`,
    (stray) => `VRFY a${stray}b`,
  ];

  for (const [name, stray] of [
    ["CR", "\r"],
    ["NUL", "\0"],
    ["ESC", "\u001b"],
    ["DEL", "\u007f"],
  ] as const) {
    test(`row 08: ${name} inside a command is answered 501 and reflected nowhere`, async () => {
      const client = await greeted();
      for (const place of places) {
        const reply = await client.command(place(stray));
        expect(reply).toMatch(/^501 5\.5\.4 [\x20-\x7e]*$/);
      }
      client.end();
    });
  }

  test("row 08: a bare LF inside a command ends the connection, and what follows does not run", async () => {
    const client = await greeted();
    await client.write("MAIL FROM:<a@example.jp>\nRCPT TO:<b@example.net>\r\nNOOP\r\n");
    const rest = await client.untilClosed();
    expect(rest.match(/^\d{3}/gm)).toEqual(["500"]);
  });

  test("row 08: host names in EHLO hold nothing that could forge a Received field", async () => {
    const client = await dial(gateway.port);
    for (const name of ["a(b", "a;b", '"a"', "a b", "a\\b", "<a>", "a".repeat(256)]) {
      expect(await client.command(`EHLO ${name}`)).toMatch(/^501 5\.5\.4 /);
    }
    expect(await client.command("EHLO [IPv6:2001:db8::1]")).toMatch(/^250-/);
    client.end();
  });
});

describe("what is offered", () => {
  test("row 10: EHLO lists what is honoured and nothing else", async () => {
    const client = await dial(gateway.port);
    const lines = (await client.command("EHLO x")).split("\r\n").map((line) => line.slice(4));
    expect(lines).toEqual([
      "gw.example.jp",
      "PIPELINING",
      "8BITMIME",
      "SIZE 1000000",
      "ENHANCEDSTATUSCODES",
      "STARTTLS",
    ]);
    expect(await client.command("HELO x")).toBe("250 gw.example.jp");
    client.end();
  });

  test("row 10: commands that are not offered are 502, VRFY tells nothing, unknown words are 500", async () => {
    const client = await greeted();
    for (const verb of [
      "BDAT 5 LAST",
      "BURL imap://x",
      "ETRN x",
      "EXPN x",
      "WIZ x",
      "SHELL",
      "KILL",
      "XCLIENT ADDR=1.2.3.4",
      "XFORWARD ADDR=1.2.3.4",
      "TURN",
    ]) {
      expect(await client.command(verb)).toMatch(/^502 5\.5\.1 /);
    }
    expect(await client.command("VRFY root")).toMatch(/^252 2\.5\.0 /);
    expect(await client.command("HELP")).toMatch(/^214 2\.0\.0 /);
    expect(await client.command("FROBNICATE")).toMatch(/^500 5\.5\.2 /);
    client.end();
  });

  test("row 10: a hundred commands without mail are enough", async () => {
    const client = await greeted();
    await client.write("NOOP\r\n".repeat(150));
    const codes = (await client.untilClosed()).match(/^\d{3}/gm) ?? [];
    expect(codes.at(-1)).toBe("421");
    expect(codes.length).toBeLessThan(105);
  });

  test("a list whose recipients are refused one after the other is heard to its end", async () => {
    await using strict = await startSmtpGateway({
      intake: { streams: [makeStream({ class: "marketing", topic: "news" })] },
    });
    const client = await dial(strict.port);
    await client.command("EHLO x");
    for (let n = 0; n < 120; n += 1) {
      expect(await client.command("NOOP")).toMatch(/^250 /); // as JavaMail asks whether it is still connected
      expect(await client.command("MAIL FROM:<a@example.jp>")).toMatch(/^250 /);
      expect(await client.command(`RCPT TO:<b${n}@example.net>`)).toMatch(
        /^550 5\.7\.1 no-consent: /,
      );
      expect(await client.command("RSET")).toMatch(/^250 /);
    }
    client.end();
  });
});

describe("parameters", () => {
  test("row 11: unknown parameters are 555, wrong and doubled ones 501", async () => {
    const client = await greeted();
    for (const [parameters, code] of [
      ["FROB=1", "555 5.5.4"],
      ["SMTPUTF8", "555 5.5.4"],
      ["REQUIRETLS", "555 5.5.4"],
      ["BODY=BINARYMIME", "501 5.5.4"],
      ["BODY", "501 5.5.4"],
      ["SIZE=abc", "501 5.5.4"],
      ["SIZE=1 SIZE=2", "501 5.5.4"],
      ["RET=FULL", "555 5.5.4"],
      [`ENVID=${"a".repeat(101)}`, "555 5.5.4"],
      ["=x", "501 5.5.4"],
    ]) {
      expect(await client.command(`MAIL FROM:<a@example.jp> ${parameters}`)).toContain(code);
    }
    expect(await client.command("MAIL FROM:<a@example.jp> BODY=8BITMIME SIZE=100")).toMatch(/^250/);
    expect(await client.command("RCPT TO:<b@example.net> NOTIFY=NEVER")).toMatch(/^555 5\.5\.4 /);
    client.end();
  });

  test("row 11: a refused MAIL leaves nothing behind for the next one", async () => {
    const client = await greeted();
    gateway.stores.stored.length = 0;
    expect(await client.command("MAIL FROM:<a@evil.example> BODY=8BITMIME")).toMatch(
      /^550 5\.7\.1/,
    );
    await beginBody(client);
    await client.write("From: a@example.jp\r\n\r\nx\r\n.\r\n");
    expect(await client.reply()).toMatch(/^250/);
    client.end();
    expect(gateway.stores.stored[0]?.message.envelope.eightBit).toBe(false);
    expect(gateway.stores.stored[0]?.message.envelope.smtpUtf8).toBe(false);
  });

  test("row 11: REQUIRETLS is offered under TLS only, takes no value, and stays with the message", async () => {
    await using willing = await startSmtpGateway({ parts: { dsn: true } });
    const client = await dial(willing.port);
    expect(await client.command("EHLO ma.example.jp")).not.toContain("REQUIRETLS");
    expect(await client.command("MAIL FROM:<a@example.jp> REQUIRETLS")).toMatch(/^555 5\.5\.4 /);
    const secure = await client.startTls();
    expect(await secure.command("EHLO ma.example.jp")).toContain("REQUIRETLS");
    expect(await secure.command("MAIL FROM:<a@example.jp> REQUIRETLS=1")).toMatch(/^501 5\.5\.4 /);
    expect(await secure.command("MAIL FROM:<a@example.jp> REQUIRETLS REQUIRETLS")).toMatch(/^501/);
    expect(await secure.command("MAIL FROM:<a@example.jp> REQUIRETLS")).toMatch(/^250/);
    await secure.command("RCPT TO:<b@example.net>");
    await secure.command("DATA");
    await secure.write("From: a@example.jp\r\n\r\nx\r\n.\r\n");
    expect(await secure.reply()).toMatch(/^250/);
    secure.end();
    expect(willing.stores.stored[0]?.message.envelope.requireTls).toBe(true);
  });

  test("row 11: DSN parameters are kept where DSN is offered, and checked", async () => {
    await using dsn = await startSmtpGateway({ parts: { dsn: true } });
    const client = await dial(dsn.port);
    expect(await client.command("EHLO x")).toContain("250-DSN\r\n");
    for (const bad of [
      `ENVID=${"a".repeat(101)}`,
      "ENVID=a+0D+0Ab",
      "ENVID=a+zz",
      "RET=SOME",
      "ENVID=",
    ]) {
      expect(await client.command(`MAIL FROM:<a@example.jp> ${bad}`)).toMatch(/^501 5\.5\.4/);
    }
    expect(await client.command("MAIL FROM:<a@example.jp> RET=hdrs ENVID=QQ314159")).toMatch(
      /^250/,
    );
    for (const bad of [
      "NOTIFY=NEVER,DELAY",
      "NOTIFY=SOMETIMES",
      "ORCPT=x",
      "ORCPT=rfc822;a+0Ab",
      `ORCPT=rfc822;${"a".repeat(600)}`,
    ]) {
      expect(await client.command(`RCPT TO:<b@example.net> ${bad}`)).toMatch(/^501 5\.5\.4/);
    }
    const recipient = "RCPT TO:<b@example.net> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@example.net";
    expect(await client.command(recipient)).toMatch(/^250/);
    expect(await client.command("DATA")).toMatch(/^354/);
    await client.write("From: a@example.jp\r\n\r\nx\r\n.\r\n");
    expect(await client.reply()).toMatch(/^250/);
    client.end();
    const [stored] = dsn.stores.stored;
    expect(stored?.message.envelope.dsn).toEqual({ ret: "HDRS", envid: "QQ314159" });
    expect(stored?.recipients[0]?.dsn).toEqual({
      notify: ["FAILURE", "DELAY"],
      orcpt: "rfc822;b@example.net",
    });
  });
});

describe("addresses", () => {
  test("row 09: shell, SQL and path characters are data and nothing else", async () => {
    const client = await greeted();
    gateway.stores.stored.length = 0;
    const locals = ["'; drop table x--", "$(id)", "`id`", "../../etc/passwd", "%00", "a|b", "a&b"];
    for (const local of locals) {
      const quoted = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$/.test(local) ? local : `"${local}"`;
      expect(await client.command(`MAIL FROM:<${quoted}@example.jp>`)).toMatch(/^250/);
      expect(await client.command(`RCPT TO:<${quoted}@example.net>`)).toMatch(/^250/);
      expect(await client.command("DATA")).toMatch(/^354/);
      await client.write("From: a@example.jp\r\n\r\nx\r\n.\r\n");
      expect(await client.reply()).toMatch(/^250/);
      expect(gateway.stores.stored.at(-1)?.recipients[0]?.address.local).toBe(quoted);
    }
    client.end();
  });

  test("row 09: addresses that are none are 501, internationalised local parts 550 5.6.7", async () => {
    const client = await greeted();
    await client.command("MAIL FROM:<a@example.jp>");
    for (const path of [
      "b",
      "postmaster",
      "b@[127.0.0.1]",
      "b@localhost",
      `${"b".repeat(65)}@example.net`,
    ]) {
      expect(await client.command(`RCPT TO:<${path}>`)).toMatch(/^501 5\.1\.3 bad-address: /);
    }
    expect(await client.command("RCPT TO:<>")).toMatch(/^501 5\.1\.3 /);
    expect(await client.command("RCPT TO:b@example.net")).toMatch(/^501 5\.5\.4 /);
    expect(await client.command("RCPT TO:<b@example.net")).toMatch(/^501 5\.5\.4 /);
    expect(await client.command("RCPT TO:<太郎@example.net>")).toMatch(
      /^550 5\.6\.7 utf8-address: /,
    );
    expect(await client.command("RCPT TO:<@relay.example:b@example.net>")).toMatch(/^250/);
    client.end();
  });

  test("row 09: an internationalised domain is kept as A-labels", async () => {
    const client = await greeted();
    gateway.stores.stored.length = 0;
    await client.command("MAIL FROM:<a@example.jp>");
    expect(await client.command("RCPT TO:<b@bücher.example>")).toMatch(/^250/);
    await client.command("DATA");
    await client.write("From: a@example.jp\r\n\r\nx\r\n.\r\n");
    await client.reply();
    client.end();
    expect(gateway.stores.stored[0]?.recipients[0]?.address.text).toBe("b@xn--bcher-kva.example");
  });
});
