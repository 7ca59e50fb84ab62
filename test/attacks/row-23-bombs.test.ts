// Messages made to cost time and memory: refused by caps or killed in their worker, while others go on.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createJudge, type Judge } from "../../src/intake/judge.ts";
import { dial, type RawClient } from "../support/raw-client.ts";
import { beginBody, startSmtpGateway, type SmtpGateway } from "../support/smtp-gateway.ts";

const head = "From: a@example.jp\r\nSubject: bomb\r\n";

async function send(client: RawClient, message: string): Promise<string> {
  await beginBody(client);
  await client.write(`${message}\r\n.\r\n`);
  return client.reply();
}

async function greeted(gateway: SmtpGateway): Promise<RawClient> {
  const client = await dial(gateway.port);
  await client.command("EHLO x");
  return client;
}

function nested(depth: number): string {
  let opening = "";
  for (let level = 0; level < depth; level += 1) {
    opening += `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`;
  }
  return `${opening}Content-Type: text/plain\r\n\r\nx`;
}

describe("bombs", () => {
  let judge: Judge;
  let gateway: SmtpGateway;
  beforeAll(async () => {
    judge = createJudge({ threads: 1 });
    gateway = await startSmtpGateway({
      intake: { judge },
      limits: { messageBytesMax: 30_000_000 },
      load: { bytesInFlightMax: 200_000_000 },
    });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await judge[Symbol.asyncDispose]();
  });

  const line = `${"x".repeat(70)}\r\n`;
  const bombs: Readonly<Record<string, readonly [string, RegExp]>> = {
    "row 23: multipart of depth 300": [`${head}${nested(300)}`, /^55[04] 5\.6\.0 too-complex: /],
    "row 23: 100 000 parts": [
      `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\nx\r\n".repeat(100_000)}--b--`,
      /^55[04] 5\.6\.0 too-complex: /,
    ],
    "row 24: 4 MB of empty lines": [
      `${head}\r\n${"\r\n".repeat(2_000_000)}`,
      /^554 5\.6\.0 too-complex: /,
    ],
    "row 24: a line of 20 MB": [
      `${head}\r\n${"x".repeat(20_000_000)}`,
      /^550 5\.6\.0 line-too-long: /,
    ],
    "row 24: a line of 999 octets": [
      `${head}\r\n${"x".repeat(999)}`,
      /^550 5\.6\.0 line-too-long: /,
    ],
    "row 24: a header section of 1 MB": [
      `${head}X-A: b\r\n ${line.repeat(14_000).replaceAll("\r\n", "\r\n ")}\r\n\r\nx`,
      /^554 5\.6\.0 too-complex: .*header section/,
    ],
    "row 24: 100 000 header fields": [
      `${head}${"A: b\r\n".repeat(100_000)}\r\nx`,
      /^554 5\.6\.0 too-complex: /,
    ],
    "row 24: 1001 header lines": [
      `${head}${"A: b\r\n".repeat(1001)}\r\nx`,
      /^554 5\.6\.0 too-complex: .*header lines/,
    ],
    "row 28: 501 addresses": [
      `${head}To: ${Array.from({ length: 501 }, (_, at) => `a${at}@example.net`).join(",\r\n ")}\r\n\r\nx`,
      /^554 5\.6\.0 too-complex: .*addresses/,
    ],
    "row 28: parentheses without end in From": [
      `Subject: x\r\nFrom: ${"(".repeat(900)}a@example.jp\r\n\r\nx`,
      /^550 5\.6\.0 malformed-header: /,
    ],
    "row 30: two Content-Type fields": [
      `${head}Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx`,
      /^550 5\.6\.0 malformed-header: .*content-type/,
    ],
    "row 35: 31 Received fields": [
      `${"Received: from a by b; Mon, 1 Jun 2026 00:00:00 +0000\r\n".repeat(31)}${head}\r\nx`,
      /^554 5\.4\.6 mail-loop: /,
    ],
    "row 35: this gateway's own Received field": [
      `Received: from x (x [192.0.2.1]) by gw.example.jp\r\n with ESMTPSA id 01kbxq2v5h6n7p8r9s0t1v2w3x; Mon, 1 Jun 2026 00:00:00 +0000\r\n${head}\r\nx`,
      /^554 5\.4\.6 mail-loop: /,
    ],
  };
  for (const [name, [message, expected]] of Object.entries(bombs)) {
    test(`${name} is refused`, async () => {
      const client = await greeted(gateway);
      expect(await send(client, message)).toMatch(expected);
      client.end();
      expect(gateway.stores.stored).toEqual([]);
    });
  }

  test("row 35: a Received field of the tool's own server of the same name is no loop", async () => {
    const client = await greeted(gateway);
    const received =
      "Received: by gw.example.jp (Postfix, from userid 33) id 4F2A91C0; Mon, 1 Jun 2026 00:00:00 +0000";
    expect(await send(client, `${received}\r\n${head}\r\nx`)).toMatch(/^250/);
    client.end();
    gateway.stores.stored.length = 0;
  });
});

