// Limits on recipients, size, connections, memory and speed: each is kept, and says so.
import { setTimeout as delay } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { dial, type RawClient } from "../support/raw-client.ts";
import { beginBody, openBody, startSmtpGateway } from "../support/smtp-gateway.ts";

const message = "From: a@example.jp\r\n\r\nx\r\n.\r\n";

describe("recipients", () => {
  test("row 12: the 101st recipient is 452 4.5.3, and the transaction goes on", async () => {
    await using gateway = await startSmtpGateway();
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    await client.command("MAIL FROM:<a@example.jp>");
    for (let index = 0; index < 100; index += 1) {
      expect(await client.command(`RCPT TO:<r${index}@example.net>`)).toMatch(/^250/);
    }
    expect(await client.command("RCPT TO:<one-more@example.net>")).toMatch(
      /^452 4\.5\.3 too-many-recipients: /,
    );
    await client.command("DATA");
    await client.write(message);
    expect(await client.reply()).toMatch(/^250/);
    client.end();
    expect(gateway.stores.stored[0]?.recipients).toHaveLength(100);
  });

  test("row 12: 20 000 RCPT in one go are answered one by one and make one event", async () => {
    await using gateway = await startSmtpGateway();
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    await client.command("MAIL FROM:<a@example.jp>");
    const lines = Array.from(
      { length: 20_000 },
      (_, index) => `RCPT TO:<r${index}@example.net>\r\n`,
    );
    await client.write(`${lines.join("")}QUIT\r\n`);
    const codes = (await client.untilClosed()).match(/^\d{3}/gm) ?? [];
    expect(codes.filter((code) => code === "250")).toHaveLength(100);
    expect(codes.filter((code) => code === "452")).toHaveLength(19_900);
    await gateway.intake[Symbol.asyncDispose]();
    const refusals = gateway.stores.events.filter((event) => event.type === "Refusal");
    expect(refusals.map((event) => event.reason)).toEqual(["too-many-recipients"]);
  });

  test("row 12: a recipient named twice is delivered once", async () => {
    await using gateway = await startSmtpGateway();
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    await client.command("MAIL FROM:<a@example.jp>");
    for (const path of ["taro@example.net", "Taro@EXAMPLE.net", '"taro"@example.net']) {
      expect(await client.command(`RCPT TO:<${path}>`)).toMatch(/^250/);
    }
    await client.command("DATA");
    await client.write(message);
    expect(await client.reply()).toMatch(/^250/);
    client.end();
    expect(gateway.stores.stored[0]?.recipients.map((each) => each.address.text)).toEqual([
      "taro@example.net",
    ]);
  });
});

