// What every UserStore, SessionStore and ApprovalStore must do, whatever engine stands behind it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";

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
      expect(await approvals.ask(approval, act)).toEqual({ id: "a1" });
      expect(await approvals.ask({ ...approval, id: "a2" }, act)).toEqual({ id: "a1" });
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
