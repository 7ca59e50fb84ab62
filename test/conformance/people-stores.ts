// What every UserStore, SessionStore and ApprovalStore must do, whatever engine stands behind it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  keptAnswerMaxOctets,
  keptOfOneActorMax,
  keptSeconds,
} from "../../src/identity/kept-answers.ts";
import { newUser } from "../../src/identity/person.ts";
import { createSession } from "../../src/identity/session.ts";
import type { User } from "../../src/identity/user.ts";
import type { NewApproval } from "../../src/queue/approval.ts";
import { accept, noon, submission, type OpenedStore } from "../support/storage-facts.ts";

const act = { actor: "cli:test", at: noon(), from: "192.0.2.1" };
const plan = { roles: ["approver"], senders: ["sample"], now: noon() };
const user: User = {
  ...newUser({ ...plan, email: "taro@example.co.jp", emailIndex: "a".repeat(32) }),
  id: "u1",
  password: { hash: "hash", setAt: noon(), initial: true, expiresAt: noon(9) },
  totp: { secret: "JBSWY3DPEHPK3PXP", confirmed: true },
  recovery: ["r1", "r2"],
  deputyOf: [{ user: "u2", until: noon(5) }],
};

export function describePeopleStores(name: string, make: () => Promise<OpenedStore>): void {
  describe(`UserStore, SessionStore and ApprovalStore on ${name}`, () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await make();
    });
    afterEach(async () => {
      await opened[Symbol.asyncDispose]();
    });

    test("gives a person back as saved, by id and address, and tells before and after", async () => {
      const { users, audit } = opened.storage;
      expect(await users.save(user, "create", act)).toBe("saved");
      expect(await users.find("u1")).toEqual(user);
      expect(await users.findByEmail(user.emailIndex)).toEqual(user);
      expect(await users.findByEmail("b".repeat(32))).toBeUndefined();
      expect(await users.save({ ...user, id: "u9" }, "create", act)).toBe("exists");
      const changed = { ...user, roles: ["guest"], disabledAt: noon(7) };
      await users.save(changed, "disable", { ...act, reason: "left" });
      expect(await users.list()).toEqual([changed]);
      const { items } = await audit.search({ types: ["User"], limit: 10 });
      expect(items.map((event) => event.detail)).toMatchObject([
        { change: "create", user: "u1", afterRoles: ["approver"], from: "192.0.2.1" },
        {
          change: "disable",
          beforeRoles: ["approver"],
          afterRoles: ["guest"],
          afterDisabled: true,
        },
      ]);
      expect(JSON.stringify(items)).not.toMatch(/taro|JBSWY3|"hash"/);
    });

    test("finds who is bound to a subject of a provider, and nobody by another provider's", async () => {
      const { users } = opened.storage;
      const bound = { ...user, oidcSubject: "0815", oidcIssuer: "https://login.example.co.jp" };
      await users.save(bound, "create", act);
      expect(await users.findBySubject("https://login.example.co.jp", "0815")).toEqual(bound);
      expect(await users.findBySubject("https://other.example.co.jp", "0815")).toBeUndefined();
      expect(await users.findBySubject("https://login.example.co.jp", "0816")).toBeUndefined();
    });

    test("spends a step and all before it once, a recovery code once, for many at the same time", async () => {
      const { users } = opened.storage;
      await users.save(user, "create", act);
      const both = await Promise.all([1, 2, 3].map(() => users.spendStep("u1", 100)));
      expect(both.filter((done) => done)).toHaveLength(1);
      expect([await users.spendStep("u1", 99), await users.spendStep("u1", 101)]).toEqual([
        false,
        true,
      ]);
      await users.save({ ...user, roles: [] }, "roles", act);
      expect(await users.spendStep("u1", 101)).toBe(false); // saving gives no step back
      const codes = await Promise.all([1, 2].map(() => users.spendRecovery("u1", "r1", act)));
      expect(codes.filter((done) => done)).toHaveLength(1);
      expect(await users.spendRecovery("u1", "r9", act)).toBe(false);
      expect((await users.find("u1"))?.recovery).toEqual(["r2"]);
    });

    test("keeps the newest sessions, ends them with what they rest on, and sweeps", async () => {
      const { users, sessions } = opened.storage;
      await users.save(user, "create", act);
      const made = [0, 1, 2].map((late) => createSession("u1", "192.0.2.1", noon(late)).session);
      for (const session of made) await sessions.begin(session, 2, act, "password");
      const hashes = async (): Promise<readonly string[]> =>
        (await sessions.ofUser("u1")).map(({ hash }) => hash);
      expect(await hashes()).toEqual([made[1]?.hash, made[2]?.hash]);
      await sessions.seen(made[1]?.hash ?? "", noon(60_001));
      await sessions.proved(made[2]?.hash ?? "", noon(5), act);
      expect(await sessions.find(made[1]?.hash ?? "")).toEqual({
        ...made[1],
        lastSeenAt: noon(60_001),
      });
      expect((await sessions.find(made[2]?.hash ?? ""))?.provedAt).toEqual(noon(5));
      await sessions.sweep(noon(-1), noon(10));
      expect(await hashes()).toEqual([made[1]?.hash]);
      await users.save(user, "password", act);
      expect(await hashes()).toEqual([]);
    });

    test("saves what was made of a person only while they are as they were, last use aside", async () => {
      const { users } = opened.storage;
      await users.save(user, "create", act);
      await users.touch("u1", noon(5));
      const changed = { ...user, roles: ["auditor"] };
      const both = await Promise.all(
        ["x", "y"].map((role) => users.save({ ...user, roles: [role] }, "roles", act, "", user)),
      );
      expect(both.toSorted((left, right) => (left < right ? -1 : 1))).toEqual(["changed", "saved"]);
      expect(await users.save(changed, "roles", act, "", user)).toBe("changed");
      expect(await users.save({ ...user, id: "nobody" }, "roles", act, "", { ...user, id: "no" })).toBe("changed"); // prettier-ignore
      const now = await users.find("u1");
      expect(await users.save(changed, "roles", act, "", now)).toBe("saved");
    });

    test("keeps one who may let people in, whoever takes rights away at the same moment", async () => {
      const { users } = opened.storage;
      const admins = ["a1", "a2"].map((id, index) => ({
        ...user,
        id,
        emailIndex: String(index).repeat(32),
        roles: ["administrator"],
        senders: [],
      }));
      for (const admin of admins) await users.save(admin, "create", act);
      const gone = await Promise.all(
        admins.map((admin) => users.save({ ...admin, disabledAt: noon(1) }, "disable", act)),
      );
      expect(gone).toEqual(["saved", "last-administrator"]);
      const [, left] = admins;
      if (left === undefined) throw new Error("not made");
      expect(await users.save({ ...left, roles: ["guest"] }, "roles", act)).toBe(
        "last-administrator",
      );
      expect(await users.save({ ...left, roles: ["guest"] }, "single-sign-on", act)).toBe("saved");
    });

    test("tells of sessions in other networks when one begins, with an alarm in the same commit", async () => {
      const { users, sessions, audit } = opened.storage;
      await users.save(user, "create", act);
      const begin = (remote: string, late: number): ReturnType<typeof sessions.begin> =>
        sessions.begin(createSession("u1", remote, noon(late)).session, 9, act, "password");
      expect(await begin("192.0.2.1", 0)).toEqual([]);
      expect(await begin("192.0.2.77", 1)).toEqual([]);
      expect((await begin("198.51.100.1", 2)).map(({ remote }) => remote)).toEqual([
        "192.0.2.1",
        "192.0.2.77",
      ]);
      const { items } = await audit.search({ types: ["Alarm"], limit: 10 });
      expect(items.map(({ detail }) => detail?.["others"])).toEqual([["192.0.2.1", "192.0.2.77"]]);
    });

    test("claims a key for one of many, keeps its answer for whoever has the key, and gives it up", async () => {
      const { answers } = opened.storage;
      const claim = { actor: "token:t", route: "POST /v1/x", key: "k", request: "r", at: noon() };
      const kinds = await Promise.all([1, 2, 3].map(() => answers.claim(claim)));
      expect(kinds.map(({ kind }) => kind).toSorted((l, r) => (l < r ? -1 : 1))).toEqual([
        "first",
        "under-way",
        "under-way",
      ]);
      await answers.release(claim);
      expect(await answers.claim(claim)).toEqual({ kind: "first" });
      const answer = { status: 201, type: "application/json", body: '{"token":"secret"}' };
      await answers.keep(claim, answer);
      expect(await answers.claim({ ...claim, at: noon(5) })).toEqual({ kind: "answered", answer });
      expect(await answers.claim({ ...claim, request: "other" })).toEqual({
        kind: "other-request",
      });
      for (const other of [{ key: "K" }, { actor: "token:u" }, { route: "POST /v1/y" }])
        expect(await answers.claim({ ...claim, ...other })).toEqual({ kind: "first" });
      await using second = await opened.second();
      expect(await second.answers.claim(claim)).toEqual({ kind: "answered", answer });
      await answers.release(claim); // What is answered is not given up.
      expect((await answers.claim(claim)).kind).toBe("answered");
      const cut = { ...claim, key: "cut" };
      await answers.claim(cut);
      await answers.keep(cut, undefined);
      expect(await answers.claim(cut)).toEqual({ kind: "unknown" });
      const large = { ...claim, key: "large" };
      await answers.claim(large);
      await answers.keep(large, { ...answer, body: "x".repeat(keptAnswerMaxOctets) });
      expect(await answers.claim(large)).toEqual({ kind: "unknown" });
      expect(await answers.claim({ ...claim, at: noon(keptSeconds * 1000) })).toEqual({
        kind: "first",
      });
    });

    test("forgets the oldest answers of a caller who has too many, and nobody else's", async () => {
      const { answers } = opened.storage;
      const claim = (actor: string, index: number): Promise<{ readonly kind: string }> =>
        answers.claim({ actor, route: "r", key: String(index), request: "r", at: noon(index) });
      await claim("token:other", 0);
      // A look at the number follows one claim in 64, by chance: after a thousand more there was one, but for once in 10^7.
      const many = Array.from({ length: keptOfOneActorMax + 1024 }, (_none, index) => index);
      for (let start = 0; start < many.length; start += 500)
        await Promise.all(
          many.slice(start, start + 500).map((index) => claim("token:busy", index)),
        );
      expect((await claim("token:other", 0)).kind).not.toBe("first");
      expect((await claim("token:busy", many.length - 1)).kind).not.toBe("first");
      expect((await claim("token:busy", 0)).kind).toBe("first");
    });

    test("takes settings into the record, asks for others, and drops what is asked for no more", async () => {
      const { settings, approvals, audit } = opened.storage;
      const first = [{ name: "sender:s", sender: "s", after: '{"a":1}' }];
      const began = await settings.adopt(first, [], act);
      expect(began.after).toBe(await settings.version());
      expect(began.after).not.toBe(began.before);
      const ask = (id: string, after: string): NewApproval => ({
        id,
        sender: "s",
        askedBy: "gateway",
        askedAt: noon(),
        expiresAt: noon(1000),
        act: { kind: "settings", name: "sender:s", before: '{"a":1}', after },
      });
      await settings.adopt([], [ask("1", '{"a":2}')], act);
      await settings.adopt([], [ask("2", '{"a":3}')], act);
      await settings.adopt([], [ask("3", '{"a":3}')], act);
      const { items } = await approvals.list({ state: "open", limit: 10 });
      expect(items.map(({ id }) => id)).toEqual(["2"]);
      const decide = (actor: string): ReturnType<typeof approvals.decide> =>
        approvals.decide("2", "approve", { actor, at: noon(1) });
      expect(await decide("user:a")).toMatchObject({
        kind: "vouched",
        approval: { askedBy: "user:a", state: "open" },
      });
      // The same person once more, as by two clicks at once, is not the second one.
      expect(await decide("user:a")).toEqual({ kind: "not-open" });
      expect([...(await settings.list())]).toEqual([["sender:s", '{"a":1}']]);
      expect(await decide("user:b")).toMatchObject({ kind: "done" });
      // Judged before that, adopted after it: what people approved stays.
      await settings.adopt(
        [{ name: "sender:s", sender: "s", before: '{"a":1}', after: '{"a":1,"b":2}' }],
        [],
        act,
      );
      expect([...(await settings.list())]).toEqual([["sender:s", '{"a":3}']]);
      const { items: events } = await audit.search({ types: ["Config"], limit: 10 });
      expect(events.map(({ detail }) => detail)).toMatchObject([
        { change: "in-force-first", names: ["sender:s"] },
        { change: "in-force", name: "sender:s", before: '{"a":1}', after: '{"a":3}' },
      ]);
    });

    test("asks once for one act, decides once, and does it in the same commit", async () => {
      const { approvals, queue } = opened.storage;
      const held = { reason: "judge-timeout", detail: "", findings: [] } as const;
      const heldId = await accept(opened.storage, submission(["a@example.net"], { held }));
      const approval: NewApproval = {
        id: "a1",
        sender: "sample",
        askedBy: "user:u1",
        askedByPerson: "user:u1",
        askedAt: noon(),
        expiresAt: noon(1000),
        reason: "please",
        act: { kind: "release", heldId },
      };
      const stands = { id: "a1", expiresAt: noon(1000) };
      expect(await approvals.ask(approval, act)).toEqual(stands);
      const again = { ...approval, id: "a2", expiresAt: noon(1010) };
      expect(await approvals.ask(again, { ...act, at: noon(10) })).toEqual(stands);
      expect(await approvals.find("a1")).toEqual({ ...approval, state: "open" });
      const decide = (at: Date): ReturnType<typeof approvals.decide> =>
        approvals.decide("a1", "approve", { ...act, actor: "user:u2", at });
      expect(await decide(noon(1000))).toEqual({ kind: "not-open" }); // its time is over
      const twice = await Promise.all([decide(noon(1)), decide(noon(1))]);
      expect(twice.map(({ kind }) => kind).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
        "done",
        "not-open",
      ]);
      expect(await queue.heldShow(heldId)).toBeUndefined();
      expect((await queue.counts()).states).toMatchObject({ held: 0, waiting: 1 });
      const { items } = await approvals.list({ state: "approved", limit: 10 });
      expect(items).toMatchObject([{ id: "a1", decidedBy: "user:u2", decidedAt: noon(1) }]);
    });
  });
}
