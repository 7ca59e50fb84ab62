// Keys that are not what they are listed as: the signer looks before it uses one.
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";

import { generateKey } from "../../src/dkim/generate.ts";
import { matches, recordOf } from "../../src/dkim/record.ts";
import { createSigner } from "../../src/dkim/sign.ts";
import { domainOf, openSigningOffice } from "../support/signing-office.ts";

const message = Buffer.from("From: a@example.jp\r\n\r\nbody\r\n");

test("row 86: an Ed25519 half in an RSA key's place does not sign", async () => {
  const office = await openSigningOffice(["rsa"]);
  office.keys.swap(office.domain, "test-rsa", await generateKey({ algorithm: "ed25519" }));
  expect(await office.signer.sign(message, office.domain)).toMatchObject({
    kind: "unsigned",
    detail: expect.stringContaining("not of the type") as string,
  });
});

test("row 86: the private half of another domain does not sign for this one", async () => {
  const { keys, domain } = await openSigningOffice(["rsa"]);
  const other = domainOf("tenant-b.example");
  const act = { actor: "test", at: new Date("2026-11-24T00:00:00Z") };
  const foreign = await generateKey({ algorithm: "rsa", bits: 2048 });
  await keys.add({ domain: other, selector: "test-rsa", privateKey: foreign }, act);
  await keys.setState(other, "test-rsa", "active", act);
  keys.swap(domain, "test-rsa", foreign);
  const signer = createSigner({ keys, clock: () => new Date(), requirePublished: true });
  expect((await signer.sign(message, domain)).kind).toBe("unsigned");
  expect((await signer.sign(message, other)).kind).toBe("signed");
});

test("row 86: the record in DNS is held against the private half", () => {
  const mine = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const theirs = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const domain = domainOf("example.jp");
  expect(matches(recordOf(domain, "s1", mine.privateKey).value, mine.privateKey)).toBe(true);
  expect(matches(recordOf(domain, "s1", theirs.publicKey).value, mine.privateKey)).toBe(false);
});
