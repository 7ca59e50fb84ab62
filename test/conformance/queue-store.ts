// What every QueueStore must do, whatever engine stands behind it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { AuditDraft } from "../../src/audit/event.ts";
import type { Lease, QueueStore } from "../../src/queue/store.ts";
import {
  accept,
  address,
  indexer,
  noon,
  submission,
  suppression,
  type OpenedStore,
} from "../support/storage-facts.ts";

const minute = 60_000;

function event(type: AuditDraft["type"], lease: Lease): AuditDraft {
  const { messageId, recipientId, subject, stream, sender } = lease;
  return { type, at: noon(1), messageId, recipientId, subject, stream, sender };
}

export function describeQueueStore(name: string, make: () => Promise<OpenedStore>): void {
  describe(`QueueStore on ${name}`, () => {
    let opened: OpenedStore;
    let queue: QueueStore;
    beforeEach(async () => {
      opened = await make();
      ({ queue } = opened.storage);
    });
    afterEach(async () => {
      await opened[Symbol.asyncDispose]();
    });

    const lease = async (
      owner: string,
      more: Partial<Parameters<QueueStore["lease"]>[0]> = {},
    ): Promise<readonly Lease[]> =>
      queue.lease({ owner, now: noon(1), leaseUntil: noon(minute), limit: 100, ...more });
    const delivered = (one: Lease): Parameters<QueueStore["settle"]>[1][number] => ({
      kind: "delivered",
      recipientId: one.recipientId,
      reply: { code: 250, text: "2.0.0 queued" },
      event: event("Delivery", one),
    });

    test("hands a leased recipient everything an attempt needs", async () => {
      const given = submission(["Taro@Example.JP"], { text: "Subject: a\r\n\r\nb\r\n" });
      const dsn = { notify: ["FAILURE"], orcpt: "rfc822;Taro@Example.JP" } as const;
      const [recipient] = given.recipients;
      if (recipient === undefined) throw new Error("a recipient was made");
      await accept(opened.storage, { ...given, recipients: [{ ...recipient, dsn }] });
      const [one] = await lease("a");
      expect(one).toEqual({
        recipientId: recipient.recipientId,
        messageId: given.message.messageId,
        address: address("Taro@example.jp"),
        subject: recipient.subject,
        destination: "example.jp",
        dsn,
        attempts: 0,
        stream: "newsletter",
        sender: "sample",
        envelope: given.message.envelope,
        fromDomain: "example.jp",
        receivedAt: given.message.receivedAt,
        trace: given.message.trace,
        notification: false,
        uncertain: false,
      });
      const content = await queue.content(given.message.messageId);
      expect(content?.toString()).toBe("Subject: a\r\n\r\nb\r\n");
      content?.fill(0); // the caller's own
      const again = await queue.content(given.message.messageId);
      expect(again?.toString()).toBe("Subject: a\r\n\r\nb\r\n");
    });

    test("keeps each spelling of one person's address for its own delivery", async () => {
      await accept(opened.storage, submission(["taro@example.jp"]));
      await accept(opened.storage, submission(["TARO@example.jp"]));
      const spellings = (await lease("a")).map((one) => one.address.text);
      expect(spellings.toSorted()).toEqual(["TARO@example.jp", "taro@example.jp"]);
    });

    test("gives no recipient to two owners who lease at once", async () => {
      await using other = await opened.second();
      for (let n = 0; n < 20; n += 1)
        await accept(opened.storage, submission([`p${n}@a${n % 3}.test`]));
      const request = { now: noon(1), leaseUntil: noon(minute), limit: 7 };
      const shares = await Promise.all(
        ["a", "b", "a", "b"].map((owner) =>
          (owner === "a" ? queue : other.queue).lease({ owner, ...request }),
        ),
      );
      const ids = shares.flat().map((one) => one.recipientId);
      expect(ids).toHaveLength(20);
      expect(new Set(ids).size).toBe(20);
    });

    test("settles only for the owner of the lease, and names the rest as lost", async () => {
      await accept(opened.storage, submission(["taro@example.jp"]));
      const [one] = await lease("a");
      if (one === undefined) throw new Error("nothing was leased");
      expect(await queue.settle("b", [delivered(one)])).toEqual({ lost: [one.recipientId] });
      expect(await queue.settle("a", [delivered(one)])).toEqual({ lost: [] });
      expect(await queue.settle("a", [delivered(one)])).toEqual({ lost: [one.recipientId] });
      const events = await opened.storage.audit.search({ types: ["Delivery"], limit: 10 });
      expect(events.items).toHaveLength(1);
    });

    test("gives back an expired lease as uncertain, and refuses the late settlement", async () => {
      await accept(opened.storage, submission(["taro@example.jp"]));
      const [one] = await lease("a");
      if (one === undefined) throw new Error("nothing was leased");
      const recover = (now: Date): Promise<{ readonly recovered: number }> =>
        queue.recover({ owner: "b", now, retryAt: noon(2 * minute) });
      expect(await recover(noon(minute - 1))).toEqual({ recovered: 0 });
      expect(await recover(noon(minute + 1))).toEqual({ recovered: 1 });
      expect(await queue.settle("a", [delivered(one)])).toEqual({ lost: [one.recipientId] });
      const [again] = await lease("b", { now: noon(2 * minute), leaseUntil: noon(3 * minute) });
      expect(again).toMatchObject({ recipientId: one.recipientId, uncertain: true, attempts: 1 });
    });

    test("gives back an owner's own leases at once, as after a crash", async () => {
      await accept(opened.storage, submission(["taro@example.jp", "hana@example.jp"]));
      expect(await lease("a")).toHaveLength(2);
      const recovered = await queue.recover({ owner: "a", now: noon(2), retryAt: noon(2) });
      expect(recovered).toEqual({ recovered: 2 });
      expect(await lease("a", { now: noon(3) })).toHaveLength(2);
    });

    test("counts the beats of each owner, and forgets one that has been silent for a day", async () => {
      expect(await queue.beat("a", noon())).toEqual([{ name: "a", beat: 1 }]);
      await queue.beat("b", noon(minute));
      const both = await queue.beat("a", noon(minute));
      expect(both.toSorted((one, other) => one.name.localeCompare(other.name))).toEqual([
        { name: "a", beat: 2 },
        { name: "b", beat: 1 },
      ]);
      expect(await queue.beat("a", noon(24 * 60 * minute + 2 * minute))).toEqual([
        { name: "a", beat: 3 },
      ]);
    });

    test("gives back what a silent owner has leased, as uncertain, long before the leases end", async () => {
      await accept(opened.storage, submission(["taro@example.jp", "hana@example.jp"]));
      const long = { limit: 1, leaseUntil: noon(60 * minute) };
      const [ofA] = await lease("a", long);
      const [ofB] = await lease("b", long);
      if (ofA === undefined || ofB === undefined) throw new Error("two were leased");
      const request = { owner: "c", now: noon(minute), retryAt: noon(minute) };
      expect(await queue.recover(request)).toEqual({ recovered: 0 });
      expect(await queue.recover({ ...request, silent: ["a", "z"] })).toEqual({ recovered: 1 });
      // What the silent one says later no longer counts; the one that lives is left alone.
      expect(await queue.settle("a", [delivered(ofA)])).toEqual({ lost: [ofA.recipientId] });
      expect(await queue.settle("b", [delivered(ofB)])).toEqual({ lost: [] });
      const again = await lease("c", { now: noon(minute), leaseUntil: noon(2 * minute) });
      expect(again).toMatchObject([{ recipientId: ofA.recipientId, uncertain: true, attempts: 1 }]);
      expect((await opened.storage.audit.counts()).TransientFailure).toBe(1);
    });

    test("queues a notice of delay with the deferral, and once a day for the same recipient", async () => {
      await accept(opened.storage, submission(["taro@example.jp"]));
      for (const at of [1, 3]) {
        const leases = await lease("a", { now: noon(at) });
        const one = leases.find(({ notification }) => !notification);
        if (one === undefined) throw new Error("nothing was leased");
        const report = submission(["news@example.jp"], { notification: true, text: "report" });
        const [recipient] = report.recipients;
        const [reported] = report.events;
        if (recipient === undefined || reported === undefined) throw new Error("a report was made");
        const message = { ...report.message, fingerprint: `delayed ${one.recipientId}` };
        await queue.settle("a", [
          {
            kind: "deferred",
            recipientId: one.recipientId,
            nextAttemptAt: noon(at + 1),
            counted: true,
            report: { message, recipient, event: { ...reported, type: "Report" } },
          },
        ]);
      }
      const { items } = await opened.storage.audit.search({ types: ["Report"], limit: 10 });
      expect(items).toHaveLength(1);
    });

    test("keeps a deferred recipient until its time, with the remote's words", async () => {
      await accept(opened.storage, submission(["taro@example.jp"]));
      const [one] = await lease("a");
      if (one === undefined) throw new Error("nothing was leased");
      await queue.settle("a", [
        {
          kind: "deferred",
          recipientId: one.recipientId,
          nextAttemptAt: noon(5 * minute),
          reply: { code: 451, enhanced: "4.2.1", text: "try later" },
          counted: true,
          event: event("TransientFailure", one),
        },
      ]);
      expect(await queue.nextDue()).toEqual(noon(5 * minute));
      expect(await lease("a", { now: noon(5 * minute - 1) })).toEqual([]);
      expect(await lease("a", { now: noon(5 * minute) })).toMatchObject([{ attempts: 1 }]);
      const [entry] = (await queue.list({ limit: 10 })).items;
      expect(entry).toMatchObject({ state: "leased", lastReply: "451 4.2.1 try later" });
    });

    test("leases these alone, whatever they wait for, and only where they wait", async () => {
      const to = ["a@one.test", "b@one.test", "c@two.test"];
      const id = await accept(opened.storage, submission(to));
      const [first] = await lease("a", { limit: 1 });
      const ids = [...to.map((_, n) => `${id}-${n + 1}`), `${id}-9`, "nonsense"];
      const request = { owner: "b", now: noon(), leaseUntil: noon(minute), ids };
      const leases = await queue.leaseThese(request);
      expect(leases.map(({ recipientId }) => recipientId)).toEqual(
        ids.slice(0, 3).filter((one) => one !== first?.recipientId),
      );
      expect(await queue.leaseThese(request)).toEqual([]);
      expect(await lease("c")).toEqual([]);
      expect(await queue.settle("b", leases.map(delivered))).toEqual({ lost: [] });
      expect(await queue.nextDue()).toBeUndefined();
    });

    test("remembers that the end of a message was sent, however many ordinary answers follow", async () => {
      await accept(opened.storage, submission(["taro@example.jp"]));
      const settleNext = async (now: number, more: { counted: boolean; uncertain?: true }) => {
        const [one] = await lease("a", { now: noon(now) });
        if (one === undefined) throw new Error("nothing was leased");
        const { recipientId } = one;
        await queue.settle("a", [
          { kind: "deferred", recipientId, nextAttemptAt: noon(now + 1), ...more },
        ]);
        return one.uncertain;
      };
      expect(await settleNext(0, { counted: true, uncertain: true })).toBe(false);
      expect(await settleNext(1, { counted: true })).toBe(true);
      expect(await settleNext(2, { counted: false })).toBe(true);
      expect(await settleNext(3, { counted: true })).toBe(true);
      expect(await settleNext(4, { counted: true })).toBe(true);
    });

    test("forgets a lease without an outcome once an attempt has one, and not before", async () => {
      await accept(opened.storage, submission(["taro@example.jp"]));
      await lease("a");
      await queue.recover({ owner: "a", now: noon(1), retryAt: noon(1) });
      const settleNext = async (now: number, counted: boolean) => {
        const [one] = await lease("a", { now: noon(now) });
        if (one === undefined) throw new Error("nothing was leased");
        const { recipientId } = one;
        await queue.settle("a", [
          { kind: "deferred", recipientId, nextAttemptAt: noon(now + 1), counted },
        ]);
        return one.uncertain;
      };
      expect(await settleNext(1, false)).toBe(true);
      expect(await settleNext(2, true)).toBe(true);
      expect(await settleNext(3, true)).toBe(false);
    });

    test("does not count an attempt that was not made", async () => {
      await accept(opened.storage, submission(["taro@example.jp"]));
      const [one] = await lease("a");
      if (one === undefined) throw new Error("nothing was leased");
      const { recipientId } = one;
      await queue.settle("a", [
        { kind: "deferred", recipientId, nextAttemptAt: noon(2), counted: false },
      ]);
      expect(await lease("a", { now: noon(2) })).toMatchObject([{ attempts: 0, uncertain: false }]);
    });

    test("deletes the content with the last recipient, not before", async () => {
      const id = await accept(opened.storage, submission(["a@one.test", "b@two.test"]));
      const [first, second] = await lease("a");
      if (first === undefined || second === undefined) throw new Error("two were leased");
      await queue.settle("a", [delivered(first)]);
      expect(await queue.content(id)).toBeDefined();
      expect((await queue.counts()).contentBytes).toBeGreaterThan(0);
      await queue.settle("a", [delivered(second)]);
      expect(await queue.content(id)).toBeUndefined();
      expect(await queue.counts()).toMatchObject({
        states: { leased: 0, waiting: 0, delivered: 2 },
        contentBytes: 0,
      });
    });

    test("stores the report and the suppression of a hard bounce in the same commit", async () => {
      await accept(opened.storage, submission(["nobody@example.com"]));
      const [one] = await lease("a");
      if (one === undefined) throw new Error("nothing was leased");
      const report = submission(["news@example.jp"], { notification: true, text: "report" });
      const [recipient] = report.recipients;
      const [reported] = report.events;
      if (recipient === undefined || reported === undefined) throw new Error("a report was made");
      await queue.settle("a", [
        {
          kind: "failed",
          recipientId: one.recipientId,
          reply: { code: 550, enhanced: "5.1.1", text: "<nobody@example.com> unknown" },
          event: event("Bounce", one),
          suppress: suppression("nobody@example.com", "hard-bounce"),
          report: { message: report.message, recipient, event: { ...reported, type: "Report" } },
        },
      ]);
      expect(await lease("a")).toMatchObject([
        { messageId: report.message.messageId, notification: true },
      ]);
      const { items } = await opened.storage.ledger.listSuppressions({ limit: 10 });
      expect(items).toMatchObject([{ kind: "hard-bounce", address: "nobody@example.com" }]);
      const [entry] = (await queue.list({ states: ["failed"], limit: 1 })).items;
      expect(entry?.lastReply).toBe("550 5.1.1 <nobody@example.com> unknown");
    });

    test("leases a claimed recipient with the commit that stores it, and leaves the caller its content", async () => {
      const given = submission(["taro@example.jp"], { text: "Subject: a\r\n\r\nb\r\n" });
      const claim = { owner: "a", leaseUntil: noon(minute) };
      await queue.accept(given.message, given.recipients, given.events, claim);
      expect(given.message.content.toString()).toBe("Subject: a\r\n\r\nb\r\n");
      expect(await lease("b")).toEqual([]);
      expect(await queue.nextDue()).toBeUndefined();
      expect((await queue.counts()).states).toMatchObject({ leased: 1, waiting: 0 });
      const { recovered } = await queue.recover({ owner: "a", now: noon(1), retryAt: noon(1) });
      expect(recovered).toBe(1);
      const [again] = await lease("b");
      expect(again).toMatchObject({ messageId: given.message.messageId, uncertain: true });
    });

    test("does not lease what is held, whoever claims it", async () => {
      const given = submission(["taro@example.jp"]);
      const held = { reason: "opt-out-missing", detail: "", findings: [] } as const;
      const claim = { owner: "a", leaseUntil: noon(minute) };
      await queue.accept({ ...given.message, held }, given.recipients, given.events, claim);
      expect((await queue.counts()).states).toMatchObject({ held: 1, leased: 0 });
    });

    test("answers a known fingerprint with the first message's id, for a day", async () => {
      const first = submission(["taro@example.jp"], { fingerprint: "f" });
      const id = await accept(opened.storage, first);
      const again = submission(["taro@example.jp"], { fingerprint: "f", receivedAt: noon(minute) });
      const { message, recipients, events } = again;
      expect(await queue.accept(message, recipients, events)).toEqual({
        kind: "duplicate",
        messageId: id,
      });
      expect((await queue.counts()).states.waiting).toBe(1);
      const nextDay = noon(24 * 60 * minute);
      await accept(
        opened.storage,
        submission(["taro@example.jp"], { fingerprint: "f", receivedAt: nextDay }),
      );
      expect((await queue.counts()).states.waiting).toBe(2);
    });

    test("a known message that is held says so, with its reason, until a person has decided", async () => {
      const held = { reason: "contact-missing", detail: "text/plain: none", findings: [] } as const;
      const again = async (minutes: number): ReturnType<QueueStore["accept"]> => {
        const { message, recipients, events } = submission(["taro@example.jp"], {
          fingerprint: "f",
          held,
          receivedAt: noon(minutes * minute),
        });
        return queue.accept(message, recipients, events);
      };
      const messageId = await accept(
        opened.storage,
        submission(["taro@example.jp"], { fingerprint: "f", held }),
      );
      const { reason, detail } = held;
      const known = { kind: "duplicate", messageId, held: { reason, detail } };
      expect(await again(1)).toEqual(known);
      const act = { actor: "cli:test", at: noon(2 * minute) };
      expect(await queue.heldDecide(messageId, "release", act)).toBe(true);
      expect(await again(3)).toEqual({ kind: "duplicate", messageId });
    });

    test("a message that reached nobody is no hindrance to the same one", async () => {
      const first = submission(["taro@example.jp"], { fingerprint: "f" });
      const { message, recipients, events } = submission(["taro@example.jp"], {
        fingerprint: "f",
        receivedAt: noon(minute),
      });
      await accept(opened.storage, first);
      const [one] = await lease("a");
      if (one === undefined) throw new Error("nothing was leased");
      const { recipientId } = one;
      await queue.settle("a", [{ kind: "failed", recipientId, event: event("Bounce", one) }]);
      expect(await queue.accept(message, recipients, events)).toEqual({ kind: "stored" });
      const third = submission(["taro@example.jp"], {
        fingerprint: "f",
        receivedAt: noon(2 * minute),
      });
      expect(await queue.accept(third.message, third.recipients, third.events)).toEqual({
        kind: "duplicate",
        messageId: message.messageId,
      });
    });

    test("a message that may have arrived is not taken again", async () => {
      const first = submission(["taro@example.jp"], { fingerprint: "f" });
      const messageId = await accept(opened.storage, first);
      const [one] = await lease("a");
      if (one === undefined) throw new Error("nothing was leased");
      const { recipientId } = one;
      const nextAttemptAt = noon(2);
      await queue.settle("a", [
        { kind: "deferred", recipientId, nextAttemptAt, uncertain: true, counted: true },
      ]);
      await lease("a", { now: noon(2) });
      await queue.settle("a", [{ kind: "failed", recipientId, event: event("Bounce", one) }]);
      const { message, recipients, events } = submission(["taro@example.jp"], {
        fingerprint: "f",
        receivedAt: noon(minute),
      });
      expect(await queue.accept(message, recipients, events)).toEqual({
        kind: "duplicate",
        messageId,
      });
    });

    /** Of several: each with a fingerprint of its own. */
    const toSeveral = (names: readonly string[], at: number): ReturnType<typeof submission> => {
      const given = submission(
        names.map((name) => `${name}@example.jp`),
        { receivedAt: noon(at) },
      );
      const recipients = given.recipients.map((recipient) => ({
        ...recipient,
        fingerprint: `to ${recipient.address.text}`,
      }));
      return { ...given, recipients };
    };
    const marksOf = (names: readonly string[]): readonly string[] =>
      names.map((name) => `to ${name}@example.jp`);

    test("of a message to several, knows again each recipient, whoever else it is sent to", async () => {
      const messageId = await accept(opened.storage, toSeveral(["a", "b", "c"], 0));
      const again = async (names: readonly string[], at: number) => {
        const { message, recipients, events } = toSeveral(names, at);
        return queue.accept(message, recipients, events);
      };
      expect(await again(["c", "a"], 1)).toEqual({ kind: "duplicate", messageId });
      expect(await again(["b"], 1)).toEqual({ kind: "duplicate", messageId });
      expect(await again(["a", "d", "c"], 1)).toEqual({ kind: "known-in-part" });
      expect(await queue.known(marksOf(["a", "d", "c"]), noon(1))).toEqual([true, false, true]);
      expect(await again(["d", "e"], 1)).toEqual({ kind: "stored" });
      expect((await queue.counts()).states.waiting).toBe(5);
      expect(await queue.known(marksOf(["a", "e"]), noon(24 * 60 * minute))).toEqual([false, true]);
    });

    test("of a message to several, whom it did not reach may get it again, and no other", async () => {
      const messageId = await accept(opened.storage, toSeveral(["a", "b"], 0));
      const [one, two] = await lease("a");
      if (one === undefined || two === undefined) throw new Error("two were leased");
      const { recipientId } = two;
      await queue.settle("a", [
        delivered(one),
        { kind: "failed", recipientId, event: event("Bounce", two) },
      ]);
      expect(await queue.known(marksOf(["a", "b"]), noon(1))).toEqual([true, false]);
      await accept(opened.storage, toSeveral(["b"], 1));
      expect(await queue.known(marksOf(["a", "b"]), noon(2))).toEqual([true, true]);
      const { message, recipients, events } = toSeveral(["a"], 2);
      expect(await queue.accept(message, recipients, events)).toEqual({
        kind: "duplicate",
        messageId,
      });
    });

    test("serves every destination and stream in one call, however many wait for one of them", async () => {
      const crowd = Array.from({ length: 300 }, (_, n) => `p${n}@crowd.test`);
      await accept(opened.storage, submission(crowd));
      await accept(opened.storage, submission(["x@small.test"], { receivedAt: noon(1) }));
      await accept(
        opened.storage,
        submission(["y@crowd.test"], { stream: "receipts", receivedAt: noon(1) }),
      );
      const got = await lease("a", { limit: 6 });
      expect(got).toHaveLength(6);
      expect(got.map((one) => one.address.text)).toContain("x@small.test");
      expect(got.map((one) => one.address.text)).toContain("y@crowd.test");
    });

    test("takes turns over calls: a lane that was served goes behind the others", async () => {
      for (const domain of ["a.test", "b.test", "c.test"])
        await accept(opened.storage, submission([`1@${domain}`, `2@${domain}`]));
      const order: string[] = [];
      for (let n = 0; n < 6; n += 1)
        for (const one of await lease("a", { limit: 1 })) order.push(one.destination);
      expect(order.slice(0, 3).toSorted()).toEqual(["a.test", "b.test", "c.test"]);
      expect(order.slice(3).toSorted()).toEqual(["a.test", "b.test", "c.test"]);
    });

    test("leaves out destinations, streams and senders, and caps one destination", async () => {
      await accept(opened.storage, submission(["a@one.test", "b@one.test", "c@two.test"]));
      await accept(
        opened.storage,
        submission(["d@three.test"], { stream: "other", sender: "else" }),
      );
      const left = async (
        more: Partial<Parameters<QueueStore["lease"]>[0]>,
      ): Promise<readonly string[]> => {
        const got = await lease("a", more);
        await queue.recover({ owner: "a", now: noon(1), retryAt: noon(1) });
        return got.map((one) => one.address.text).toSorted();
      };
      const { domain } = address("x@one.test");
      expect(await left({ except: { destinations: [domain] } })).toEqual([
        "c@two.test",
        "d@three.test",
      ]);
      expect(await left({ except: { streams: ["newsletter"] } })).toEqual(["d@three.test"]);
      expect(await left({ except: { senders: ["else"] } })).toHaveLength(3);
      expect(await left({ perDestination: 1 })).toHaveLength(3);
    });

    test("changes one recipient only while it stands as it was seen", async () => {
      const id = await accept(opened.storage, submission(["a@example.net"]));
      const [was] = (await queue.list({ messageId: id, limit: 1 })).items;
      if (was === undefined) throw new Error("not queued");
      const act = { actor: "cli:test", at: noon(2) };
      const both = await Promise.all(
        (["hold", "drop"] as const).map((change) => queue.change([was.id], change, act, was)),
      );
      expect(both).toEqual([[was.id], []]);
      expect((await queue.list({ messageId: id, limit: 1 })).items[0]?.state).toBe("paused");
    });

    test("pauses, releases, retries and drops by recipient or by message", async () => {
      const act = { actor: "cli:test", at: noon(2) };
      const id = await accept(opened.storage, submission(["a@one.test", "b@two.test"]));
      expect(await queue.change([`${id}-1`], "hold", act)).toEqual([`${id}-1`]);
      expect(await queue.change([`${id}-1`], "hold", act)).toEqual([]);
      expect((await lease("a")).map((one) => one.recipientId)).toEqual([`${id}-2`]);
      expect(await queue.change([id], "drop", act)).toEqual([`${id}-1`]);
      expect((await queue.counts()).states).toMatchObject({ dropped: 1, leased: 1, paused: 0 });
      const trace = await opened.storage.audit.search({ messageId: id, limit: 10 });
      expect(trace.items.map(({ type }) => type)).toEqual(["Reception", "Operation", "Dropped"]);
      const other = await accept(opened.storage, submission(["c@three.test"]));
      await queue.change([other], "hold", act);
      expect(await queue.change([other], "release", act)).toEqual([`${other}-1`]);
      expect(await lease("a", { now: noon(2) })).toHaveLength(1);
    });

    test("keeps a held message out of delivery until a person decides", async () => {
      const held = {
        reason: "no-consent",
        detail: "text/plain: nothing seen",
        findings: [],
      } as const;
      const act = { actor: "cli:test", reason: "asked by a@one.test", at: noon(2) };
      const id = await accept(opened.storage, submission(["a@one.test"], { held }));
      const bad = await accept(opened.storage, submission(["b@two.test"], { held, text: "bad" }));
      expect(await lease("a")).toEqual([]);
      expect((await queue.heldList({ limit: 1 })).items).toMatchObject([{ id, recipients: 1 }]);
      expect((await queue.heldShow(bad))?.content.toString()).toBe("bad");
      expect(await queue.heldDecide(id, "release", act)).toBe(true);
      expect(await queue.heldDecide(id, "release", act)).toBe(false);
      expect(await queue.heldDecide(bad, "reject", act)).toBe(true);
      expect((await lease("a", { now: noon(2) })).map((one) => one.messageId)).toEqual([id]);
      expect(await queue.content(bad)).toBeUndefined();
      expect((await queue.heldList({ limit: 10 })).items).toEqual([]);
      const { items } = await opened.storage.audit.search({
        types: ["Released", "Rejected"],
        limit: 9,
      });
      expect(items.map(({ type, personal }) => [type, personal?.["reason"]])).toEqual([
        ["Released", act.reason],
        ["Rejected", act.reason],
      ]);
    });

    test("lists pages that meet without a gap", async () => {
      for (let n = 0; n < 7; n += 1) await accept(opened.storage, submission([`p${n}@a.test`]));
      await lease("a", { limit: 3 });
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await queue.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toHaveLength(7);
      expect(new Set(seen).size).toBe(7);
      expect((await queue.list({ states: ["waiting"], limit: 10 })).items).toHaveLength(4);
      const { domain } = address("x@a.test");
      expect((await queue.list({ destination: domain, limit: 10 })).items).toHaveLength(7);
      expect((await queue.list({ stream: "none", limit: 10 })).items).toEqual([]);
    });

    test("drops what waits for a person who is erased", async () => {
      const id = await accept(opened.storage, submission(["taro@example.jp", "hana@example.jp"]));
      const subject = indexer.address(address("taro@example.jp"));
      await opened.storage.ledger.erase(subject, { actor: "cli:test" });
      expect((await lease("a")).map((one) => one.recipientId)).toEqual([`${id}-2`]);
      expect((await queue.counts()).states).toMatchObject({ dropped: 1, leased: 1 });
    });

    test("stores nothing of a call that is wrong in one part", async () => {
      const { message, recipients, events } = submission(["taro@example.jp"]);
      const [first] = recipients;
      if (first === undefined) throw new Error("a recipient was made");
      const wrong = [first, { ...first, recipientId: "other-1" }];
      const right = submission(["hana@example.jp"]);
      const [bad, good] = await Promise.allSettled([
        queue.accept(message, wrong, events),
        queue.accept(right.message, right.recipients, right.events),
      ]);
      expect(bad).toMatchObject({ status: "rejected", reason: expect.any(RangeError) as unknown });
      expect(good.status).toBe("fulfilled");
      expect((await queue.counts()).states.waiting).toBe(1);
      expect(await opened.storage.audit.verify()).toMatchObject({ kind: "intact", events: 1 });
    });
  });
}
