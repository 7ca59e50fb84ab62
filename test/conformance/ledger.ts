// What every Ledger must do, whatever engine stands behind it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type {
  Ledger,
  NewConsent,
  Page,
  RecordedStop,
  SuppressionsSeen,
} from "../../src/consent/ledger.ts";
import type { NewMessage } from "../../src/queue/store.ts";
import {
  address,
  granted,
  indexer,
  noon,
  query,
  submission,
  suppression,
  withdrawn,
  type OpenedStore,
  type Submission,
} from "../support/storage-facts.ts";

const day = 24 * 3600 * 1000;
const taro = "taro@example.jp";
const act = { actor: "cli:test", reason: "wished" };

async function all<T>(
  page: (cursor: { readonly cursor?: string }) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: { readonly cursor?: string } | undefined = {};
  while (cursor !== undefined) {
    const { items: more, next }: Page<T> = await page(cursor);
    items.push(...more);
    cursor = next === null ? undefined : { cursor: next };
  }
  return items;
}

export function describeLedger(name: string, make: () => Promise<OpenedStore>): void {
  describe(`Ledger on ${name}`, () => {
    let opened: OpenedStore;
    let ledger: Ledger;
    beforeEach(async () => {
      opened = await make();
      ({ ledger } = opened.storage);
    });
    afterEach(async () => {
      await opened[Symbol.asyncDispose]();
    });

    test("knows nothing of a stranger", async () => {
      expect(await ledger.lookUp(query(taro))).toEqual({
        standing: { kind: "none" },
        suppressions: [],
      });
    });

    test("answers with the standing of this sender and topic alone", async () => {
      await ledger.recordConsents([
        granted(taro),
        granted(taro, { topic: "events", basis: "relationship" }),
        granted("hana@example.jp", { sender: "other" }),
      ]);
      expect((await ledger.lookUp(query(taro))).standing).toMatchObject({
        kind: "granted",
        basis: "consent",
      });
      expect((await ledger.lookUp(query(taro, { topic: "events" }))).standing).toMatchObject({
        basis: "relationship",
      });
      expect((await ledger.lookUp(query("hana@example.jp"))).standing.kind).toBe("none");
    });

    test("shows a withdrawal to the next look-up, from another process too", async () => {
      await ledger.recordConsents([granted(taro)]);
      await using other = await opened.second();
      await other.ledger.recordConsents([withdrawn(taro, null, noon(1))]);
      expect((await ledger.lookUp(query(taro))).standing.kind).toBe("withdrawn");
    });

    test("keeps every part of an event and its evidence", async () => {
      const full = granted(taro, {
        evidence: {
          method: "web-form",
          source: "https://example.jp/form?id=taro",
          wording: "受け取ります",
          policyVersion: "3",
          more: { 会社: "見本商事" },
        },
        expiresAt: noon(day),
        byPerson: false,
        messageId: "m1",
      });
      const pause = withdrawn(taro, "news", noon(1));
      const paused = {
        ...pause,
        event: { ...pause.event, kind: "paused", until: noon(2 * day) },
      } as const;
      await ledger.recordConsents([full, paused, withdrawn(taro, null, noon(2))]);
      const events = await ledger.events(indexer.address(address(taro)));
      expect(events).toMatchObject([full.event, paused.event, { kind: "withdrawn", topic: null }]);
      expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).toSorted());
      expect(events[0]?.recordedAt).toEqual(noon());
    });

    test("refuses a name that no UTF-8 can hold, alone or beside others, and stays provable", async () => {
      const bad = withdrawn(taro, "bad\ud800", noon(1));
      // As an engine would store it: the two must never be taken for each other.
      await ledger.recordConsents([withdrawn(taro, "bad\ufffd", noon())]);
      const [alone, good] = await Promise.allSettled([
        ledger.recordConsents([bad]),
        ledger.recordConsents([granted("hana@example.jp")]),
      ]);
      expect([alone.status, good.status]).toEqual(["rejected", "fulfilled"]);
      expect(await opened.storage.audit.verify()).toMatchObject({ kind: "intact" });
      expect((await ledger.events(bad.event.subject)).map(({ topic }) => topic)).toEqual([
        "bad\ufffd",
      ]);
    });

    test("does not store an equal event again, in one call or in the next", async () => {
      const twice = [granted(taro), granted(taro), granted(taro, { topic: "events" })];
      expect(await ledger.recordConsents(twice)).toEqual({ recorded: 2 });
      expect(await ledger.recordConsents(twice)).toEqual({ recorded: 0 });
      expect(await opened.storage.audit.counts()).toEqual({ Consent: 2 });
    });

    const pause = (until: Date): NewConsent => {
      const stop = withdrawn(taro, "news", noon());
      return { ...stop, event: { ...stop.event, kind: "paused", until } };
    };
    test.each<[string, NewConsent, NewConsent]>([
      ["by the person", granted(taro, { byPerson: false }), granted(taro, { byPerson: true })],
      ["on another basis", granted(taro), granted(taro, { basis: "relationship" })],
      ["with an end", granted(taro), granted(taro, { expiresAt: noon(day) })],
      [
        "with another end",
        granted(taro, { expiresAt: noon(day) }),
        granted(taro, { expiresAt: noon(2 * day) }),
      ],
      ["until another date", pause(noon(day)), pause(noon(2 * day))],
    ])(
      "stores an event that is equal but for being %s, in one call or in the next",
      async (...row) => {
        const [, first, second] = row;
        expect(await ledger.recordConsents([first, second, first])).toEqual({ recorded: 2 });
        expect(await ledger.recordConsents([second, first])).toEqual({ recorded: 0 });
        const { pack, store } = ledger.importConsents();
        const other = granted("hana@example.jp");
        const rows = [second, other, first].map((one) => Uint8Array.from(pack(one)));
        expect(await store(rows)).toEqual({ recorded: 1 });
        expect(await ledger.recordConsents([other])).toEqual({ recorded: 0 });
      },
    );

    test("tells events apart in the next call as in the same", async () => {
      const end = { expiresAt: noon(day) };
      await ledger.recordConsents([granted(taro)]);
      expect(await ledger.recordConsents([granted(taro, end)])).toEqual({ recorded: 1 });
      const twice = granted(taro, { ...end, evidence: { method: "phone" }, actor: "cli:other" });
      expect(await ledger.recordConsents([twice])).toEqual({ recorded: 0 });
    });

    test("hears the person's own act though an import bears the same time", async () => {
      await ledger.recordConsents([withdrawn(taro, "news", noon(-1))]);
      await ledger.recordConsents([granted(taro, { byPerson: false })]);
      expect((await ledger.lookUp(query(taro))).standing.kind).toBe("withdrawn");
      await ledger.recordConsents([granted(taro, { byPerson: true })]);
      expect((await ledger.lookUp(query(taro))).standing.kind).toBe("granted");
    });

    test("records a long list under one event, and the same list again as nothing", async () => {
      const list = Array.from({ length: 1500 }, (_, n) => granted(`p${n}@example.jp`));
      expect(await ledger.recordConsents(list)).toEqual({ recorded: 1500 });
      expect(await ledger.recordConsents(list)).toEqual({ recorded: 0 });
      expect(await opened.storage.audit.counts()).toEqual({ Import: 1 });
      expect(await opened.storage.audit.verify()).toMatchObject({ kind: "intact", events: 1 });
      const listed = await all((cursor) =>
        ledger.listConsents({ sender: "sample", limit: 400, ...cursor }),
      );
      expect(new Set(listed.map((event) => event.address)).size).toBe(1500);
      expect((await ledger.listConsents({ sender: "none", limit: 10 })).items).toEqual([]);
    });

    test("gives the suppressions that apply to this stream now, of address and domain", async () => {
      const { domain } = address(taro);
      await ledger.suppress([
        suppression(taro, "unsubscribe", { scope: { kind: "sender", id: "sample" } }),
        suppression(taro, "complaint", { scope: { kind: "stream", id: "other" } }),
        suppression(taro, "hard-bounce", { expiresAt: noon() }),
        {
          target: domain,
          suppression: {
            ...suppression(taro, "manual").suppression,
            subject: indexer.domain(domain),
            ofDomain: true,
            reason: "closed down",
          },
        },
      ]);
      const { suppressions } = await ledger.lookUp(query(taro));
      expect(suppressions.map(({ kind }) => kind).toSorted()).toEqual(["manual", "unsubscribe"]);
      const listed = await all((cursor) => ledger.listSuppressions({ limit: 3, ...cursor }));
      expect(listed).toHaveLength(4);
      expect(listed.find(({ ofDomain }) => ofDomain)).toMatchObject({
        address: "example.jp",
        reason: "closed down",
      });
      const filter = { kind: "complaint", scope: { kind: "stream", id: "other" } } as const;
      expect((await ledger.listSuppressions({ ...filter, limit: 9 })).items).toHaveLength(1);
    });

    test("replaces a suppression of the same kind and scope, and ignores an equal one", async () => {
      await ledger.suppress([suppression(taro, "manual", { reason: "first" })]);
      await ledger.suppress([suppression(taro, "manual", { reason: "second" })]);
      await ledger.suppress([suppression(taro, "manual", { reason: "second" })]);
      const { items } = await ledger.listSuppressions({ limit: 10 });
      expect(items).toMatchObject([{ reason: "second", address: taro }]);
      expect(await opened.storage.audit.counts()).toEqual({ Suppression: 2 });
      expect((await opened.storage.audit.verify()).kind).toBe("intact");
    });

    test("never lets a suppression end sooner than it does, whoever adds one", async () => {
      await ledger.suppress([suppression(taro, "complaint"), suppression(taro, "unsubscribe")]);
      const sooner = [
        suppression(taro, "complaint", { expiresAt: noon(day), reason: "shorter" }),
        suppression(taro, "unsubscribe", { expiresAt: noon(-day) }),
      ];
      expect(await ledger.suppress(sooner)).toEqual({ recorded: 0 });
      expect(await ledger.suppress(sooner, { onlyLonger: true })).toEqual({ recorded: 0 });
      const { items } = await ledger.listSuppressions({ limit: 10 });
      expect(items.map(({ expiresAt, reason }) => expiresAt ?? reason)).toEqual([
        undefined,
        undefined,
      ]);
      const far = [suppression(taro, "manual", { expiresAt: noon(day) })];
      expect(await ledger.suppress(far, { onlyLonger: true })).toEqual({ recorded: 1 });
      const same = [suppression(taro, "manual", { expiresAt: noon(day), reason: "another" })];
      expect(await ledger.suppress(same, { onlyLonger: true })).toEqual({ recorded: 0 });
      const longer = [suppression(taro, "manual", { expiresAt: noon(2 * day) })];
      expect(await ledger.suppress(longer, { onlyLonger: true })).toEqual({ recorded: 1 });
    });

    test("removes only while the suppressions are those that were seen, in every scope", async () => {
      const sender = { kind: "sender", id: "sample" } as const;
      await ledger.suppress([suppression(taro, "manual")]);
      const subject = indexer.address(address(taro));
      const see = async (): Promise<SuppressionsSeen> => {
        const { items } = await ledger.listSuppressions({ subject, limit: 10 });
        return { subjects: [subject], listed: items.map(({ address: _address, ...each }) => each) };
      };
      const seen = await see();
      await ledger.suppress([suppression(taro, "unsubscribe", { scope: sender })]);
      expect(await ledger.unsuppress(subject, { kind: "all" }, act, seen)).toEqual([]);
      expect(await ledger.unsuppress(subject, { kind: "all" }, act, await see())).toHaveLength(1);
    });

    test("removes every kind in one scope, each with an event that says who and why", async () => {
      const sender = { kind: "sender", id: "sample" } as const;
      await ledger.suppress([
        suppression(taro, "manual"),
        suppression(taro, "complaint"),
        suppression(taro, "unsubscribe", { scope: sender }),
      ]);
      const subject = indexer.address(address(taro));
      const removed = await ledger.unsuppress(subject, { kind: "all" }, act);
      expect(removed.map(({ kind }) => kind).toSorted()).toEqual(["complaint", "manual"]);
      expect(await ledger.unsuppress(subject, { kind: "stream", id: "never" }, act)).toEqual([]);
      expect((await ledger.lookUp(query(taro))).suppressions).toMatchObject([{ scope: sender }]);
      const { items } = await opened.storage.audit.search({ types: ["Suppression"], limit: 10 });
      expect(items.slice(3)).toMatchObject([
        { actor: "cli:test", personal: { reason: "wished" }, detail: { change: "removed" } },
        { actor: "cli:test", personal: { reason: "wished" }, detail: { change: "removed" } },
      ]);
      expect((await opened.storage.audit.verify()).kind).toBe("intact");
    });

    test("forgets a person: no address, no evidence, and the stop still works", async () => {
      const evidence = { method: "phone", more: { name: "見本 太郎" } };
      await ledger.recordConsents([granted(taro, { evidence })]);
      await ledger.suppress([suppression(taro, "manual", { reason: "asked by phone" })]);
      const subject = indexer.address(address(taro));
      expect(await ledger.addressOf(subject)).toBe(taro);
      expect(await ledger.erase(subject, act)).toEqual({ erased: true });
      expect(await ledger.erase(subject, act)).toEqual({ erased: false });
      expect(await ledger.addressOf(subject)).toBeUndefined();
      const [event] = await ledger.events(subject);
      expect(event?.evidence).toEqual({ method: "phone" });
      const [stop] = (await ledger.lookUp(query(taro))).suppressions;
      expect(stop?.kind).toBe("manual");
      const [listed] = (await ledger.listSuppressions({ limit: 1 })).items;
      expect(listed?.address ?? listed?.reason).toBeUndefined();
      expect((await opened.storage.audit.verify()).kind).toBe("intact");
    });

    test.each([
      ["https://www.example.jp/signup", true],
      ["https://www.example.jp/signup?id=4711", false],
      ["https://www.example.jp/signup#4711", false],
      ["https://taro:secret@www.example.jp/", false],
      ["https://www.example.jp/山田太郎", false],
      ["https://www.example.jp/ 山田太郎", false],
      ["名刺 山田太郎 営業部長 携帯090-1234-5678", false],
      ["ftp://www.example.jp/", false],
    ])("of one person's record, the source %s outlives an erasure: %s", async (source, stays) => {
      const subject = indexer.address(address(taro));
      const evidence = { method: "web-form", source, wording: "I agree", policyVersion: "3" };
      await ledger.recordConsents([granted(taro, { evidence })]);
      expect((await ledger.events(subject))[0]?.evidence).toEqual(evidence);
      await ledger.erase(subject, act);
      const left = (await ledger.events(subject))[0]?.evidence;
      expect(left?.source).toBe(stays ? source : undefined);
      if (!/[?@]/.test(source))
        expect(left).toMatchObject({ method: "web-form", wording: "I agree" });
      expect((await opened.storage.audit.verify()).kind).toBe("intact");
    });

    test("what somebody wrote who stops is erased with them, how they did is not", async () => {
      const subject = indexer.address(address(taro));
      const { address: who, event } = withdrawn(taro, "news", noon());
      const evidence = { method: "reply", wording: "もう送らないでください 山田" };
      await ledger.recordConsents([
        { ...(who && { address: who }), event: { ...event, evidence } },
      ]);
      expect((await ledger.events(subject))[0]?.evidence).toEqual(evidence);
      await ledger.erase(subject, act);
      expect((await ledger.events(subject))[0]?.evidence).toEqual({ method: "reply" });
    });

    test("a table's rows share their sources, which stay", async () => {
      const evidence = { method: "paper", source: "新宿店の申込書" };
      const people = Array.from({ length: 9 }, (_, n) => granted(`p${n}@example.jp`, { evidence }));
      await ledger.recordConsents(people);
      const { pack, store } = ledger.importConsents();
      await store([Uint8Array.from(pack(granted("one-row@example.jp", { evidence })))]);
      for (const email of ["p0@example.jp", "one-row@example.jp"]) {
        const subject = indexer.address(address(email));
        await ledger.erase(subject, act);
        expect((await ledger.events(subject))[0]?.evidence).toEqual(evidence);
      }
    });

    test("tells the stops among the consents that one audit event recorded", async () => {
      const rows = Array.from({ length: 9 }, (_, n) => granted(`p${n}@example.jp`));
      const stops = [withdrawn(taro, null, noon()), withdrawn("hana@example.jp", "news", noon())];
      await ledger.recordConsents([...rows, ...stops]);
      await ledger.recordConsents([withdrawn("later@example.jp", "news", noon())]);
      await ledger.erase(indexer.address(address("hana@example.jp")), act);
      const { items } = await opened.storage.audit.search({ types: ["Import"], limit: 10 });
      const found: RecordedStop[] = [];
      for await (const stop of ledger.stopsOf(items[0]?.sequence ?? 0)) found.push(stop);
      expect(found.map((stop) => [stop.kind, stop.topic, stop.address])).toEqual(
        expect.arrayContaining([
          ["withdrawn", null, taro],
          ["withdrawn", "news", undefined],
        ]),
      );
      expect([items.length, found.length]).toEqual([1, 2]);
    });

    test("keeps what an erased person left unreadable when the same address comes back", async () => {
      const subject = indexer.address(address(taro));
      await ledger.recordConsents([granted(taro, { evidence: { more: { a: "b" } } })]);
      await ledger.erase(subject, act);
      await ledger.recordConsents([granted(taro, { at: noon(5), evidence: { more: { c: "d" } } })]);
      const events = await ledger.events(subject);
      expect(events.map(({ evidence }) => evidence)).toEqual([
        {},
        { method: "erasure" },
        { more: { c: "d" } },
      ]);
      expect(await ledger.addressOf(subject)).toBe(taro);
    });

    test("sends nothing more to an erased person, until the person's own new act", async () => {
      const own = { topic: "news", byPerson: true, at: noon(-day) };
      await ledger.recordConsents([
        granted(taro, own),
        granted(taro, { topic: "events", basis: "relationship" }),
        granted(taro, { sender: "other" }),
      ]);
      await ledger.suppress([suppression(taro, "complaint")]);
      const subject = indexer.address(address(taro));
      await ledger.erase(subject, act);
      for (const wish of [{}, { topic: "events" }, { sender: "other" }]) {
        const record = await ledger.lookUp(query(taro, wish));
        expect(record.standing).toMatchObject({ kind: "withdrawn", scope: "sender" });
        expect(record.suppressions).toMatchObject([{ kind: "complaint" }]);
      }
      const stops = (await ledger.events(subject)).filter(({ kind }) => kind === "withdrawn");
      expect(stops.map(({ sender }) => sender).toSorted()).toEqual(["other", "sample"]);
      expect(stops).toMatchObject([
        { topic: null, actor: act.actor, evidence: { method: "erasure" } },
        { topic: null, actor: act.actor, evidence: { method: "erasure" } },
      ]);
      const imported = granted(taro, {
        byPerson: false,
        at: noon(day),
        evidence: { method: "web" },
      });
      await ledger.recordConsents([imported]);
      const later = { now: noon(3 * day) };
      expect((await ledger.lookUp(query(taro, later))).standing.kind).toBe("withdrawn");
      await ledger.recordConsents([granted(taro, { byPerson: true, at: noon(2 * day) })]);
      expect((await ledger.lookUp(query(taro, later))).standing.kind).toBe("granted");
      expect(await opened.storage.audit.verify()).toMatchObject({ kind: "intact" });
    });

    // Letters of so short a local part stand in every text, which would seal what tells of an erasure with the person.
    test.each([taro, "a@example.jp"])("tells an erasure of %s from a refusal", async (who) => {
      await ledger.recordConsents([
        granted(who, { byPerson: false, basis: "contract" }),
        withdrawn(who, null, noon(1)),
      ]);
      const standing = async (): Promise<unknown> =>
        (await ledger.lookUp(query(who, { now: noon(day) }))).standing;
      const refused = { kind: "withdrawn", since: noon(1), scope: "sender" };
      expect(await standing()).toEqual({
        ...refused,
        beneath: { kind: "granted", basis: "contract", since: noon() },
      });
      await ledger.erase(indexer.address(address(who)), act);
      expect(await standing()).toMatchObject({ kind: "withdrawn" });
      expect(await standing()).not.toHaveProperty("beneath");
    });

    test("a grant dated a little ahead does not outlast the erasure", async () => {
      await ledger.recordConsents([granted(taro, { byPerson: true, at: noon(60_000) })]);
      await ledger.erase(indexer.address(address(taro)), act);
      const record = await ledger.lookUp(query(taro, { now: noon(120_000) }));
      expect(record.standing.kind).toBe("withdrawn");
    });

    describe("a stop of now, and the person's own act dated a little ahead", () => {
      const ahead = noon(100_000);
      const later = { now: noon(day) };
      const own = granted(taro, { byPerson: true, at: ahead });
      const standing = async (): Promise<string> =>
        (await ledger.lookUp(query(taro, later))).standing.kind;
      const timesTold = async (): Promise<readonly unknown[]> => {
        const { items } = await opened.storage.audit.search({ types: ["Consent"], limit: 10 });
        return items.map(({ detail }) => detail?.["effectiveAt"]);
      };

      test.each(["news", null])("stops topic %s at once, and for good", async (topic) => {
        await ledger.recordConsents([own]);
        const stop = { ...withdrawn(taro, topic, noon(1)), atOnce: true };
        expect(await ledger.recordConsents([stop])).toEqual({ recorded: 1 });
        expect(await standing()).toBe("withdrawn");
        const [, stored] = await ledger.events(indexer.address(address(taro)));
        expect(stored?.at).toEqual(ahead);
        expect(await timesTold()).toEqual([ahead.toISOString(), ahead.toISOString()]);
        // Said again, as after an answer that was lost, it is on record.
        expect(await ledger.recordConsents([stop])).toEqual({ recorded: 0 });
        expect(await opened.storage.audit.verify()).toMatchObject({ kind: "intact" });
      });

      test("holds in a long list, and for a pause", async () => {
        await ledger.recordConsents([own]);
        const stop = withdrawn(taro, null, noon(1));
        const pause = { ...stop.event, kind: "paused", until: noon(2 * day) } as const;
        const others = Array.from({ length: 20 }, (_, n) => granted(`p${n}@example.jp`));
        await ledger.recordConsents([...others, { ...stop, event: pause, atOnce: true }]);
        expect(await standing()).toBe("paused");
        expect(await opened.storage.audit.verify()).toMatchObject({ kind: "intact" });
      });

      test("is lifted by an act that is recorded behind it", async () => {
        await ledger.recordConsents([{ ...withdrawn(taro, "news", noon(1)), atOnce: true }]);
        await ledger.recordConsents([own]);
        expect(await standing()).toBe("granted");
      });

      test("keeps its time where nothing is dated ahead of it that could lift it", async () => {
        await ledger.recordConsents([
          granted(taro, { byPerson: false, at: ahead }),
          granted(taro, { byPerson: true, topic: "events", at: ahead }),
          granted(taro, { byPerson: true, sender: "other", at: ahead }),
          granted("hana@example.jp", { byPerson: true, at: ahead }),
        ]);
        await ledger.recordConsents([{ ...withdrawn(taro, "news", noon(1)), atOnce: true }]);
        expect((await ledger.events(indexer.address(address(taro)))).at(-1)?.at).toEqual(noon(1));
      });

      test("keeps its time where somebody dated it", async () => {
        await ledger.recordConsents([own]);
        await ledger.recordConsents([withdrawn(taro, null, noon(1))]);
        expect(await standing()).toBe("granted");
      });
    });

    test("asks each address once for a sender, ever, and keeps what it asked sealed with the person", async () => {
      const evidence = { wording: "may we write?", more: { asked_from: "192.0.2.7" } };
      const ask = (text: string, more: Partial<NewMessage> = {}): Submission =>
        submission([text], { consentRequest: { topic: "news", evidence }, ...more });
      const send = async (given: Submission): Promise<string> => {
        const { message, recipients, events } = given;
        return (await opened.storage.queue.accept(message, recipients, events)).kind;
      };
      const first = ask(taro, { fingerprint: "first" });
      const both = await Promise.all([send(first), send(ask("Taro@example.jp"))]);
      expect(both).toEqual(["stored", "already-asked"]);
      // A refused one leaves nothing by which its repetition would be taken for known.
      const refused = ask(taro, { fingerprint: "second" });
      expect(await send(refused)).toBe("already-asked");
      expect(await send({ ...refused, message: { ...refused.message } })).toBe("already-asked");
      expect(await send(ask(taro, { fingerprint: "first" }))).toBe("duplicate");
      expect(await send(ask(taro, { sender: "other" }))).toBe("stored");
      const subject = indexer.address(address(taro));
      const { messageId } = first.message;
      expect(await ledger.consentRequest(subject, "sample")).toEqual({
        messageId,
        topic: "news",
        at: noon(),
        evidence,
      });
      await ledger.erase(subject, act);
      expect(await ledger.consentRequest(subject, "sample")).toMatchObject({ evidence: {} });
      expect(await send(ask(taro))).toBe("already-asked");
      expect(await ledger.consentRequest(subject, "nobody")).toBeUndefined();
    });

    test("refuses a cursor that is none of its own", async () => {
      await expect(ledger.listConsents({ limit: 1, cursor: "x" })).rejects.toThrow(RangeError);
    });
  });
}
