// Rotation leaves no moment without a verifiable signature, and short keys never come in.
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";

import { generateKey } from "../../src/dkim/generate.ts";
import { createSigner } from "../../src/dkim/sign.ts";
import { verifyByMailauth } from "../support/dkim-verifiers.ts";
import { openSigningOffice } from "../support/signing-office.ts";

const message = Buffer.from("From: a@example.jp\r\nSubject: x\r\n\r\nbody\r\n");
const act = { actor: "test", at: new Date("2026-11-25T00:00:00Z") };

test.each([512, 1024, 2047])(
  "row 87: an RSA key of %i bits is neither made nor taken in",
  async (bits) => {
    await expect(generateKey({ algorithm: "rsa", bits })).rejects.toThrow(RangeError);
    const { keys, domain } = await openSigningOffice([]);
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
    await expect(keys.add({ domain, selector: "short", privateKey }, act)).rejects.toThrow(
      /refused: use 2048/,
    );
  },
);

test("row 87: mail signed before, during and after a rotation verifies while both records stand", async () => {
  const { keys, domain, records } = await openSigningOffice(["rsa"]);
  let time = new Date("2026-11-25T01:00:00Z").getTime();
  const signer = createSigner({ keys, clock: () => new Date(time), requirePublished: true });
  const published: Record<string, string> = { ...records };
  const mails: Buffer[] = [];
  const selectors: string[] = [];
  const send = async (): Promise<void> => {
    time += 5000;
    const signing = await signer.sign(message, domain);
    if (signing.kind === "unsigned") throw new Error(signing.detail);
    selectors.push(/s=([^;]+);/.exec(signing.header)?.[1] ?? "");
    mails.push(Buffer.concat([Buffer.from(signing.header), message]));
  };
  await send();
  const next = await keys.add(
    { domain, selector: "s2", privateKey: await generateKey({ algorithm: "rsa", bits: 2048 }) },
    act,
  );
  await send();
  published[next.record.name] = next.record.value;
  await keys.setState(domain, "s2", "published", act);
  await send();
  await keys.setState(domain, "s2", "active", act);
  await send();
  await keys.setState(domain, "test-rsa", "retiring", act);
  await send();
  expect(selectors).toEqual(["test-rsa", "test-rsa", "test-rsa", "s2", "s2"]);
  for (const mail of mails) expect(await verifyByMailauth(mail, published)).toEqual([true]);
});

test("row 87: a withdrawn key does not sign from the next listing on", async () => {
  const { keys, domain } = await openSigningOffice(["rsa"]);
  let time = new Date("2026-11-25T01:00:00Z").getTime();
  const signer = createSigner({ keys, clock: () => new Date(time), requirePublished: true });
  expect((await signer.sign(message, domain)).kind).toBe("signed");
  await keys.setState(domain, "test-rsa", "retired", act);
  time += 2000;
  expect((await signer.sign(message, domain)).kind).toBe("unsigned");
});
