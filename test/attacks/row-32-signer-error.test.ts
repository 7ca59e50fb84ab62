// Whatever keeps the signer from signing: the answer is a value that makes the message wait, never an unsigned message.
import { expect, test } from "vitest";

import { generateKey } from "../../src/dkim/generate.ts";
import { createSigner } from "../../src/dkim/sign.ts";
import { openSigningOffice } from "../support/signing-office.ts";
import { verifyByMailauth } from "../support/dkim-verifiers.ts";

const message = Buffer.from("From: a@example.jp\r\nSubject: x\r\n\r\nbody\r\n");
const waits = { kind: "unsigned", reason: "signing-failed" };

test("row 32: the key's file is gone", async () => {
  const office = await openSigningOffice(["rsa"]);
  office.keys.lose(office.domain, "test-rsa");
  expect(await office.signer.sign(message, office.domain)).toMatchObject({
    ...waits,
    detail: expect.stringContaining("missing") as string,
  });
});

test("row 32: another key lies in the file", async () => {
  const office = await openSigningOffice(["rsa"]);
  office.keys.swap(office.domain, "test-rsa", await generateKey({ algorithm: "rsa", bits: 2048 }));
  expect(await office.signer.sign(message, office.domain)).toMatchObject({
    ...waits,
    detail: expect.stringContaining("does not fit its DNS record") as string,
  });
});

test("row 32: the second key is broken, so the first does not sign alone", async () => {
  const office = await openSigningOffice();
  office.keys.lose(office.domain, "test-ed25519");
  expect(await office.signer.sign(message, office.domain)).toMatchObject(waits);
});

test("row 32: no key, no active key, a domain that is not ours", async () => {
  const office = await openSigningOffice([]);
  expect(await office.signer.sign(message, office.domain)).toMatchObject(waits);
});

test.each([
  ["pending", /test-rsa pending \(publish its record: sekisho keys list --domain example\.jp\)/],
  ["published", /published \(publish its record/],
  ["retiring", /\(sekisho keys activate --domain example\.jp --selector test-rsa\)/],
  ["retired", /\(sekisho keys create --domain example\.jp\)/],
] as const)(
  "row 32: a domain whose one key is %s is told what lets it sign",
  async (state, detail) => {
    const { keys, domain, signer } = await openSigningOffice(["rsa"]);
    await keys.setState(domain, "test-rsa", state, { actor: "test", at: new Date() });
    expect(await signer.sign(message, domain)).toMatchObject({
      ...waits,
      detail: expect.stringMatching(detail) as string,
    });
  },
);

test.each([new Date("1970-01-01T00:00:00Z"), new Date("invalid")])(
  "row 32: the clock says %s",
  async (now) => {
    const { keys, domain } = await openSigningOffice(["rsa"]);
    const signer = createSigner({ keys, clock: () => now, requirePublished: true });
    expect(await signer.sign(message, domain)).toMatchObject({
      ...waits,
      detail: expect.stringContaining("clock") as string,
    });
  },
);

test("row 32: once the key is back the message is signed, and verifies", async () => {
  const office = await openSigningOffice(["rsa"]);
  const key = await office.keys.privateKey(office.domain, "test-rsa");
  office.keys.lose(office.domain, "test-rsa");
  expect(await office.signer.sign(message, office.domain)).toMatchObject(waits);
  office.keys.swap(office.domain, "test-rsa", key);
  expect(await verifyByMailauth(await office.signed(message), office.records)).toEqual([true]);
});
