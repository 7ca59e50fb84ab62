// What every KeyStore must do, wherever it keeps the halves.
import { generateKeyPairSync } from "node:crypto";
import { setImmediate } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { SelectorTaken } from "../../src/dkim/key.ts";
import { address, noon, type OpenedStore } from "../support/storage-facts.ts";

const act = { actor: "cli:test", at: noon() };
const { domain } = address("x@example.jp");
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const ed25519 = generateKeyPairSync("ed25519").privateKey;

export function describeKeyStore(name: string, make: () => Promise<OpenedStore>): void {
  describe(`KeyStore on ${name}`, () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await make();
    });
    afterEach(async () => {
      await opened[Symbol.asyncDispose]();
    });

    test("keeps a pair as pending, with the record to publish in pieces that DNS takes", async () => {
      const { keys } = opened.storage;
      const info = await keys.add({ domain, selector: "s2026", privateKey: rsa }, act);
      expect(info).toMatchObject({
        algorithm: "rsa",
        bits: 2048,
        state: "pending",
        createdAt: noon(),
        record: { name: "s2026._domainkey.example.jp", type: "TXT" },
      });
      expect(info.record.value).toMatch(/^v=DKIM1; k=rsa; p=MIIBIjANBgkq/);
      expect(info.record.strings.join("")).toBe(info.record.value);
      expect(Math.max(...info.record.strings.map((text) => text.length))).toBeLessThanOrEqual(255);
      expect(await keys.list()).toEqual([info]);
      const key = await keys.privateKey(domain, "s2026");
      expect(key.equals(rsa)).toBe(true);
    });

    test("publishes the bare 32 octets of an Ed25519 key (RFC 8463 §4)", async () => {
      const info = await opened.storage.keys.add(
        { domain, selector: "e", privateKey: ed25519 },
        act,
      );
      const p = /^v=DKIM1; k=ed25519; p=(.+)$/.exec(info.record.value)?.[1] ?? "";
      expect(Buffer.from(p, "base64")).toHaveLength(32);
      expect(info.bits).toBe(256);
    });

    test("refuses a short key, another kind, a bad selector and a taken one", async () => {
      const { keys } = opened.storage;
      const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
      const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
      await keys.add({ domain, selector: "a", privateKey: ed25519 }, act);
      for (const [selector, privateKey] of [
        ["b", short],
        ["b", curve],
        ["../x", rsa],
        ["", rsa],
        ["a", rsa],
      ] as const)
        await expect(keys.add({ domain, selector, privateKey }, act)).rejects.toThrow(RangeError);
      expect(await keys.list()).toHaveLength(1);
      expect((await keys.privateKey(domain, "a")).equals(ed25519)).toBe(true);
    });

    test("of several that make one selector at once, one key is kept, with its own private half", async () => {
      const [own, other] = [opened.storage.keys, (await opened.second()).keys];
      const pairs = [rsa, ed25519, generateKeyPairSync("ed25519").privateKey];
      for (let n = 0; n < 40; n += 1) {
        const selector = `n${n}`;
        // Begun one after the other, so that some come while the first is between its file and its row.
        const adding = Array.from({ length: 12 }, async (_, place) => {
          for (let wait = 0; wait < place * 4; wait += 1) await setImmediate();
          const privateKey = pairs[place % pairs.length] ?? rsa;
          const info = await (place % 2 === 0 ? own : other).add(
            { domain, selector, privateKey },
            act,
          );
          return { info, privateKey };
        });
        const ends = await Promise.allSettled(adding);
        const [made, ...more] = ends.flatMap((end) =>
          end.status === "fulfilled" ? [end.value] : [],
        );
        expect(more).toEqual([]);
        expect(await own.privateKey(domain, selector)).toEqual(made?.privateKey);
        for (const end of ends)
          if (end.status === "rejected") expect(end.reason).toBeInstanceOf(SelectorTaken);
      }
    });

    test("changes the state with an event, and only of a key it has", async () => {
      const { keys, audit } = opened.storage;
      await keys.add({ domain, selector: "a", privateKey: ed25519 }, act);
      expect((await keys.setState(domain, "a", "active", act)).state).toBe("active");
      await keys.setState(domain, "a", "active", act);
      await expect(keys.setState(domain, "b", "active", act)).rejects.toThrow(RangeError);
      const { items } = await audit.search({ types: ["KeyChange"], limit: 10 });
      expect(items.map(({ detail }) => [detail?.["change"], detail?.["to"]])).toEqual([
        ["create", "pending"],
        ["state", "active"],
      ]);
    });

    test("throws where there is no private half", async () => {
      await expect(opened.storage.keys.privateKey(domain, "none")).rejects.toThrow(/none/);
    });
  });
}
