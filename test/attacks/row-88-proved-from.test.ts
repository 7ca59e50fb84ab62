// threats.md row 88: a written opt-out is believed only of whom an aligned signature or SPF result proves.
import { createHash, generateKeyPairSync } from "node:crypto";

import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { beforeAll, expect, test } from "vitest";

import { provesFrom } from "../../src/dns/prove-from.ts";
import { createResolver, type Resolver } from "../../src/dns/resolver.ts";
import { startDnsStub } from "../support/dns-stub.ts";
import { address } from "../support/memory-stores.ts";
import { openSigningOffice } from "../support/signing-office.ts";
import { domain } from "../support/smtp-gateway.ts";

let resolver: Resolver;
let signed: Buffer;
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const plain = {
  selector: "plain",
  privateKey: pair.privateKey.export({ type: "pkcs8", format: "pem" }),
  record: `v=DKIM1; k=rsa; p=${pair.publicKey.export({ type: "spki", format: "der" }).toString("base64")}`,
};
const letter =
  "From: Hanako <hanako@example.jp>\r\nTo: reply@gw.test\r\nSubject: stop\r\nDate: Sat, 10 Jan 2026 12:00:00 +0000\r\n" +
  "Message-ID: <1@example.jp>\r\n\r\nplease stop\r\n";

beforeAll(async () => {
  const office = await openSigningOffice(["rsa"]);
  const pieces = (text: string): readonly string[] => text.match(/.{1,255}/g) ?? [];
  const keys = Object.entries(office.records).map(
    ([name, text]) => [name, { TXT: [pieces(text)] }] as const,
  );
  const dns = await startDnsStub({
    ...Object.fromEntries(keys),
    [`${plain.selector}._domainkey.example.jp`]: { TXT: [pieces(plain.record)] },
    "mail.example.jp": { TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
    "attacker.test": { TXT: ["v=spf1 +all"] },
  });
  resolver = createResolver({ servers: [dns.server], timeoutMs: 500 });
  const signing = await office.signer.sign(Buffer.from(letter), domain("example.jp"));
  if (signing.kind === "unsigned") throw new Error(signing.detail);
  signed = Buffer.from(signing.header + letter);
  return () => dns[Symbol.asyncDispose]();
});

function proves(
  content: Buffer | string,
  change: {
    readonly mailFrom?: string;
    readonly remoteAddress?: string;
    readonly mailbox?: string;
    readonly asks?: Resolver;
  } = {},
): Promise<boolean> {
  const { mailFrom = "x@attacker.test", remoteAddress = "198.51.100.7" } = change;
  const { mailbox = "reply@gw.test", asks = resolver } = change;
  return provesFrom(
    { mailFrom: address(mailFrom), content: Buffer.from(content), helo: "mx.test", remoteAddress },
    { from: address("hanako@example.jp"), mailbox: address(mailbox) },
    asks,
  );
}

/** The letter with a signature over these fields alone, as some signers make it. */
async function signedOver(fields: string, content = letter): Promise<string> {
  const { selector, privateKey } = plain;
  const key = { signingDomain: "example.jp", selector, privateKey };
  const { signatures } = await dkimSign(content, {
    ...key,
    signatureData: [{ ...key, canonicalization: "relaxed/relaxed" }],
    headerList: fields,
  });
  return signatures + content;
}

test("row 88: an aligned signature proves it, whoever hands the mail over", async () => {
  expect(await proves(signed)).toBe(true);
});

test("row 88: SPF of the same organization proves it, from the right host only", async () => {
  expect(await proves(letter, { mailFrom: "b@mail.example.jp", remoteAddress: "192.0.2.1" })).toBe(
    true,
  );
  expect(await proves(letter, { mailFrom: "b@mail.example.jp" })).toBe(false);
});

test.each([
  ["nothing at all", letter],
  ["a pass of the attacker's own domain", letter],
  ["a second From", `From: other@example.jp\r\n${letter}`],
  ["two mailboxes in From", letter.replace("<hanako@example.jp>", "<hanako@example.jp>, b@x.jp")],
])("row 88: %s proves nothing", async (_name, content) => {
  expect(await proves(content)).toBe(false);
});

test("row 88: a signature over other words, or another's From, proves nothing", async () => {
  expect(await proves(signed.toString().replace("please stop", "please go on"))).toBe(false);
  expect(await proves(signed.toString().replace("<hanako@", "<jiro@"))).toBe(false);
  expect(await proves(`From: a@example.jp\r\n${signed.toString()}`)).toBe(false);
});

test("row 88: a subject that the signature does not cover is not the writer's", async () => {
  expect(await proves(await signedOver("From:To:Subject:Date"))).toBe(true);
  const withoutSubject = await signedOver("From:To:Date", letter.replace("Subject: stop\r\n", ""));
  expect(await proves(withoutSubject)).toBe(true);
  expect(await proves(`Subject: stop\r\n${withoutSubject}`)).toBe(false);
  const hello = await signedOver("From:To:Subject:Date", letter.replace("stop", "hello"));
  expect(await proves(`Subject: stop\r\n${hello}`)).toBe(false);
});

test("row 88: a signed mail to somebody else proves nothing here", async () => {
  const toList = letter.replace("reply@gw.test", "list@elsewhere.test");
  expect(await proves(await signedOver("From:To:Subject:Date", toList))).toBe(false);
  expect(await proves(signed, { mailbox: "reply-b@gw.test" })).toBe(false);
  const readdressed = (await signedOver("From:Subject:Date", toList)).replace(
    "list@elsewhere.test",
    "reply@gw.test",
  );
  expect(await proves(readdressed)).toBe(false);
  const copied = letter
    .replace("\r\nTo: ", "\r\nTo: boss@example.jp\r\nCc: Reply <")
    .replace("gw.test", "gw.test>");
  expect(await proves(await signedOver("From:To:Cc:Subject:Date", copied))).toBe(true);
});

test.each([
  ["thousands of signatures", 3000, "DKIM-Signature:", ""],
  ["thousands in a form that not everybody reads", 3000, "DKIM-Signature\r\n :", ""],
  [
    "signatures behind a header of any length",
    11,
    `X: ${"x ".repeat(33_000)}\r\nDKIM-Signature:`,
    "",
  ],
  ["signatures that each end the body elsewhere", 8, "DKIM-Signature:", "l=%; "],
])("row 88: %s are not tried one by one", async (_name, count, name, more) => {
  let asked = 0;
  const asks: Resolver = { ...resolver, txt: (name) => ((asked += 1), resolver.txt(name)) };
  const bodyHash = createHash("sha256").update("please stop\r\n").digest("base64");
  const signatures = Array.from(
    { length: count },
    (_, index) =>
      `${name} v=1; a=rsa-sha256; c=relaxed/relaxed; d=s${index}.example.jp; s=s; h=from; ${more.replace("%", String(13 + index))}\r\n bh=${bodyHash}; b=AAAA\r\n`,
  );
  expect(await proves(signatures.join("") + letter, { asks })).toBe(false);
  expect(asked).toBe(0);
});
