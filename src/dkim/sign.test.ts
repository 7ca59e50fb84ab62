// The signer alone: which key it takes, what it covers, and every way in which it says that it cannot sign.
import fc from "fast-check";
import { expect, test } from "vitest";

import { createMemoryKeyStore, type MemoryKeyStore } from "../../test/support/memory-key-store.ts";
import { parseDomain, type Domain } from "../mail/domain.ts";
import { generateKey } from "./generate.ts";
import type { KeyState } from "./key.ts";
import { createSigner } from "./sign.ts";
import { verifySignature } from "./verify.ts";

const made = new Date("2026-11-25T00:00:00Z");
const now = new Date("2026-11-25T12:00:00Z");
const rsa = await generateKey({ algorithm: "rsa", bits: 2048 });
const otherRsa = await generateKey({ algorithm: "rsa", bits: 2048 });
const ed25519 = await generateKey({ algorithm: "ed25519" });
const act = { actor: "test", at: made };
const message = Buffer.from(
  "From: a@example.jp\r\nTo: b@example.net\r\nSubject: hello\r\n\r\nbody  text \r\n\r\n",
);

function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed.kind === "bad") throw new Error(parsed.problem);
  return parsed.value;
}
const example = domain("example.jp");

async function storeWith(state: KeyState, at: Date = made): Promise<MemoryKeyStore> {
  const keys = createMemoryKeyStore();
  await keys.add({ domain: example, selector: "s1", privateKey: rsa }, { ...act, at });
  await keys.setState(example, "s1", state, act);
  return keys;
}
const settings = { clock: () => now, requirePublished: true };

