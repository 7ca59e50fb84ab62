// Clients that vanish at any step, and parts of ours that fail: one reply at most, nothing half stored, nothing left over.
import { describe, expect, test } from "vitest";

import { StorageUnavailable } from "../../src/audit/unavailable.ts";
import { createMemoryStores } from "../support/memory-stores.ts";
import { dial } from "../support/raw-client.ts";
import { beginBody, openBody, startSmtpGateway } from "../support/smtp-gateway.ts";

const dialogue = [
  "EHLO tool.example\r\n",
  "MAIL FROM:<a@example.jp>\r\n",
  "RCPT TO:<b@example.net>\r\n",
  "DATA\r\n",
  "From: a@example.jp\r\n\r\nhalf",
  "\r\n.\r\n",
];
const message = "From: a@example.jp\r\n\r\nx\r\n.\r\n";

describe("drops", () => {
  test("row 16: FIN or RST behind every step, with or without waiting, leaves no trace", async () => {
    await using gateway = await startSmtpGateway();
    const rounds: Promise<void>[] = [];
    for (let step = 0; step <= dialogue.length; step += 1) {
      for (const way of ["end", "reset"] as const) {
        for (const waits of [true, false]) {
          rounds.push(
            (async () => {
              const client = await dial(gateway.port, { greeting: waits });
              for (const [index, part] of dialogue.slice(0, step).entries()) {
                await client.write(part);
                if (waits && index !== 4) await client.reply();
              }
              client[way]();
            })(),
          );
        }
      }
    }
    await Promise.all(rounds);
    await expect.poll(() => gateway.load.counts()).toEqual({ connections: 0, bytesInFlight: 0 });
    for (const { message: stored } of gateway.stores.stored) {
      expect(stored.content.toString()).toBe("From: a@example.jp\r\n\r\nhalf\r\n");
    }
    const client = await openBody(gateway.port);
    await client.write(message);
    expect(await client.reply()).toMatch(/^250/);
    client.end();
  });

  test.each([false, true])(
    "row 16: who ends its side behind the final dot still gets its replies, TLS %s",
    async (tls) => {
      let judged = Promise.withResolvers<undefined>();
      await using gateway = await startSmtpGateway({
        listener: tls ? { tls: "implicit" } : {},
        intake: {
          judge: {
            judge: async () => {
              await judged.promise;
              return { kind: "judged", findings: [], bodyHash: "0" };
            },
            [Symbol.asyncDispose]: () => Promise.resolve(),
          },
        },
      });
      for (const last of ["", "QUIT\r\n"]) {
        judged = Promise.withResolvers();
        const client = await dial(gateway.port, { tls });
        for (const part of dialogue.slice(0, 4)) {
          await client.write(part);
          await client.reply();
        }
        client.socket.end(`${message}${last}`);
        (await dial(gateway.port, { tls })).end(); // By its greeting the end before it has been seen.
        judged.resolve(undefined);
        expect(await client.untilClosed()).toMatch(/^250 2\.0\.0 accepted id=/m);
      }
      await expect.poll(() => gateway.load.counts().connections).toBe(0);
    },
  );

  test("row 16: a client that breaks off during TLS leaves no trace", async () => {
    await using gateway = await startSmtpGateway({ listener: { tls: "implicit" } });
    const hello = Buffer.from("16030100f8010000f40303", "hex");
    for (let length = 0; length <= hello.length; length += 1) {
      for (const way of ["end", "reset"] as const) {
        const client = await dial(gateway.port, { greeting: false });
        await client.write(hello.subarray(0, length));
        client[way]();
      }
    }
    await expect.poll(() => gateway.load.counts().connections).toBe(0);
    const good = await dial(gateway.port, { tls: true });
    expect(await good.command("EHLO x")).toMatch(/^250/);
    good.end();
  });
});

