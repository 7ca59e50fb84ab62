// SMTP smuggling: nothing but CRLF.CRLF ends a message, and no stray CR, LF or NUL gets by.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { dial } from "../support/raw-client.ts";
import {
  beginBody,
  openBody,
  startSmtpGateway,
  type SmtpGateway,
} from "../support/smtp-gateway.ts";

const head = "From: a@example.jp\r\nSubject: one\r\n\r\nfirst";
const smuggled =
  "MAIL FROM:<evil@example.jp>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\nFrom: a@example.jp\r\n\r\nsmuggled";

/** Each stands where a lax server would see the end of the message. */
const falseEnds: Readonly<Record<string, string>> = {
  "LF.LF": "\n.\n",
  "LF.CRLF": "\n.\r\n",
  "CRLF.LF": "\r\n.\n",
  "CR.CR": "\r.\r",
  "CR.CRLF": "\r.\r\n",
  "CRLF.CR": "\r\n.\r",
  "LF.CR": "\n.\r",
  "CRLF NUL . CRLF": "\r\n\0.\r\n",
  "CRLF . NUL CRLF": "\r\n.\0\r\n",
  "CR NUL LF . CRLF": "\r\0\n.\r\n",
};

function bytewise(data: Buffer): readonly Buffer[] {
  return Array.from(data, (octet) => Buffer.from([octet]));
}

function randomly(data: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  // A fixed walk of odd strides: every border is hit in one test or another, and each run is the same.
  for (let at = 0, stride = 1; at < data.length; at += stride, stride = (stride * 7 + 3) % 11) {
    pieces.push(data.subarray(at, at + stride));
  }
  return pieces;
}

const splits: Readonly<Record<string, (data: Buffer) => readonly Buffer[]>> = {
  "in one write": (data) => [data],
  bytewise,
  "in odd pieces": randomly,
};

describe("false ends of a message", () => {
  let gateway: SmtpGateway;
  beforeAll(async () => {
    gateway = await startSmtpGateway();
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  for (const [name, end] of Object.entries(falseEnds)) {
    for (const [how, split] of Object.entries(splits)) {
      test(`row 01: ${name}, ${how}, ends no message and stores none`, async () => {
        const before = gateway.stores.stored.length;
        const client = await openBody(gateway.port);
        await client.writePieces(split(Buffer.from(`${head}${end}${smuggled}\r\n.\r\nQUIT\r\n`)));
        const rest = await client.untilClosed();
        expect(rest.match(/^\d{3}/gm)).toEqual(["550"]);
        expect(rest).toMatch(/^550 5\.5\.2 line-ends: /);
        expect(gateway.stores.stored.length).toBe(before);
      });
    }
  }
});

describe("bare line feeds where they are normalised", () => {
  test("row 01: false ends with LF stay content of one message", async () => {
    await using gateway = await startSmtpGateway({ limits: { bareLf: "normalise" } });
    for (const end of ["\n.\n", "\n.\r\n", "\r\n.\n"]) {
      const client = await openBody(gateway.port);
      await client.write(`${head}${end}${smuggled}\r\n.\r\n`);
      const reply = await client.reply();
      // CRLF "." LF begins with a stuffed dot: the dot goes, the line feed stays a line end.
      expect(reply).toMatch(/^250 2\.0\.0 accepted/);
      client.end();
    }
    expect(gateway.stores.stored).toHaveLength(3);
    for (const { message } of gateway.stores.stored) {
      expect(message.content.toString("latin1").replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      expect(message.content.toString("latin1")).toContain("smuggled");
    }
  });

  test("row 02: a bare LF becomes CRLF in what is stored; a bare CR or NUL is refused all the same", async () => {
    await using gateway = await startSmtpGateway({ limits: { bareLf: "normalise" } });
    const client = await openBody(gateway.port);
    await client.write("From: a@example.jp\nSubject: x\n\nbody\n\r\n.\r\n");
    expect(await client.reply()).toMatch(/^250/);
    client.end();
    expect(gateway.stores.stored[0]?.message.content.toString()).toBe(
      "From: a@example.jp\r\nSubject: x\r\n\r\nbody\r\n\r\n",
    );
    for (const stray of ["\r", "\0"]) {
      const other = await openBody(gateway.port);
      await other.write(`${head}a${stray}b\r\n.\r\n`);
      expect(await other.untilClosed()).toMatch(/^550 5\.5\.2 line-ends/);
    }
    expect(gateway.stores.stored).toHaveLength(1);
  });
});

describe("bare line ends by default", () => {
  test("row 02: bare LF, bare CR and NUL are refused in header and body, and the connection ends", async () => {
    await using gateway = await startSmtpGateway();
    for (const stray of ["\n", "\r", "\0"]) {
      for (const message of [`Subject: a${stray}b\r\n\r\nc`, `Subject: a\r\n\r\nb${stray}c`]) {
        const client = await openBody(gateway.port);
        await client.write(`From: a@example.jp\r\n${message}\r\n.\r\n`);
        expect(await client.untilClosed()).toMatch(/^550 5\.5\.2 line-ends: .*\r\n$/);
      }
    }
    expect(gateway.stores.stored).toEqual([]);
  });
});

describe("dot-stuffing", () => {
  test("row 04: a body arrives as it was meant, however it is cut", async () => {
    await using gateway = await startSmtpGateway();
    const client = await dial(gateway.port);
    await client.command("EHLO tool.example");
    const line = fc.array(fc.constantFrom(".", "..", "a", " ", "あ"), { maxLength: 4 });
    const body = fc.array(
      line.map((parts) => parts.join("")),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(body, fc.array(fc.integer({ min: 1, max: 9 })), async (lines, strides) => {
        gateway.stores.stored.length = 0;
        await beginBody(client);
        const message = `From: a@example.jp\r\n\r\n${lines.map((each) => `${each}\r\n`).join("")}`;
        const wire = Buffer.from(`${message.replace(/^\./gm, "..")}.\r\n`);
        const pieces: Buffer[] = [];
        let at = 0;
        for (const stride of strides) {
          pieces.push(wire.subarray(at, at + stride));
          at += stride;
        }
        await client.writePieces([...pieces, wire.subarray(at)]);
        expect(await client.reply()).toMatch(/^250/);
        expect(gateway.stores.stored[0]?.message.content.toString()).toBe(message);
      }),
      { numRuns: 200 },
    );
    client.end();
  });
});
