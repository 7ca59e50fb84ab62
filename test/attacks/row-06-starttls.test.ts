// STARTTLS: nothing that was said before it counts behind it.
import { expect, test } from "vitest";

import { dial } from "../support/raw-client.ts";
import { startSmtpGateway } from "../support/smtp-gateway.ts";

const submission = { auth: "required", tls: "starttls", allow: [] } as const;

test("row 06: commands in the packet of STARTTLS do not run, neither before nor inside TLS", async () => {
  await using gateway = await startSmtpGateway();
  for (const injected of ["MAIL FROM:<a@example.jp>\r\n", "NOOP\r\n".repeat(500), "NOO"]) {
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    // The octets behind STARTTLS would be taken for a TLS record if they were handed to it: the handshake may fail,
    // and must fail rather than run them.
    const outcome = await client.startTls(injected).then(
      async (secure) => {
        const reply = await secure.command("RCPT TO:<b@example.net>");
        secure.end();
        return reply;
      },
      () => "no handshake",
    );
    expect(outcome === "no handshake" || outcome.startsWith("503")).toBe(true);
    client.end();
  }
});

test("row 06: TLS starts clean: greeting and transaction before it are forgotten", async () => {
  await using gateway = await startSmtpGateway();
  const client = await dial(gateway.port);
  await client.command("EHLO x");
  await client.command("MAIL FROM:<a@example.jp>");
  await client.command("RCPT TO:<b@example.net>");
  const secure = await client.startTls();
  expect(await secure.command("DATA")).toMatch(/^503/);
  const greeting = await secure.command("EHLO x");
  expect(greeting).not.toContain("STARTTLS");
  expect(await secure.command("DATA")).toMatch(/^503/);
  expect(await secure.command("STARTTLS")).toMatch(/^503/);
  secure.end();
});

test("row 06: STARTTLS takes no argument and is refused where there is no certificate", async () => {
  await using gateway = await startSmtpGateway();
  const client = await dial(gateway.port);
  await client.command("EHLO x");
  expect(await client.command("STARTTLS now")).toMatch(/^501/);
  client.end();
  await using bare = await startSmtpGateway({ certificate: "none" });
  const other = await dial(bare.port);
  expect(await other.command("EHLO x")).not.toContain("STARTTLS");
  expect(await other.command("STARTTLS")).toMatch(/^502/);
  other.end();
});

test("row 06: TLS below 1.2 is not spoken", async () => {
  await using gateway = await startSmtpGateway({ listener: submission });
  expect(gateway.listener.port).toBeGreaterThan(0);
  const { connect } = await import("node:tls");
  await using implicit = await startSmtpGateway({ listener: { ...submission, tls: "implicit" } });
  const code = await new Promise<string | undefined>((resolve) => {
    const socket = connect({
      port: implicit.port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    socket.once("secureConnect", () => resolve("connected"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  expect(code).not.toBe("connected");
});
