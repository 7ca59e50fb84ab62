// What smtp-server does with commands, logins and connections, which src/smtp makes good for or keeps out of its way.
import { X509Certificate } from "node:crypto";
import { format } from "node:util";

import type { SMTPServerOptions } from "smtp-server";
import { SMTPStream } from "smtp-server/lib/smtp-stream.js";
import getTlsOptions from "smtp-server/lib/tls-options.js";
import { describe, expect, test } from "vitest";

import { dial } from "../support/raw-client.ts";
import { bareServer, login, upToData } from "./bare-server.ts";

const refuseLogin: SMTPServerOptions["onAuth"] = (_auth, _session, callback) => {
  callback(new Error("no"));
};

test("1.1 finding 3: a bare LF ends a command", () => {
  const stream = new SMTPStream();
  const lines: string[] = [];
  stream.oncommand = (line, next) => {
    lines.push(line.toString());
    next?.();
  };
  stream.write("ONE\nTWO\r\n");
  expect(lines).toEqual(["ONE", "TWO"]);
});

describe("logins", () => {
  test("1.1 finding 4: one connection may try passwords without end", async () => {
    using bare = await bareServer({
      allowInsecureAuth: true,
      authOptional: false,
      onAuth: refuseLogin,
    });
    const codes = await bare.codes(...Array.from({ length: 50 }, () => login));
    expect(new Set(codes)).toEqual(new Set(["535"]));
  });

  test.each([{ hideSTARTTLS: true }, { disabledCommands: ["STARTTLS"] }])(
    "1.1 finding 5: a password is taken in clear text once STARTTLS is out of sight: %j",
    async (options) => {
      using bare = await bareServer({
        ...options,
        onAuth: (_auth, _session, callback) => {
          callback(null, { user: "x" });
        },
      });
      expect(await bare.codes(login)).toEqual(["235"]);
    },
  );

  test("1.1 finding 6: AUTH is offered before TLS, where it is refused", async () => {
    using bare = await bareServer();
    expect(await bare.client.command("EHLO x")).toContain("AUTH ");
    expect(await bare.codes(login)).toEqual(["538"]);
  });

  test.each([
    { hidden: [], code: "530" },
    { hidden: ["AUTH"], code: "250" },
  ])(
    "1.1 finding 7: hiding AUTH from a session opens the relay: $hidden",
    async ({ hidden, code }) => {
      using bare = await bareServer({
        authOptional: false,
        onConnect: (session, callback) => {
          Object.assign(session, { disabledCommands: hidden });
          callback();
        },
      });
      expect(await bare.codes("MAIL FROM:<a@example.jp>")).toEqual([code]);
    },
  );
});

describe("envelopes", () => {
  test("1.1 finding 19: nothing is limited that was not told a limit", async () => {
    using bare = await bareServer();
    expect(await bare.client.command("EHLO x")).not.toContain("SIZE");
    const recipients = Array.from({ length: 500 }, (_, at) => `RCPT TO:<r${at}@example.jp>`);
    const codes = await bare.codes("MAIL FROM:<a@example.jp>", ...recipients);
    expect(new Set(codes)).toEqual(new Set(["250"]));
  });

  test("1.1 finding 22: what a refused MAIL asked for stays for the next one", async () => {
    const seen: unknown[] = [];
    using bare = await bareServer({
      onMailFrom: (address, { envelope }, callback) => {
        seen.push({ utf8: envelope.smtpUtf8, body: envelope.bodyType });
        callback(address.address === "bad@example.jp" ? new Error("no") : null);
      },
    });
    const codes = await bare.codes(
      "MAIL FROM:<bad@example.jp> SMTPUTF8 BODY=8BITMIME",
      "MAIL FROM:<a@example.jp>",
    );
    expect(codes).toEqual(["550", "250"]);
    expect(seen[1]).toEqual({ utf8: true, body: "8bitmime" });
  });

  test("1.1 finding 23: unknown parameters and an ENVID of any length are accepted", async () => {
    using bare = await bareServer({ hideDSN: false });
    const codes = await bare.codes(
      `MAIL FROM:<a@example.jp> NONSENSE=1 ENVID=${"e".repeat(5_000)}`, // RFC 3461 §4.4: 100
      "RCPT TO:<b@example.jp> NONSENSE=1",
    );
    expect(codes).toEqual(["250", "250"]);
  });

  test("1.1 finding 24: BDAT, BURL and ETRN are unknown, and nothing of them is offered", async () => {
    using bare = await bareServer();
    expect(await bare.client.command("EHLO x")).not.toMatch(/CHUNKING|BINARYMIME|BURL|ETRN/);
    const codes = await bare.codes("BDAT 5 LAST", "BURL imap://x", "ETRN x");
    expect(codes).toEqual(["500", "500", "500"]);
  });

  test.each([
    ["a@xn--bcher-kva.example", "a@bücher.example"],
    ["jürgen@example.jp"], // without SMTPUTF8
    ["a|b@example.jp"],
    ["`id`@example.jp"],
    ["$(id)@example.jp"],
    ["a;b@example.jp"],
    ["a%b@example.jp"],
    [`${"a".repeat(65)}@example.jp`],
    ["u@[127.0.0.1]"],
    ["u@localhost"],
    ["postmaster"],
  ])("1.1 finding 25: it accepts %s and hands it on", async (address, handedOn = address) => {
    const seen: string[] = [];
    using bare = await bareServer({
      onRcptTo: (recipient, _session, callback) => {
        seen.push(recipient.address);
        callback();
      },
    });
    const codes = await bare.codes("MAIL FROM:<a@example.jp>", `RCPT TO:<${address}>`);
    expect(codes).toEqual(["250", "250"]);
    expect(seen).toEqual([handedOn]);
  });

  test("1.1 finding 25: it refuses a quoted local part with a space, though RFC 5321 has it", async () => {
    using bare = await bareServer();
    expect(await bare.codes('MAIL FROM:<"a b"@example.jp>')).toEqual(["501"]);
  });

  test("1.1 finding 26: it answers to sendmail's old commands", async () => {
    using bare = await bareServer();
    expect(await bare.client.command("WIZ x")).toBe("200 Please pass, oh mighty wizard");
    expect(await bare.client.command("SHELL")).toMatch(/^500 .*Invoking shell/);
    expect(await bare.client.command("KILL x")).toBe("500 Can not kill Mom");
  });
});