describe("drops within STARTTLS", () => {
  test("row 16: silence, garbage, half a handshake, then FIN or RST leave no trace", async () => {
    await using gateway = await startSmtpGateway();
    const hello = Buffer.from("16030100f8010000f40303", "hex");
    for (const begun of [
      Buffer.alloc(0),
      hello,
      Buffer.from("EHLO x\r\n"),
      Buffer.alloc(5000, 22),
    ]) {
      for (const way of ["end", "reset"] as const) {
        const client = await dial(gateway.port);
        await client.command("EHLO x");
        await client.command("STARTTLS");
        await client.write(begun);
        client[way]();
      }
    }
    await expect.poll(() => gateway.load.counts().connections).toBe(0);
    // Within TLS, with a reply under way: such a socket neither reads nor closes by itself.
    for (let n = 0; n < 5; n += 1) {
      const under = await dial(gateway.port);
      await under.command("EHLO x");
      await (await under.startTls()).write("EHLO x\r\n");
      under.reset();
    }
    await expect.poll(() => gateway.load.counts().connections, { timeout: 15_000 }).toBe(0);
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    const secure = await client.startTls();
    expect(await secure.command("EHLO x")).toMatch(/^250/);
    secure.end();
    await expect.poll(() => gateway.load.counts().connections).toBe(0);
  });
});

describe("faults of ours", () => {
  const fails: Readonly<Record<string, () => Promise<never>>> = {
    throws: () => {
      throw new Error("SQLITE_BUSY: database is locked (/var/lib/gw.db)");
    },
    rejects: () => Promise.reject(new StorageUnavailable("busy", "/var/lib/gw.db is locked")),
    hangs: () => new Promise<never>(() => undefined),
  };

  for (const [how, fail] of Object.entries(fails)) {
    test(`row 17: a queue that ${how} is one 451 4.3.0 without a word of ours`, async () => {
      const stores = createMemoryStores();
      const accept = stores.queue.accept;
      let broken = true;
      const queue: typeof stores.queue = {
        ...stores.queue,
        accept: (...given) => (broken ? fail() : accept(...given)),
      };
      await using gateway = await startSmtpGateway({
        stores: { ...stores, queue },
        limits: { answerMilliseconds: 200 },
      });
      const client = await openBody(gateway.port);
      await client.write(message);
      const reply = await client.reply();
      expect(reply).toMatch(/^451 4\.3\.0 /);
      expect(reply).not.toMatch(/sqlite|var|db|busy|locked|at /i);
      broken = false;
      await beginBody(client);
      await client.write(message);
      expect(await client.reply()).toMatch(/^250/);
      client.end();
    });

    test(`row 17: a ledger that ${how} is 451 4.3.0 at RCPT, and nobody is let through`, async () => {
      const stores = createMemoryStores();
      await using gateway = await startSmtpGateway({
        stores: { ...stores, ledger: { lookUp: fail } },
        limits: { answerMilliseconds: 200 },
      });
      const client = await dial(gateway.port);
      await client.command("EHLO x");
      await client.command("MAIL FROM:<a@example.jp>");
      expect(await client.command("RCPT TO:<b@example.net>")).toMatch(/^451 4\.3\.0 /);
      expect(await client.command("DATA")).toMatch(/^(554 5\.5\.1|451 4\.3\.0) /);
      expect(await client.command("RSET")).toMatch(/^250/);
      client.end();
      expect(stores.stored).toEqual([]);
    });

    test(`row 17: a credential store that ${how} is 454 4.7.0 at AUTH`, async () => {
      const stores = createMemoryStores();
      const credentials = { ...stores.credentials, find: fail };
      await using gateway = await startSmtpGateway({
        stores: { ...stores, credentials },
        limits: { answerMilliseconds: 200 },
        listener: { auth: "required", tls: "implicit", allow: [] },
      });
      const client = await dial(gateway.port, { tls: true });
      await client.command("EHLO x");
      const token = Buffer.from("\0tool\0secret").toString("base64");
      expect(await client.command(`AUTH PLAIN ${token}`)).toMatch(/^454 4\.7\.0 /);
      expect(await client.command("MAIL FROM:<a@example.jp>")).toMatch(/^530 5\.7\.0 /);
      client.end();
    });
  }

  test("row 17: an answer that comes too late is dropped, not sent as a second reply", async () => {
    const stores = createMemoryStores();
    const gate = Promise.withResolvers<undefined>();
    const queue: typeof stores.queue = {
      ...stores.queue,
      accept: async () => {
        await gate.promise;
        return { kind: "stored" };
      },
    };
    await using gateway = await startSmtpGateway({
      stores: { ...stores, queue },
      limits: { answerMilliseconds: 150 },
    });
    const client = await openBody(gateway.port);
    await client.write(message);
    expect(await client.reply()).toMatch(/^451/);
    gate.resolve(undefined);
    expect(await client.command("NOOP")).toBe("250 2.0.0 ok");
    expect(await client.command("QUIT")).toMatch(/^221/);
    expect(await client.untilClosed()).toBe("");
    client.end();
  });

  test("row 55: a full disk is 452 4.3.1, and the connection goes on", async () => {
    const stores = createMemoryStores();
    const queue: typeof stores.queue = {
      ...stores.queue,
      accept: () => Promise.reject(new StorageUnavailable("full", "disk full")),
    };
    await using gateway = await startSmtpGateway({ stores: { ...stores, queue } });
    const client = await openBody(gateway.port);
    await client.write(message);
    expect(await client.reply()).toMatch(/^452 4\.3\.1 storage-full: /);
    expect(await client.command("NOOP")).toMatch(/^250/);
    client.end();
  });

  test("row 55: refusals that cannot be written are kept, hold intake back, and are written later", async () => {
    const stores = createMemoryStores();
    let broken = true;
    const audit: typeof stores.audit = {
      append: (events) =>
        broken
          ? Promise.reject(new StorageUnavailable("full", "disk full"))
          : stores.audit.append(events),
    };
    stores.suppress("gone@example.net", "hard-bounce");
    await using gateway = await startSmtpGateway({ stores: { ...stores, audit } });
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    await client.command("MAIL FROM:<a@example.jp>");
    expect(await client.command("RCPT TO:<gone@example.net>")).toMatch(/^550 5\.7\.1 suppressed: /);
    expect(await client.command("RCPT TO:<b@example.net>")).toMatch(/^250/);
    await client.command("DATA");
    await client.write(message);
    expect(await client.reply()).toMatch(/^451 4\.3\.0 /);
    expect(await client.command("MAIL FROM:<a@example.jp>")).toMatch(/^451 4\.3\.0 /);
    expect(stores.stored).toEqual([]);
    broken = false;
    await expect
      .poll(() => stores.events.map((event) => event.reason), { timeout: 5000 })
      .toEqual(["suppressed"]);
    await beginBody(client);
    await client.write(message);
    expect(await client.reply()).toMatch(/^250/);
    client.end();
  });
});

