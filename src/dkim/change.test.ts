// The life of a key: what leads where, and what DNS has to say first.
import { expect, test } from "vitest";

import { createMemoryKeyStore, type MemoryKeyStore } from "../../test/support/memory-key-store.ts";
import { domainOf } from "../../test/support/signing-office.ts";
import { changeKey, type KeyChange } from "./change.ts";
import { generateKey } from "./generate.ts";
import { keyStates, type KeyState } from "./key.ts";
import type { TxtResolver } from "./publish.ts";
import { nextSelector } from "./selector.ts";

const domain = domainOf("example.jp");
const rsa = await generateKey({ algorithm: "rsa", bits: 2048 });
const other = await generateKey({ algorithm: "rsa", bits: 2048 });
const act = { actor: "test", at: new Date("2026-11-25T00:00:00Z") };
const noDns: TxtResolver = { txt: () => Promise.reject(new Error("DNS was asked")) };

async function storeWith(state: KeyState): Promise<MemoryKeyStore> {
  const keys = createMemoryKeyStore();
  await keys.add({ domain, selector: "s1", privateKey: rsa }, act);
  await keys.setState(domain, "s1", state, act);
  return keys;
}
async function zoneOf(keys: MemoryKeyStore, ...selectors: string[]): Promise<TxtResolver> {
  const infos = await keys.list();
  return {
    txt: (name) => {
      const here = infos.filter(
        (info) => selectors.includes(info.selector) && info.record.name === name,
      );
      return here.length === 0
        ? Promise.resolve({ kind: "nxdomain" })
        : Promise.resolve({ kind: "records", records: here.map((info) => info.record.value) });
    },
  };
}

const table: Record<KeyChange, readonly (KeyState | "refused")[]> = {
  // pending, published, active, retiring, retired
  publish: ["published", "published", "active", "refused", "refused"],
  activate: ["active", "active", "active", "active", "refused"],
  retire: ["retired", "retired", "retiring", "retired", "refused"],
};
const rows = (["publish", "activate", "retire"] as const).flatMap((change) =>
  keyStates.map((state, index) => [change, state, table[change][index] ?? "refused"] as const),
);
test.each(rows)("%s of a key that is %s: %s", async (change, state, expected) => {
  const keys = await storeWith(state);
  const resolver = await zoneOf(keys, "s1");
  const result = await changeKey(
    { keys, resolver, requirePublished: true },
    { domain, selector: "s1" },
    change,
    act,
  );
  expect(result.kind === "done" ? result.key.state : result.kind).toBe(expected);
});

test("activation without the record in DNS is refused with the record to paste", async () => {
  const keys = await storeWith("pending");
  const resolver: TxtResolver = { txt: () => Promise.resolve({ kind: "nodata" }) };
  const which = { domain, selector: "s1" };
  const result = await changeKey(
    { keys, resolver, requirePublished: true },
    which,
    "activate",
    act,
  );
  expect(result).toMatchObject({
    kind: "refused",
    problem: "no TXT record at s1._domainkey.example.jp (yet): publish it",
    key: { record: { value: expect.stringMatching(/^v=DKIM1/) as string } },
  });
  expect((await keys.list())[0]?.state).toBe("pending");
});

test("activation is refused where DNS is silent, has another key, or two records", async () => {
  const keys = await storeWith("pending");
  await keys.add({ domain, selector: "s2", privateKey: other }, act);
  const [mine, theirs] = (await keys.list()).map((info) => info.record.value);
  const answers: [TxtResolver["txt"], RegExp][] = [
    [() => Promise.resolve({ kind: "unavailable", problem: "SERVFAIL" }), /no answer/],
    [() => Promise.resolve({ kind: "records", records: [theirs ?? ""] }), /another public key/],
    [
      () => Promise.resolve({ kind: "records", records: [mine ?? "", theirs ?? ""] }),
      /2 TXT records/,
    ],
    [() => Promise.resolve({ kind: "records", records: ["v=DKIM1; p="] }), /revokes the key/],
  ];
  for (const [txt, problem] of answers) {
    const parts = { keys, resolver: { txt }, requirePublished: true };
    const result = await changeKey(parts, { domain, selector: "s1" }, "activate", act);
    expect(result.kind === "refused" && result.problem).toMatch(problem);
  }
});

