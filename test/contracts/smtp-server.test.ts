// What smtp/ takes for granted of smtp-server, whose version is pinned: a bump that changes any of it must fail here.
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";

import { SMTPServer } from "smtp-server";
import { SMTPConnection } from "smtp-server/lib/smtp-connection.js";
import { SMTPStream } from "smtp-server/lib/smtp-stream.js";
import { describe, expect, test } from "vitest";

import { dial } from "../support/raw-client.ts";
import { makeSelfSigned } from "../support/tls-pair.ts";

async function listening(server: SMTPServer | Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve();
    });
  });
  const net = server instanceof SMTPServer ? server.server : server;
  const address = net.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const plain = { logger: false, disableReverseLookup: true, authOptional: true } as const;

describe("what we override", () => {
  test("is the version that was read", () => {
    const text = readFileSync("node_modules/smtp-server/package.json", "utf8");
    expect(JSON.parse(text)).toMatchObject({ version: "3.21.6" });
  });

  test("the connection has every method that ours replaces or calls", () => {
    const methods = [
      "init",
      "send",
      "close",
      "upgrade",
      "_createParser",
      "_onCommand",
      "_getHandler",
      "_whenWritable",
      "_armTimeout",
      "_sendGreeting",
      "_resetSession",
      "_onClose",
      ...["EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "HELP", "VRFY", "AUTH"].map(
        (verb) => `handler_${verb}`,
      ),
    ];
    const prototype: object = SMTPConnection.prototype;
    const missing = methods.filter((name) => typeof Reflect.get(prototype, name) !== "function");
    expect(missing).toEqual([]);
  });

  test("the server has one connection listener, which ours stands before, and a map of pending handshakes", () => {
    const server = new SMTPServer(plain);
    expect(server.server.listenerCount("connection")).toBe(1);
    expect(server._pendingSockets).toBeInstanceOf(Map);
  });

  test("the parser is made in the constructor, asked for commands by oncommand, and silenced by isClosed", () => {
    const stream = new SMTPStream();
    const lines: string[] = [];
    stream.oncommand = (line, next) => {
      lines.push(line.toString());
      stream.isClosed = true;
      next?.();
    };
    stream.write("ONE\r\nTWO\r\n");
    expect(lines).toEqual(["ONE"]);
  });
});

describe("the order of calls", () => {
  test("every command's callback goes by way of _whenWritable, where the watchdog is set", async () => {
    const calls: string[] = [];
    class Watched extends SMTPConnection {
      override _whenWritable(next: () => void): void {
        calls.push("writable");
        super._whenWritable(next);
      }
      override _onCommand(command: Buffer, callback?: () => void): void {
        calls.push(command.toString());
        super._onCommand(command, callback);
      }
    }
    const server = new SMTPServer(plain);
    server.connect = (socket) => {
      new Watched(server, socket).init();
    };
    const client = await dial(await listening(server));
    await client.command("EHLO x");
    await client.command("NOOP");
    expect(calls).toEqual(["EHLO x", "writable", "NOOP", "writable"]);
    client.end();
    server.close();
  });

  test("STARTTLS hands the TLS socket to _armTimeout, makes a new parser, and keeps the session object", async () => {
    const pair = makeSelfSigned(["127.0.0.1"]);
    const sockets = new Set<unknown>();
    const parsers = new Set<unknown>();
    const sessions = new Set<unknown>();
    class Watched extends SMTPConnection {
      override _armTimeout(socket = this._socket): void {
        sockets.add(socket);
      }
      override _createParser(): SMTPStream {
        const parser = super._createParser();
        parsers.add(parser);
        return parser;
      }
      override _onCommand(command: Buffer, callback?: () => void): void {
        sessions.add(this.session);
        super._onCommand(command, callback);
      }
    }
    const server = new SMTPServer({ ...plain, ...pair });
    server.connect = (socket) => {
      new Watched(server, socket).init();
    };
    const client = await dial(await listening(server));
    await client.command("EHLO x");
    const secure = await client.startTls();
    await secure.command("EHLO x");
    expect(sockets.size).toBe(2);
    expect(parsers.size).toBe(2);
    expect(sessions.size).toBe(1);
    secure.end();
    server.close();
  });

  test("SASL asks the server's onAuth with the session, and an error's responseCode is the reply", async () => {
    const pair = makeSelfSigned(["127.0.0.1"]);
    const server = new SMTPServer({
      ...plain,
      ...pair,
      secure: true,
      onAuth: (auth, _session, callback) => {
        callback(Object.assign(new Error(`no ${auth.username ?? ""}`), { responseCode: 454 }));
      },
    });
    const client = await dial(await listening(server), { tls: true });
    await client.command("EHLO x");
    const token = Buffer.from("\0tool\0secret").toString("base64");
    expect(await client.command(`AUTH PLAIN ${token}`)).toBe("454 no tool");
    client.end();
    server.close();
  });
});

test("a plain server of Node is what it listens with: closing waits for connections", async () => {
  const net = createServer();
  await listening(net);
  expect(new SMTPServer(plain).server.constructor).toBe(net.constructor);
  net.close();
});