describe("size", () => {
  test("row 13: SIZE beyond the limit is 552 5.3.4 at MAIL", async () => {
    await using gateway = await startSmtpGateway();
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    expect(await client.command("MAIL FROM:<a@example.jp> SIZE=1000001")).toMatch(
      /^552 5\.3\.4 too-large: .* \(at most 1000000 octets\); see https:\/\/gw\.example\.jp\/r\/too-large/,
    );
    expect(await client.command("MAIL FROM:<a@example.jp> SIZE=1000000")).toMatch(/^250/);
    client.end();
  });

  test("row 13: a body beyond the limit is 552 5.3.4 at its end, and the connection goes on", async () => {
    await using gateway = await startSmtpGateway({ limits: { messageBytesMax: 10_000 } });
    const client = await openBody(gateway.port);
    await client.write(`From: a@example.jp\r\n\r\n${"x".repeat(70)}\r\n`.padEnd(60, "y"));
    await client.write(`${"x".repeat(70)}\r\n`.repeat(200));
    await client.write(".\r\n");
    expect(await client.reply()).toMatch(/^552 5\.3\.4 too-large: /);
    await beginBody(client);
    await client.write(message);
    expect(await client.reply()).toMatch(/^250/);
    client.end();
    expect(gateway.stores.stored).toHaveLength(1);
    expect(gateway.load.counts().bytesInFlight).toBe(0);
  });

  test("row 13: an endless body is cut 1 MB behind the limit", async () => {
    await using gateway = await startSmtpGateway({ limits: { messageBytesMax: 10_000 } });
    const client = await openBody(gateway.port);
    const closed = client.untilClosed();
    const line = Buffer.from(`${"x".repeat(998)}\r\n`.repeat(64));
    for (let sent = 0; sent < 100_000_000 && !client.socket.destroyed; sent += line.length) {
      await client.write(line);
    }
    await closed;
    expect(client.socket.bytesWritten).toBeLessThan(20_000_000);
    expect(gateway.stores.stored).toEqual([]);
    expect(gateway.load.counts().bytesInFlight).toBe(0);
  });

  test("row 64: messages in flight share one budget; beyond it 452 4.3.1, and it comes back", async () => {
    await using gateway = await startSmtpGateway({ load: { bytesInFlightMax: 200_000 } });
    const first = await openBody(gateway.port);
    await first.write(`From: a@example.jp\r\n\r\n${`${"x".repeat(98)}\r\n`.repeat(1200)}`);
    const second = await openBody(gateway.port);
    await second.write(`From: a@example.jp\r\n\r\n${`${"x".repeat(98)}\r\n`.repeat(1200)}.\r\n`);
    expect(await second.reply()).toMatch(/^452 4\.3\.1 storage-full: /);
    await first.write(".\r\n");
    expect(await first.reply()).toMatch(/^250/);
    expect(gateway.load.counts().bytesInFlight).toBe(0);
    first.end();
    second.end();
  });

  test("row 64: a full queue stops intake at MAIL with 452 4.3.1", async () => {
    const limits = { recipientsMax: 100, queuedRecipientsMax: 0, queuedBytesMax: 1e9 };
    await using gateway = await startSmtpGateway({ intake: { limits } });
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    expect(await client.command("MAIL FROM:<a@example.jp>")).toMatch(/^452 4\.3\.1 storage-full/);
    client.end();
  });

  test("row 64: a stream beyond its messages a minute is 451 4.7.1", async () => {
    await using gateway = await startSmtpGateway({
      intake: { messagesPerMinute: new Map([["notices", 2]]) },
    });
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    const replies: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      replies.push(await client.command("MAIL FROM:<a@example.jp>"));
      await client.command("RSET");
    }
    expect(replies.map((reply) => reply.slice(0, 9))).toEqual([
      "250 2.1.0",
      "250 2.1.0",
      "451 4.7.1",
    ]);
    client.end();
  });
});

describe("connections", () => {
  test("row 65: one address too often, and all together, are 421; who leaves makes room", async () => {
    await using gateway = await startSmtpGateway({
      load: { connectionsMax: 3, connectionsPerAddressMax: 2 },
    });
    const clients: RawClient[] = [await dial(gateway.port), await dial(gateway.port)];
    const third = await dial(gateway.port, { greeting: false });
    expect(await third.untilClosed()).toMatch(/^421 4\.7\.0 too many connections/);
    clients.push(await dial(gateway.port, { localAddress: "127.0.0.2" }));
    const fourth = await dial(gateway.port, { localAddress: "127.0.0.3", greeting: false });
    expect(await fourth.untilClosed()).toMatch(/^421 4\.7\.0 /);
    for (const client of clients) {
      expect(await client.command("QUIT")).toMatch(/^221/);
      await client.untilClosed();
      client.end();
    }
    const after = await dial(gateway.port);
    expect(await after.command("EHLO x")).toMatch(/^250/);
    after.end();
  });

  test("row 65: a feedback listener, where nobody logs in, takes half of all at most", async () => {
    const feedback = { recipient: () => Promise.resolve(true), message: () => Promise.resolve() };
    await using gateway = await startSmtpGateway({
      listener: { role: "feedback" },
      parts: { feedback },
      load: { connectionsMax: 4, bytesInFlightMax: 100_000 },
    });
    const body = await openBody(gateway.port);
    await body.write(`Subject: x\r\n\r\n${`${"x".repeat(900)}\r\n`.repeat(60)}.\r\n`);
    expect(await body.reply()).toMatch(/^452 4\.3\.1 /);
    const second = await dial(gateway.port);
    const third = await dial(gateway.port, { greeting: false });
    expect(await third.untilClosed()).toMatch(/^421 4\.7\.0 too many connections/);
    for (const client of [body, second]) client.end();
  });

  test("row 65: a connection upgraded by STARTTLS is counted out as well", async () => {
    await using gateway = await startSmtpGateway({ load: { connectionsMax: 1 } });
    for (let round = 0; round < 3; round += 1) {
      const client = await dial(gateway.port);
      await client.command("EHLO x");
      const secure = await client.startTls();
      expect(await secure.command("QUIT")).toMatch(/^221/);
      await secure.untilClosed();
      secure.end();
      await expect.poll(() => gateway.load.counts().connections).toBe(0);
    }
  });
});

