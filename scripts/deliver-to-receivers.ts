// The journey of real-receivers/run: three messages to each real receiver, what it answered, and what lies in its mailbox.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { startDeliveryOffice } from "../test/support/delivery-office.ts";

const [work = ""] = process.argv.slice(2);
const receivers = ["postfix", "exim", "opensmtpd"];
const mailboxSeconds = 20;

/** Dots at line starts, 8-bit text, trailing blanks, a line of 998 octets, and more than one block of the socket. */
const body = [
  "日本語の本文です。",
  ".",
  "..two dots",
  "trailing blanks  ",
  "x".repeat(998),
  ...Array.from({ length: 3000 }, (_, index) => `${index % 7 === 0 ? "." : ""}line ${index}`),
  "end",
  "",
].join("\r\n");

let failures = 0;
for (const name of receivers) {
  try {
    const seen = await deliver(name);
    console.log(`${name}: ok, ${seen}`);
  } catch (error) {
    failures += 1;
    console.error(`${name}: FAILED`, error);
  }
}
console.log(`${receivers.length - failures} receivers ok, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;

async function deliver(name: string): Promise<string> {
  const port = Number(readFileSync(join(work, name, "port"), "utf8"));
  await using office = startDeliveryOffice({
    routes: [{ domain: "*", via: { kind: "host", host: "127.0.0.1", port } }],
    maxConnections: 1,
  });
  const content = [
    "From: News <news@example.jp>",
    `To: box@${name}.test`,
    "Subject: real receivers",
    "Message-ID: <real@example.jp>",
    "Date: Wed, 25 Nov 2026 09:00:00 +0900",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    body,
  ].join("\r\n");
  const envelope = { eightBit: true, dsn: { ret: "HDRS", envid: "real-1" } } as const;
  const dsn = { notify: ["NEVER"], orcpt: `rfc822;box@${name}.test` } as const;
  for (const to of ["box", "nobody", "box"])
    await office.send({ to: [`${to}@${name}.test`], content, envelope, dsn });
  await office.queue.waitFor(() => office.queue.events.length >= 3, 30_000);
  const types = office.queue.events.map(({ type }) => type);
  const words = office.queue.events.map(({ reply }) => reply?.text).join("; ");
  assert.deepEqual(types.toSorted(), ["Bounce", "Delivery", "Delivery"], words);
  const [delivery] = office.queue.events.filter(({ type }) => type === "Delivery");
  const bounce = office.queue.events.find(({ type }) => type === "Bounce");
  assert.match(String(delivery?.detail?.["tlsProtocol"]), /^TLSv1\.[23]$/);
  // Exim's and OpenSMTPD's standard words for an unknown mailbox ("Unrouteable address", "Mailing list expansion problem")
  // could mean other things: nobody is suppressed for them.
  const bounceClass = String(bounce?.detail?.["class"]);
  assert.match(bounceClass, /^(?:user-unknown|host-unknown|policy)$/);
  assert.equal(
    office.queue.settled.filter((each) => "suppress" in each).length,
    bounceClass === "user-unknown" ? 1 : 0,
  );
  const files = await mailbox(join(work, name, "mail/box/new"), 2);
  for (const file of files) {
    const text = readFileSync(file).toString("utf8").replaceAll(/\r?\n/g, "\r\n");
    assert.equal(text.slice(text.indexOf("\r\n\r\n") + 4), body, "the body is as it was sent");
  }
  const reply = delivery?.reply;
  return `${String(delivery?.detail?.["tlsProtocol"])}, ${files.length} delivered, 1 ${bounceClass} ("${bounce?.reply?.text ?? ""}"); "${reply?.code ?? ""} ${reply?.text ?? ""}"`;
}

/** Maildir files once there are `count`, or after a while in any case. */
async function mailbox(folder: string, count: number): Promise<readonly string[]> {
  for (let tries = 0; tries < mailboxSeconds * 10; tries += 1) {
    const files = existsSync(folder) ? readdirSync(folder) : [];
    if (files.length >= count) return files.map((file) => join(folder, file));
    await wait(100);
  }
  throw new Error(`fewer than ${count} messages in ${folder}`);
}
