// A message that comes with a signature of another domain leaves with that signature intact, and with ours on top.
import { expect, test } from "vitest";

import { compose, type HeaderLines } from "../../src/delivery/compose.ts";
import { generateKey } from "../../src/dkim/generate.ts";
import { createSigner } from "../../src/dkim/sign.ts";
import { verifyByMailauth } from "../support/dkim-verifiers.ts";
import { createMemoryKeyStore } from "../support/memory-key-store.ts";
import { domainOf, openSigningOffice } from "../support/signing-office.ts";

const act = { actor: "test", at: new Date("2026-11-24T00:00:00Z") };
const bare = ["From: Shop <news@example.jp>", "To: taro@example.net", "Subject: x"];
const added: HeaderLines = {
  add: [
    "List-Unsubscribe: <https://gw.example.jp/u/x>\r\n",
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    "X-Report: 1\r\n",
  ],
  remove: [],
};

const tool = domainOf("tool.example");
const keys = createMemoryKeyStore();
const privateKey = await generateKey({ algorithm: "rsa", bits: 2048 });
const foreign = await keys.add({ domain: tool, selector: "t1", privateKey }, act);
await keys.setState(tool, "t1", "active", act);
const toolSigner = createSigner({ keys, clock: () => act.at, requirePublished: true });
const office = await openSigningOffice(["rsa"]);
const records = { ...office.records, [foreign.record.name]: foreign.record.value };

async function leave(headers: HeaderLines, ...more: readonly string[]): Promise<Buffer> {
  const message = Buffer.from(`${[...bare, ...more].join("\r\n")}\r\n\r\nbody\r\n`);
  const signing = await toolSigner.sign(message, tool);
  if (signing.kind === "unsigned") throw new Error(signing.detail);
  const composed = compose(Buffer.concat([Buffer.from(signing.header), message]), {
    messageId: "01m8a4ecwgrbb0eyf94p4fy8ak",
    hostname: "gw.example.jp",
    receivedAt: act.at,
    trace: { helo: "ma.example.jp", protocol: "ESMTPSA" },
    fromDomain: office.domain,
    headers,
  });
  if (composed.kind === "bad") throw new Error(composed.problem);
  return office.signed(composed.value.message);
}

test("nothing that the signature covers is added; the rest is", async () => {
  const mail = await leave(added);
  expect(await verifyByMailauth(mail, records)).toEqual([true, true]);
  const text = mail.toString("latin1");
  expect(text).toContain("X-Report: 1");
  expect(text).not.toMatch(/^(?:List-Unsubscribe|Date|Message-ID):/m);
});

test("a stream that adds List-Unsubscribe where there is none leaves it so where the signature covers that", async () => {
  const remove = ["list-unsubscribe", "list-unsubscribe-post"];
  const mail = await leave({ ...added, remove, unless: "list-unsubscribe" });
  expect(await verifyByMailauth(mail, records)).toEqual([true, true]);
  expect(mail.toString("latin1")).not.toMatch(/^(?:List-Unsubscribe|X-Report)/m);
});

test("a stream that replaces List-Unsubscribe does so: its own signature is then the good one", async () => {
  const remove = ["list-unsubscribe", "list-unsubscribe-post"];
  const mail = await leave({ ...added, remove }, "List-Unsubscribe: <https://tool.example/u>");
  expect(await verifyByMailauth(mail, records)).toEqual([true, false]);
  expect(mail.toString("latin1")).toContain("List-Unsubscribe: <https://gw.example.jp/u/x>");
});

test("mail of a domain is not signed with the key of another sender's domain above it", async () => {
  const signer = createSigner({
    keys: office.keys,
    clock: () => new Date(),
    requirePublished: true,
    sharesKey: () => false,
  });
  const message = Buffer.from("From: a@other.example.jp\r\nSubject: x\r\n\r\nbody\r\n");
  expect((await signer.sign(message, domainOf("other.example.jp"))).kind).toBe("unsigned");
});