test("signs with the active key of the From domain, with t= and without l=", async () => {
  const signer = createSigner({ ...settings, keys: await storeWith("active") });
  const signing = await signer.sign(message, example);
  expect(signing.kind).toBe("signed");
  if (signing.kind !== "signed") return;
  expect(signing.header).toMatch(
    /^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=example\.jp;/,
  );
  expect(signing.header).toMatch(/\r\n$/);
  const flat = signing.header.replace(/\s+/g, "");
  expect(flat).toContain(`t=${now.getTime() / 1000};`);
  expect(flat).not.toMatch(/;l=/);
  for (const line of signing.header.split("\r\n")) expect(line.length).toBeLessThanOrEqual(78);
  expect(signing.header.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
});

test("covers every instance once and the important fields once more", async () => {
  const signer = createSigner({ ...settings, keys: await storeWith("active") });
  const signing = await signer.sign(message, example);
  const names = /h=([^;]*)/.exec(signing.kind === "signed" ? signing.header : "")?.[1];
  const list = (names ?? "").replace(/\s+/g, "").toLowerCase().split(":");
  const times = (name: string): number => list.filter((entry) => entry === name).length;
  expect([times("from"), times("to"), times("subject")]).toEqual([2, 2, 2]);
  expect([times("cc"), times("reply-to"), times("list-unsubscribe-post")]).toEqual([1, 1, 1]);
  expect([times("sender"), times("feedback-id"), times("received")]).toEqual([0, 0, 0]);
});

test.each(["pending", "published", "retiring", "retired"] as const)(
  "does not sign with a key that is %s where the record must be seen",
  async (state) => {
    const signer = createSigner({ ...settings, keys: await storeWith(state) });
    const signing = await signer.sign(message, example);
    expect(signing).toMatchObject({ kind: "unsigned", reason: "signing-failed" });
    expect(signing.kind === "unsigned" && signing.detail).toContain(`s1 ${state}`);
  },
);

test("signs with a pending key in a closed network, but never with a retired one", async () => {
  const closed = { ...settings, requirePublished: false };
  const pending = createSigner({ ...closed, keys: await storeWith("pending") });
  expect((await pending.sign(message, example)).kind).toBe("signed");
  const retired = createSigner({ ...closed, keys: await storeWith("retired") });
  expect((await retired.sign(message, example)).kind).toBe("unsigned");
});

test("adds an Ed25519 signature beside the RSA one, never alone", async () => {
  const keys = await storeWith("active");
  await keys.add({ domain: example, selector: "e1", privateKey: ed25519 }, act);
  await keys.setState(example, "e1", "active", act);
  const signing = await createSigner({ ...settings, keys }).sign(message, example);
  const header = signing.kind === "signed" ? signing.header : "";
  expect(header.match(/^DKIM-Signature:/gm)).toHaveLength(2);
  expect(header.indexOf("a=rsa-sha256")).toBeLessThan(header.indexOf("a=ed25519-sha256"));
  await keys.setState(example, "s1", "retired", act);
  const alone = await createSigner({ ...settings, keys }).sign(message, example);
  expect(alone.kind).toBe("unsigned");
});

test("takes a change of state made elsewhere within two seconds, and reads each private half once", async () => {
  const keys = await storeWith("active");
  let time = now.getTime();
  const signer = createSigner({ ...settings, keys, clock: () => new Date(time) });
  for (let count = 0; count < 5; count += 1) await signer.sign(message, example);
  expect(keys.reads).toEqual({ list: 1, privateKey: 1 });
  await keys.add({ domain: example, selector: "s2", privateKey: otherRsa }, { ...act, at: now });
  await keys.setState(example, "s2", "active", act);
  await keys.setState(example, "s1", "retiring", act);
  time += 2000;
  const signing = await signer.sign(message, example);
  expect(signing.kind === "signed" && signing.header).toContain("s=s2;");
  expect(keys.reads).toEqual({ list: 2, privateKey: 2 });
});

test("signs for a subdomain with the parent's key only where both are one sender's", async () => {
  const keys = await storeWith("active");
  const news = domain("news.example.jp");
  expect((await createSigner({ ...settings, keys }).sign(message, news)).kind).toBe("unsigned");
  const sharing = createSigner({ ...settings, keys, sharesKey: () => true });
  const signing = await sharing.sign(message, news);
  expect(signing.kind === "signed" && signing.header).toContain("d=example.jp;");
  expect((await sharing.sign(message, domain("notexample.jp"))).kind).toBe("unsigned");
});

test("does not sign when the key store fails, and signs again when it is back", async () => {
  const keys = await storeWith("active");
  let broken = true;
  const list: typeof keys.list = () => (broken ? Promise.reject(new Error("disk")) : keys.list());
  const signer = createSigner({ ...settings, keys: { ...keys, list } });
  expect(await signer.sign(message, example)).toEqual({
    kind: "unsigned",
    reason: "signing-failed",
    detail: "disk",
  });
  broken = false;
  expect((await signer.sign(message, example)).kind).toBe("signed");
});

test("does not sign a header with more fields than a mail has, nor one without From", async () => {
  const signer = createSigner({ ...settings, keys: await storeWith("active") });
  const many = Buffer.from(`From: a@example.jp\r\n${"Subject: x\r\n".repeat(600)}\r\nbody`);
  expect((await signer.sign(many, example)).kind).toBe("unsigned");
  expect((await signer.sign(Buffer.from("To: b@example.net\r\n\r\nbody"), example)).kind).toBe(
    "unsigned",
  );
});

test("the check before leaving finds a changed body, a changed field and another key", async () => {
  const keys = await storeWith("active");
  const signing = await createSigner({ ...settings, keys }).sign(message, example);
  const header = signing.kind === "signed" ? signing.header : "";
  const verdict = async (changed: Buffer, key = rsa): Promise<string> =>
    (await verifySignature(header, changed, key)).kind;
  expect(await verdict(message)).toBe("ok");
  const text = message.toString();
  expect(await verdict(Buffer.from(text.replace("text", "Text")))).toBe("bad");
  expect(await verdict(Buffer.from(text.replace("hello", "hallo")))).toBe("bad");
  expect(await verdict(Buffer.from(`Subject: second\r\n${text}`))).toBe("bad");
  expect(await verdict(message, otherRsa)).toBe("bad");
});

test("hashes a large body in pieces to the same signature as its verifier does", async () => {
  const signer = createSigner({ ...settings, keys: await storeWith("active") });
  const line = "a line  with\tspaces and a trailing one \r\n";
  const large = Buffer.from(
    `From: a@example.jp\r\n\r\n${line.repeat(20_000)}\r\n\r\n${line}\r\n\r\n`,
  );
  expect((await signer.sign(large, example)).kind).toBe("signed");
});

test("what signs and what verifies agree on any body and any number of instances of a field", async () => {
  const signer = createSigner({ ...settings, keys: await storeWith("active") });
  const piece = fc.constantFrom("a", " ", "  ", "\t", "\r\n", "\r\n\r\n", " \r\n", "é");
  const instances = fc.array(fc.constantFrom("Subject: x\r\n", "Cc: b@example.net\r\n"), {
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), instances, async (pieces, more) => {
      const text = `${more.join("")}From: a@example.jp\r\n\r\n${pieces.join("")}`;
      const signing = await signer.sign(Buffer.from(text), example);
      expect(signing.kind, signing.kind === "unsigned" ? signing.detail : "").toBe("signed");
    }),
    { numRuns: 500 },
  );
});
