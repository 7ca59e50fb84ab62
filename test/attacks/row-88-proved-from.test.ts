// threats.md row 88: a written opt-out is believed only of whom an aligned signature or SPF result proves.
import { beforeAll, expect, test } from "vitest";

import { provesFrom } from "../../src/dns/prove-from.ts";
import { createResolver, type Resolver } from "../../src/dns/resolver.ts";
import { startDnsStub } from "../support/dns-stub.ts";
import { address } from "../support/memory-stores.ts";
import { openSigningOffice } from "../support/signing-office.ts";
import { domain } from "../support/smtp-gateway.ts";

let resolver: Resolver;
let signed: Buffer;
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
  change: { readonly mailFrom?: string; readonly remoteAddress?: string } = {},
): Promise<boolean> {
  const { mailFrom = "x@attacker.test", remoteAddress = "198.51.100.7" } = change;
  return provesFrom(
    { mailFrom: address(mailFrom), content: Buffer.from(content), helo: "mx.test", remoteAddress },
    address("hanako@example.jp"),
    resolver,
  );
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