describe("speed", () => {
  const slow = { commandMilliseconds: 300, transactionMilliseconds: 900 };

  test("row 14: octets dripped into a command do not put its deadline off", async () => {
    await using gateway = await startSmtpGateway({ limits: slow });
    const client = await dial(gateway.port);
    const drip = setInterval(() => void client.write("N"), 40);
    expect(await client.untilClosed()).toMatch(/^421 4\.4\.2 timeout/);
    clearInterval(drip);
  });

  test("row 14: a body below 1 KB a second is cut", async () => {
    await using gateway = await startSmtpGateway({
      limits: { ...slow, commandMilliseconds: 2000 },
    });
    const client = await openBody(gateway.port);
    const drip = setInterval(() => void client.write("x"), 40);
    expect(await client.untilClosed()).toMatch(/^421 4\.4\.2 the message came too slowly/);
    clearInterval(drip);
    expect(gateway.stores.stored).toEqual([]);
  });

  test("row 14: a body that is fast enough still ends with its transaction's time", async () => {
    await using gateway = await startSmtpGateway({
      limits: { ...slow, commandMilliseconds: 5000 },
    });
    const client = await openBody(gateway.port);
    const drip = setInterval(() => void client.write(`${"x".repeat(900)}\r\n`), 20);
    expect(await client.untilClosed()).toMatch(/^421 4\.4\.2 timeout/);
    clearInterval(drip);
  });

  for (const [tls, lines] of [
    ["optional", ["EHLO x", "STARTTLS"]],
    ["implicit", []],
  ] as const) {
    test(`row 14: a TLS handshake that does not come is cut on a listener with ${tls} TLS`, async () => {
      await using gateway = await startSmtpGateway({ limits: slow, listener: { tls } });
      const client = await dial(gateway.port, { greeting: tls === "optional" });
      for (const line of lines) await client.command(line);
      const drip = setInterval(() => void client.write(Buffer.from([22])), 5);
      await client.untilClosed();
      clearInterval(drip);
      await expect.poll(() => gateway.load.counts().connections).toBe(0);
    });
  }

  test("row 15: a client that does not read its replies is not read from, and is cut in time", async () => {
    await using gateway = await startSmtpGateway({
      limits: { ...slow, transactionMilliseconds: 60_000 },
    });
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    await client.command("MAIL FROM:<a@example.jp>");
    client.socket.pause();
    let sent = 0;
    const line = Buffer.from("RCPT TO:<b@example.net>\r\n".repeat(2000));
    // The system's buffers fill first; then the server must stop reading, so that a write does not come to its end.
    for (let blocked = false; !blocked && sent < 200_000_000; sent += line.length) {
      blocked = await Promise.race([client.write(line).then(() => false), delay(1500, true)]);
      if (client.socket.destroyed) break;
    }
    expect(sent).toBeLessThan(50_000_000);
    await expect.poll(() => gateway.load.counts().connections, { timeout: 5000 }).toBe(0);
    client.end();
  });
});