describe("closing", () => {
  test("row 50: idle clients are told 421, a message under way is finished and answered 250", async () => {
    const gateway = await startSmtpGateway();
    const idle = await dial(gateway.port);
    await idle.command("EHLO x");
    const busy = await openBody(gateway.port);
    const closed = gateway.listener.close(10);
    expect(await idle.untilClosed()).toMatch(/^421 4\.3\.2 /);
    idle.end();
    await busy.write(message);
    expect(await busy.reply()).toMatch(/^250 2\.0\.0 accepted/);
    expect(await busy.untilClosed()).toMatch(/^421 4\.3\.2 /);
    busy.end();
    await closed;
    await expect(dial(gateway.port)).rejects.toThrow(/ECONNREFUSED/);
    await gateway.intake[Symbol.asyncDispose]();
  });

  test("row 50: no 421 comes once a message is being made durable, however short the grace", async () => {
    const stores = createMemoryStores();
    const gate = Promise.withResolvers<undefined>();
    const accepting = Promise.withResolvers<undefined>();
    const queue: typeof stores.queue = {
      ...stores.queue,
      accept: async (...given) => {
        accepting.resolve(undefined);
        await gate.promise;
        return stores.queue.accept(...given);
      },
    };
    const gateway = await startSmtpGateway({ stores: { ...stores, queue } });
    const client = await openBody(gateway.port);
    await client.write(message);
    await accepting.promise;
    const half = await openBody(gateway.port);
    const closed = gateway.listener.close(0);
    expect(await half.untilClosed()).toMatch(/^421 4\.3\.2 /);
    half.end();
    gate.resolve(undefined);
    expect(await client.reply()).toMatch(/^250 2\.0\.0 accepted/);
    client.end();
    await closed;
    expect(stores.stored).toHaveLength(1);
    await gateway.intake[Symbol.asyncDispose]();
  });
});