describe("workers that fail", () => {
  const failing = new URL("../fixtures/workers/failing-judge.ts", import.meta.url);

  test("row 23: the thread that speaks SMTP serves others while a bomb keeps its worker busy", async () => {
    await using judge = createJudge({ threads: 1, milliseconds: 1000, worker: failing });
    await using gateway = await startSmtpGateway({ intake: { judge } });
    const client = await greeted(gateway);
    const other = await greeted(gateway);
    let answered = 0;
    const bomb = send(client, "From: a@example.jp\r\nSubject: loop\r\n\r\nx").then((reply) => ({
      reply,
      answered,
    }));
    for (; answered < 50; answered += 1) await other.command("NOOP");
    const outcome = await bomb;
    client.end();
    other.end();
    expect(outcome.reply).toMatch(/^250 2\.0\.0 held /);
    expect(outcome.answered).toBe(50);
  });

  for (const wish of ["loop", "memory", "throw", "exit"]) {
    test(`row 25: a message whose worker meets "${wish}" is held, and the next one goes on`, async () => {
      await using judge = createJudge({
        threads: 1,
        milliseconds: wish === "memory" ? 10_000 : 400,
        heapMegabytes: 64,
        worker: failing,
      });
      await using gateway = await startSmtpGateway({ intake: { judge } });
      const client = await greeted(gateway);
      const [bomb, next] = await Promise.all([
        send(client, `From: a@example.jp\r\nSubject: ${wish}\r\n\r\nx`),
        greeted(gateway).then(async (other) => {
          const reply = await send(other, "From: a@example.jp\r\nSubject: fine\r\n\r\nx");
          other.end();
          return reply;
        }),
      ]);
      client.end();
      expect(bomb).toMatch(/^250 2\.0\.0 held id=[0-9a-z]{26}: judge-timeout: /);
      expect(next).toMatch(/^250 2\.0\.0 accepted id=/);
      const held = gateway.stores.stored.find(({ message }) => message.held !== undefined);
      expect(held?.message.held?.reason).toBe("judge-timeout");
      expect(held?.message.content.toString()).toContain(`Subject: ${wish}`);
      expect(gateway.stores.events.map((event) => event.type).toSorted()).toEqual([
        "Held",
        "Reception",
      ]);
    });
  }

  test.runIf(process.platform === "linux")(
    "row 25: it is processor time that counts: a message that a busy machine is late with is judged",
    async () => {
      await using judge = createJudge({ threads: 1, milliseconds: 400, worker: failing });
      await using gateway = await startSmtpGateway({ intake: { judge } });
      const client = await greeted(gateway);
      const reply = await send(client, "From: a@example.jp\r\nSubject: late\r\n\r\nx");
      client.end();
      expect(reply).toMatch(/^250 2\.0\.0 accepted id=/);
    },
  );

  test("row 25: what a machine does not get to is 451 and not held, and the next one goes on", async () => {
    await using judge = createJudge({ threads: 1, waitMilliseconds: 1500, worker: failing });
    await using gateway = await startSmtpGateway({ intake: { judge } });
    const [client, other] = [await greeted(gateway), await greeted(gateway)];
    const replies = await Promise.all([
      send(client, "From: a@example.jp\r\nSubject: stuck\r\n\r\nx"),
      send(other, "From: a@example.jp\r\nSubject: fine\r\n\r\nx"),
    ]);
    expect(replies[0]).toMatch(/^451 4\.7\.1 rate-limited: /);
    // The second was never begun: it had waited as long as the first.
    expect(replies[1]).toMatch(/^(?:451 4\.7\.1 rate-limited: |250 2\.0\.0 accepted )/);
    const later = await send(other, "From: a@example.jp\r\nSubject: fine\r\n\r\nx");
    client.end();
    other.end();
    expect(later).toMatch(/^250 2\.0\.0 accepted id=/);
    expect(gateway.stores.stored.filter(({ message }) => message.held !== undefined)).toEqual([]);
  });

  test("row 64: more messages than may wait for a worker are 451", async () => {
    await using judge = createJudge({
      threads: 1,
      milliseconds: 400,
      backlogMax: 1,
      worker: failing,
    });
    await using gateway = await startSmtpGateway({ intake: { judge } });
    const clients = await Promise.all([1, 2, 3, 4].map(() => greeted(gateway)));
    const replies = await Promise.all(
      clients.map((client) => send(client, "From: a@example.jp\r\nSubject: loop\r\n\r\nx")),
    );
    for (const client of clients) client.end();
    expect(replies.map((reply) => reply.slice(0, 14)).toSorted()).toEqual([
      "250 2.0.0 held",
      "250 2.0.0 held",
      "451 4.7.1 rate",
      "451 4.7.1 rate",
    ]);
  });
});
