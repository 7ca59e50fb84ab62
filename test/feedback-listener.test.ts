// The feedback listener: strangers' mail for our own mailboxes, and nothing else.
import { expect, test } from "vitest";

import type { FeedbackIntake } from "../src/smtp/feedback-intake.ts";
import { dial } from "./support/raw-client.ts";
import { startSmtpGateway } from "./support/smtp-gateway.ts";

test("takes mail for its own mailboxes without a login, from anybody, and relays none", async () => {
  const learned: string[] = [];
  const feedback: FeedbackIntake = {
    postmaster: "postmaster@gw.example.jp",
    recipient: ({ domain }) => Promise.resolve(domain === "gw.example.jp"),
    message: ({ content, recipients, mailFrom, client }) => {
      learned.push(
        `${client} ${mailFrom?.text ?? "<>"} ${recipients.map((each) => each.text).join()}`,
      );
      learned.push(content.toString());
      return Promise.resolve();
    },
  };
  await using gateway = await startSmtpGateway({
    listener: { role: "feedback" },
    parts: { feedback },
  });
  const client = await dial(gateway.port);
  const greeting = await client.command("EHLO mx.example.net");
  expect(greeting).toContain("STARTTLS");
  expect(greeting).not.toContain("AUTH");
  expect(await client.command("MAIL FROM:<>")).toMatch(/^250 2\.1\.0 /);
  expect(await client.command("RCPT TO:<victim@example.net>")).toMatch(/^550 5\.1\.1 /);
  expect(await client.command("DATA")).toMatch(/^554 5\.5\.1 /);
  expect(await client.command("RCPT TO:<b+token@gw.example.jp>")).toMatch(/^250 2\.1\.5 /);
  expect(await client.command("RCPT TO:<Postmaster>")).toMatch(/^250 2\.1\.5 /);
  expect(await client.command("DATA")).toMatch(/^354/);
  await client.write("Subject: bounce\r\n\r\nx\r\n.\r\n");
  expect(await client.reply()).toBe("250 2.0.0 received");
  client.end();
  expect(learned).toEqual([
    "ipv4:127.0.0.1 <> b+token@gw.example.jp,postmaster@gw.example.jp",
    "Subject: bounce\r\n\r\nx\r\n",
  ]);
  expect(gateway.stores.stored).toEqual([]);
});

test("what cannot be stored now is 451, so that the other side keeps it", async () => {
  const feedback: FeedbackIntake = {
    recipient: () => Promise.resolve(true),
    message: () => Promise.reject(new Error("disk full")),
  };
  await using gateway = await startSmtpGateway({
    listener: { role: "feedback" },
    parts: { feedback },
  });
  const client = await dial(gateway.port);
  for (const line of ["EHLO x", "MAIL FROM:<>", "RCPT TO:<b@gw.example.jp>", "DATA"]) {
    await client.command(line);
  }
  await client.write("Subject: bounce\r\n\r\nx\r\n.\r\n");
  expect(await client.reply()).toMatch(/^451 4\.3\.0 /);
  client.end();
});
