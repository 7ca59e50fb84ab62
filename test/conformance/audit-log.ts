// What every AuditLog must do, whatever engine stands behind it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { AuditDraft } from "../../src/audit/event.ts";
import type { AuditLog } from "../../src/audit/log.ts";
import { address, granted, indexer, noon, type OpenedStore } from "../support/storage-facts.ts";

const taro = indexer.address(address("taro@example.jp"));

function refusal(minutes: number, more: Partial<AuditDraft> = {}): AuditDraft {
  return {
    type: "Refusal",
    at: noon(minutes * 60_000),
    stream: "newsletter",
    sender: "sample",
    subject: taro,
    reason: "no-consent",
    reply: { code: 550, enhanced: "5.7.1", text: "no-consent" },
    ...more,
  };
}

export function describeAuditLog(name: string, make: () => Promise<OpenedStore>): void {
  describe(`AuditLog on ${name}`, () => {
    let opened: OpenedStore;
    let audit: AuditLog;
    beforeEach(async () => {
      opened = await make();
      ({ audit } = opened.storage);
    });
    afterEach(async () => {
      await opened[Symbol.asyncDispose]();
    });

    test("gives every part of an event back, numbered from 1", async () => {
      const draft: AuditDraft = {
        ...refusal(0),
        messageId: "m1",
        recipientId: "m1-1",
        actor: "credential:ma",
        detail: { phase: "rcpt", count: 3, list: ["a", "b"], none: null, yes: true },
        personal: { from: "hana@example.com" },
      };
      await audit.append([draft, { type: "Operation", at: noon(1), actor: "gateway" }]);
      const { items, next } = await audit.search({ limit: 10 });
      expect(items).toEqual([
        { ...draft, sequence: 1, chain: "main" },
        { type: "Operation", at: noon(1), actor: "gateway", sequence: 2, chain: "main" },
      ]);
      expect(next).toBeNull();
    });

    test("finds the events of one copy among those of its message", async () => {
      await audit.append([
        refusal(0, { type: "Reception", messageId: "m1" }),
        refusal(1, { type: "Delivery", messageId: "m1", recipientId: "m1-1" }),
        refusal(2, { type: "Delivery", messageId: "m1", recipientId: "m1-10" }),
        refusal(3, { type: "Returned", messageId: "m1", recipientId: "m1-1" }),
      ]);
      const copy = { messageId: "m1", recipientId: "m1-1", limit: 10 };
      const { items } = await audit.search(copy);
      expect(items.map(({ sequence }) => sequence)).toEqual([2, 4]);
    });

    test("finds by type, message, person, stream, sender and time, both ways round", async () => {
      await audit.append([
        refusal(0),
        refusal(1, { type: "Held", messageId: "m2" }),
        refusal(2, { stream: "receipts", messageId: "m2" }),
        { type: "Login", at: noon(3 * 60_000) },
      ]);
      const found = async (filter: Partial<Parameters<AuditLog["search"]>[0]>): Promise<number[]> =>
        (await audit.search({ limit: 10, ...filter })).items.map(({ sequence }) => sequence);
      expect(await found({ types: ["Refusal"] })).toEqual([1, 3]);
      expect(await found({ types: ["Refusal", "Login"], newestFirst: true })).toEqual([4, 3, 1]);
      expect(await found({ messageId: "m2" })).toEqual([2, 3]);
      expect(await found({ subject: taro, types: ["Held"] })).toEqual([2]);
      expect(await found({ stream: "receipts" })).toEqual([3]);
      expect(await found({ sender: "sample" })).toEqual([1, 2, 3]);
      expect(await found({ sender: "nobody" })).toEqual([]);
      expect(await found({ types: [] })).toEqual([]);
      expect(await found({ since: noon(60_000), until: noon(3 * 60_000) })).toEqual([2, 3]);
      const first = await audit.search({ limit: 3, newestFirst: true });
      expect(first.next).not.toBeNull();
      expect(await found({ newestFirst: true, cursor: first.next ?? "" })).toEqual([1]);
    });

    test("shows words that name a person only while the person is known", async () => {
      await opened.storage.ledger.recordConsents([granted("taro@example.jp")]);
      const words = { code: 550, enhanced: "5.1.1", text: "mailbox Taro is unknown here" };
      await audit.append([refusal(1, { type: "Bounce", reply: words })]);
      const [before] = (await audit.search({ types: ["Bounce"], limit: 1 })).items;
      expect(before).toMatchObject({ reply: words, recipient: "taro@example.jp" });
      await opened.storage.ledger.erase(taro, { actor: "cli:test" });
      const [after] = (await audit.search({ types: ["Bounce"], limit: 1 })).items;
      expect(after?.reply).toEqual({ code: 550, enhanced: "5.1.1", text: "" });
      expect(after?.recipient).toBeUndefined();
    });

    test("knows the address of a stranger whom an event names, and forgets it on request", async () => {
      await audit.append([refusal(0, { personal: { address: "taro@example.jp" } })]);
      const [event] = (await audit.search({ limit: 1 })).items;
      expect(event?.recipient).toBe("taro@example.jp");
      expect(await opened.storage.ledger.erase(taro, { actor: "cli:test" })).toEqual({
        erased: true,
      });
      const [after] = (await audit.search({ limit: 1 })).items;
      expect(after?.recipient ?? after?.personal).toBeUndefined();
    });

    test("counts by type, over all processes", async () => {
      await using other = await opened.second();
      await audit.append([refusal(0), refusal(1)]);
      await other.audit.append([{ type: "Login", at: noon() }]);
      expect(await audit.counts()).toEqual({ Refusal: 2, Login: 1 });
    });

    test("keeps one chain when several processes append at once", async () => {
      await using other = await opened.second();
      const both = [audit, other.audit];
      for (let round = 0; round < 10; round += 1)
        await Promise.all(both.map((log) => log.append([refusal(round), refusal(round)])));
      expect(await audit.verify()).toMatchObject({ kind: "intact", events: 40 });
    });

    test("verifies against heads kept elsewhere", async () => {
      await audit.append([refusal(0), refusal(1)]);
      const proof = await audit.verify();
      if (proof.kind !== "intact") throw new Error(proof.problem);
      await audit.append([refusal(2)]);
      expect((await audit.verify(proof.heads)).kind).toBe("intact");
      const [signed] = proof.heads;
      if (signed === undefined) throw new Error("there is a head");
      const { signature, ...head } = signed;
      expect(signature).toMatch(/^[0-9a-f]{64}$/);
      const forged = await audit.verify([{ ...signed, sequence: 9 }]);
      expect(JSON.stringify(forged)).toContain("not signed");
      const rewritten = await audit.verify([{ ...head, hash: "00".repeat(32) }]);
      expect(rewritten).toMatchObject({ kind: "broken", sequence: 2 });
      const cut = await audit.verify([{ ...head, sequence: 9 }]);
      expect(cut).toMatchObject({ kind: "broken", sequence: 4 });
    });
  });
}