describe("connections", () => {
  test("1.1 finding 11: a reset after MAIL is an error event, fatal where nobody listens", async () => {
    using bare = await bareServer();
    const failed = new Promise<Error>((resolve) => {
      bare.server.on("error", resolve);
    });
    await bare.codes("MAIL FROM:<a@example.jp>");
    bare.client.reset();
    expect(await failed).toMatchObject({ code: "ECONNRESET" });
  });

  test("1.1 finding 27: its own certificate is public and expired, and TLS 1.0 its lowest version", () => {
    const { cert, key, minVersion } = getTlsOptions({});
    expect(key).toContain("PRIVATE KEY");
    const { validTo } = new X509Certificate(String(cert));
    expect(Date.parse(validTo)).toBeLessThan(Date.UTC(2025, 11, 31));
    expect(minVersion).toBe("TLSv1");
  });

  test.each([
    { options: {}, reply: "550 no" },
    { options: { hideENHANCEDSTATUSCODES: false }, reply: "550 5.1.1 no" },
  ])(
    "1.1 finding 28: enhanced codes are hidden, or are its own: $reply",
    async ({ options, reply }) => {
      using bare = await bareServer({
        ...options,
        onMailFrom: (_address, _session, callback) => {
          callback(Object.assign(new Error("no"), { responseCode: 550 }));
        },
      });
      expect(await bare.client.command("MAIL FROM:<a@example.jp>")).toBe(reply);
    },
  );

  test("1.1 finding 29: who talks before the greeting is turned away by the library", async () => {
    let greeted = 0;
    using bare = await bareServer({
      onConnect: (_session, callback) => {
        greeted += 1;
        if (greeted === 1) callback(); // the second connection waits for its greeting for ever
      },
    });
    const early = await dial(bare.port, { greeting: false });
    expect(await early.command("NOOP")).toMatch(/^421 .* You talk too soon$/);
    early.end();
  });

  test.each([
    { useXClient: true, offered: true },
    { useXClient: ["127.0.0.1"], offered: true },
    { useXClient: ["127.0.0.0/8"], offered: false },
  ])(
    "1.1 finding 31: XCLIENT is for everybody or for exact addresses, never a network: $useXClient",
    async ({ useXClient, offered }) => {
      using bare = await bareServer({ useXClient });
      expect((await bare.client.command("EHLO x")).includes("XCLIENT")).toBe(offered);
    },
  );

  test("1.1 finding 32: its log lines name users and recipients", async () => {
    const lines: string[] = [];
    const note = (_entry: unknown, ...words: readonly unknown[]): void => {
      lines.push(format(...words));
    };
    using bare = await bareServer({
      logger: { trace: note, debug: note, info: note, warn: note, error: note, fatal: note },
      hideSTARTTLS: true, // or it warns of its certificate
      onAuth: refuseLogin,
    });
    await bare.codes(login, ...upToData.slice(0, 2));
    expect(lines.filter((line) => line.includes("tool"))).not.toEqual([]);
    expect(lines.filter((line) => line.includes("b@example.jp"))).not.toEqual([]);
  });
});