test("a closed network is not asked for DNS", async () => {
  const parts = { keys: await storeWith("pending"), resolver: noDns, requirePublished: false };
  const result = await changeKey(parts, { domain, selector: "s1" }, "activate", act);
  expect(result.kind).toBe("done");
});

test("retiring the last active key warns that mail will wait", async () => {
  const parts = { keys: await storeWith("active"), resolver: noDns, requirePublished: true };
  const result = await changeKey(parts, { domain, selector: "s1" }, "retire", act);
  expect(result.kind === "done" && result.warning).toMatch(/mail from example\.jp waits/);
});

test("it warns of nothing where another key goes on signing, or mail needs none of that kind", async () => {
  const warningOf = async (
    change: (keys: MemoryKeyStore) => Promise<unknown>,
    from: KeyState = "active",
  ): Promise<string | undefined> => {
    const keys = await storeWith(from);
    await change(keys);
    const parts = { keys, resolver: noDns, requirePublished: true };
    const result = await changeKey(parts, { domain, selector: "s1" }, "retire", act);
    if (result.kind !== "done") throw new Error(result.kind);
    return result.warning;
  };
  const withKey =
    (state: KeyState, of = domain, privateKey = other) =>
    async (keys: MemoryKeyStore): Promise<void> => {
      await keys.add({ domain: of, selector: "s2", privateKey }, act);
      await keys.setState(of, "s2", state, act);
    };
  expect(await warningOf(withKey("active"))).toBeUndefined();
  const waits = /^mail from example\.jp waits/;
  expect(await warningOf(withKey("published"))).toMatch(waits);
  expect(await warningOf(withKey("active", domainOf("example.com")))).toMatch(waits);
  const ed25519 = await generateKey({ algorithm: "ed25519" });
  expect(await warningOf(withKey("active", domain, ed25519))).toMatch(waits);
  // One that did not sign any more.
  expect(await warningOf(() => Promise.resolve(), "retiring")).toBeUndefined();
  expect(await warningOf(() => Promise.resolve(), "published")).toBeUndefined();
});

test("a key of another domain or selector is left alone", async () => {
  const keys = await storeWith("active");
  await keys.add({ domain: domainOf("example.com"), selector: "s1", privateKey: other }, act);
  const parts = { keys, resolver: noDns, requirePublished: false };
  const which = { domain: domainOf("example.com"), selector: "s1" };
  const result = await changeKey(parts, which, "activate", act);
  expect(result).toMatchObject({ kind: "done", key: { domain: "example.com", state: "active" } });
  const states = (await keys.list()).map((info) => `${info.domain} ${info.state}`);
  expect(states.toSorted()).toEqual(["example.com active", "example.jp active"]);
});

test("a change of what has changed since it was seen is refused", async () => {
  const keys = await storeWith("pending");
  const [was] = await keys.list();
  if (was === undefined) throw new Error("no key");
  const parts = { keys, resolver: noDns, requirePublished: false };
  const which = { domain, selector: "s1" };
  const overtaken = { kind: "refused", overtaken: true };
  const late = { ...was, since: new Date(was.since.getTime() + 1) };
  expect(await changeKey(parts, which, "activate", act, late)).toMatchObject(overtaken);
  expect(
    await changeKey(parts, which, "activate", act, { ...was, state: "published" }),
  ).toMatchObject(overtaken);
  expect((await changeKey(parts, which, "activate", act, was)).kind).toBe("done");
  expect(await changeKey(parts, which, "retire", act, was)).toMatchObject(overtaken);
});

test("a key that is not there is unknown", async () => {
  const parts = { keys: await storeWith("active"), resolver: noDns, requirePublished: true };
  expect(await changeKey(parts, { domain, selector: "s9" }, "retire", act)).toEqual({
    kind: "unknown",
  });
});

test("selectors carry algorithm and day, and never repeat", () => {
  const now = new Date("2026-11-25T23:59:00Z");
  expect(nextSelector("rsa", [], now)).toBe("s20261125a");
  expect(nextSelector("ed25519", ["s20261125a"], now)).toBe("e20261125a");
  const taken: string[] = [];
  for (let count = 0; count < 800; count += 1) taken.push(nextSelector("rsa", taken, now));
  expect(new Set(taken).size).toBe(800);
  expect([taken[25], taken[26], taken[27], taken[702]]).toEqual([
    "s20261125z",
    "s20261125aa",
    "s20261125ab",
    "s20261125aaa",
  ]);
});
