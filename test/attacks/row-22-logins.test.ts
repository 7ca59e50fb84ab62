// Guessing passwords: few tries a connection, slower and slower by address, network and name, never a lock for good.
import { describe, expect, test } from "vitest";

import { createLoginGuard, smtpLogins } from "../../src/identity/throttle.ts";
import { dial } from "../support/raw-client.ts";
import { plainToken, startSmtpGateway } from "../support/smtp-gateway.ts";

const implicit = { auth: "required", tls: "implicit", allow: [] } as const;

describe("one connection", () => {
  test("row 22: the fourth failed login ends the connection", async () => {
    await using gateway = await startSmtpGateway({ listener: implicit });
    const client = await dial(gateway.port, { tls: true });
    await client.command("EHLO x");
    for (let tries = 0; tries < 3; tries += 1) {
      const reply = await client.command(`AUTH PLAIN ${plainToken("tool", "wrong")}`);
      expect(reply).toBe("535 5.7.8 user name or password is wrong");
    }
    await client.write(`AUTH PLAIN ${plainToken("tool", gateway.login.secret)}\r\n`);
    expect(await client.untilClosed()).toMatch(/^421 4\.7\.0 /);
  });

  test("row 22: 10 000 tries pipelined on one connection are three", async () => {
    let finds = 0;
    const { createMemoryStores } = await import("../support/memory-stores.ts");
    const stores = createMemoryStores();
    const credentials = {
      ...stores.credentials,
      find: (username: string) => {
        finds += 1;
        return stores.credentials.find(username);
      },
    };
    await using gateway = await startSmtpGateway({
      listener: implicit,
      stores: { ...stores, credentials },
    });
    const client = await dial(gateway.port, { tls: true });
    await client.command("EHLO x");
    await client.write(`AUTH PLAIN ${plainToken("tool", "wrong")}\r\n`.repeat(10_000));
    const codes = (await client.untilClosed()).match(/^\d{3}/gm);
    expect(codes).toEqual(["535", "535", "535", "421"]);
    expect(finds).toBe(3);
  });

  test("row 22: an unknown name, a wrong secret and a foreign identity read the same", async () => {
    await using gateway = await startSmtpGateway({ listener: implicit });
    const client = await dial(gateway.port, { tls: true });
    await client.command("EHLO x");
    const { username, secret } = gateway.login;
    const foreign = Buffer.from(`root\0${username}\0${secret}`).toString("base64");
    const replies = [
      await client.command(`AUTH PLAIN ${plainToken("nobody", secret)}`),
      await client.command(`AUTH PLAIN ${plainToken(username, "wrong")}`),
      await client.command(`AUTH PLAIN ${foreign}`),
    ];
    expect(new Set(replies).size).toBe(1);
    client.end();
    await gateway.intake[Symbol.asyncDispose]();
    const logins = gateway.stores.events.filter((event) => event.type === "Login");
    expect(logins.map((event) => event.actor)).toEqual(["credential:tool"]);
  });
});

describe("many connections", () => {
  test("row 22: one address is slowed down before the password is looked at, and let in again later", () => {
    let now = 0;
    const guard = createLoginGuard(smtpLogins, () => new Date(now));
    let tried = 0;
    for (let index = 0; index < 10_000; index += 1) {
      if (!guard.mayTry(`user${index}`, "192.0.2.1")) continue;
      tried += 1;
      guard.failed(`user${index}`, "192.0.2.1");
    }
    expect(tried).toBe(10);
    now += 60_000;
    expect(guard.mayTry("user", "192.0.2.1")).toBe(true);
  });

  test("row 22: a network is slowed down though each address tries only once", () => {
    const guard = createLoginGuard(smtpLogins, () => new Date(0));
    let tried = 0;
    for (let index = 0; index < 256; index += 1) {
      if (!guard.mayTry(`user${index}`, `192.0.2.${index}`)) continue;
      tried += 1;
      guard.failed(`user${index}`, `192.0.2.${index}`);
    }
    expect(tried).toBe(50);
    expect(guard.mayTry("user", "198.51.100.1")).toBe(true);
  });

  test("row 22: guesses from all over the world slow one name down, but not where it is known", () => {
    const guard = createLoginGuard(smtpLogins, () => new Date(0));
    guard.succeeded("tool", "203.0.113.7");
    let tried = 0;
    for (let index = 0; index < 200; index += 1) {
      const address = `198.${index}.100.1`;
      if (!guard.mayTry("tool", address)) continue;
      tried += 1;
      guard.failed("tool", address);
    }
    expect(tried).toBe(20);
    expect(guard.mayTry("tool", "192.0.2.9")).toBe(false);
    expect(guard.mayTry("tool", "203.0.113.7")).toBe(true);
  });

  test("row 22: who is slowed down is told 454, also with the right secret", async () => {
    await using gateway = await startSmtpGateway({
      listener: implicit,
      parts: { loginGuard: createLoginGuard(smtpLogins, () => new Date(0)) },
    });
    for (let connection = 0; connection < 4; connection += 1) {
      const client = await dial(gateway.port, { tls: true });
      await client.command("EHLO x");
      for (let tries = 0; tries < 3; tries += 1) {
        await client.command(`AUTH PLAIN ${plainToken("tool", "wrong")}`);
      }
      client.end();
    }
    const client = await dial(gateway.port, { tls: true });
    await client.command("EHLO x");
    const token = plainToken("tool", gateway.login.secret);
    expect(await client.command(`AUTH PLAIN ${token}`)).toMatch(/^454 4\.7\.0 /);
    client.end();
  });
});
