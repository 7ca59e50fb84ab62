// What every CredentialStore and TokenStore must do, whatever engine stands behind it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Credential } from "../../src/identity/credential.ts";
import type { Token } from "../../src/identity/token.ts";
import { noon, type OpenedStore } from "../support/storage-facts.ts";

const act = { actor: "cli:test", at: noon() };
const credential: Credential = {
  username: "ma-1",
  name: "MA tool",
  stream: "newsletter",
  createdAt: noon(),
  secrets: [{ hash: "aa".repeat(32), expiresAt: noon(1) }, { hash: "bb".repeat(32) }],
  ranges: ["192.0.2.0/24"],
};
const token: Token = {
  id: "abcdefghij",
  name: "console",
  scopes: ["suppressions:write", "messages:read"],
  hash: "cc".repeat(32),
  createdAt: noon(),
  expiresAt: noon(9),
};

export function describeIdentityStores(name: string, make: () => Promise<OpenedStore>): void {
  describe(`CredentialStore and TokenStore on ${name}`, () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await make();
    });
    afterEach(async () => {
      await opened[Symbol.asyncDispose]();
    });

    test("gives a credential back as it was saved, and the change as an event", async () => {
      const { credentials, audit } = opened.storage;
      await credentials.save(credential, "create", act);
      expect(await credentials.find("ma-1")).toEqual(credential);
      expect(await credentials.find("MA-1")).toBeUndefined();
      const revoked = { ...credential, revokedAt: noon(5), secrets: [] };
      await credentials.save(revoked, "revoke", { ...act, reason: "leaked" });
      expect(await credentials.list()).toEqual([revoked]);
      const { items } = await audit.search({ types: ["Credential"], limit: 10 });
      expect(items).toMatchObject([
        { actor: "cli:test", stream: "newsletter", detail: { change: "create", username: "ma-1" } },
        { detail: { change: "revoke" }, personal: { reason: "leaked" } },
      ]);
      expect(JSON.stringify(items)).not.toContain("aa".repeat(32));
    });

    test("shows a revocation made by another process at once", async () => {
      const { credentials } = opened.storage;
      await credentials.save(credential, "create", act);
      expect((await credentials.find("ma-1"))?.revokedAt).toBeUndefined();
      await using other = await opened.second();
      await other.credentials.save({ ...credential, revokedAt: noon(5) }, "revoke", act);
      expect((await credentials.find("ma-1"))?.revokedAt).toEqual(noon(5));
    });

    test("notes the last use at most once a minute, without an event", async () => {
      const { credentials, tokens, audit } = opened.storage;
      await credentials.save(credential, "create", act);
      await tokens.save(token, "create", act);
      for (const late of [0, 59_999, 60_000]) {
        await credentials.touch("ma-1", noon(late));
        await tokens.touch(token.id, noon(late));
        const kept = late === 60_000 ? noon(late) : noon(0);
        expect((await credentials.find("ma-1"))?.lastUsedAt).toEqual(kept);
        expect((await tokens.find(token.id))?.lastUsedAt).toEqual(kept);
      }
      expect(await audit.counts()).toEqual({ Credential: 1, Token: 1 });
    });

    test("saves what was made of a credential or token only while it is as it was, last use aside", async () => {
      const { credentials, tokens } = opened.storage;
      await credentials.save(credential, "create", act);
      await credentials.touch("ma-1", noon(5));
      const rotated = { ...credential, secrets: [{ hash: "dd".repeat(32) }] };
      const revoked = { ...credential, revokedAt: noon(5), secrets: [] };
      const both = await Promise.all([
        credentials.save(revoked, "revoke", act, credential),
        credentials.save(rotated, "rotate", act, credential),
      ]);
      expect(both).toEqual(["saved", "changed"]); // What was revoked does not come back by a rotation.
      expect((await credentials.find("ma-1"))?.revokedAt).toEqual(noon(5));
      const never = { ...credential, username: "never" };
      expect(await credentials.save(never, "rotate", act, never)).toBe("changed");
      await tokens.save(token, "create", act);
      const ended = { ...token, revokedAt: noon(1) };
      expect(await tokens.save(ended, "revoke", act, token)).toBe("saved");
      expect(await tokens.save(ended, "revoke", act, token)).toBe("changed");
    });

    test("ends with a token what it made, and what these made, each with its event", async () => {
      const { tokens, audit } = opened.storage;
      const child: Token = { ...token, id: "child", madeBy: token.id };
      const grandchild: Token = { ...token, id: "grandchild", madeBy: "child" };
      const over: Token = { ...child, id: "over", revokedAt: noon(1) };
      const other: Token = { ...token, id: "other" };
      for (const each of [token, child, grandchild, other]) await tokens.save(each, "create", act);
      await tokens.save({ ...child, id: "over" }, "create", act);
      await tokens.save(over, "revoke", act);
      await tokens.save({ ...token, revokedAt: noon(5) }, "revoke", act, token);
      const ends = Object.fromEntries(
        (await tokens.list()).map((each) => [each.id, each.revokedAt]),
      );
      expect(ends).toEqual({
        [token.id]: noon(5),
        child: noon(5),
        grandchild: noon(5),
        over: noon(1),
        other: undefined,
      });
      const { items } = await audit.search({ types: ["Token"], limit: 20 });
      const along = items.filter(({ detail }) => detail?.["endedWith"] === token.id);
      expect(
        new Set(
          along.map(({ detail }) => `${String(detail?.["change"])} ${String(detail?.["id"])}`),
        ),
      ).toEqual(new Set(["revoke child", "revoke grandchild"]));
      const late = { ...child, id: "late" }; // Asked for before the revocation, and saved behind it.
      expect(await tokens.save(late, "create", act)).toBe("changed");
      expect(await tokens.find("late")).toBeUndefined();
    });

    test("gives a token back as it was saved", async () => {
      const { tokens, audit } = opened.storage;
      await tokens.save(token, "create", act);
      expect(await tokens.find(token.id)).toEqual(token);
      expect(await tokens.list()).toEqual([token]);
      expect(await tokens.find("other")).toBeUndefined();
      const [event] = (await audit.search({ types: ["Token"], limit: 1 })).items;
      expect(event?.detail).toEqual({
        change: "create",
        id: token.id,
        name: "console",
        scopes: ["suppressions:write", "messages:read"],
        expiresAt: noon(9).toISOString(),
      });
    });

    test("an event of a token or credential tells for whom, from where and until when it is good", async () => {
      const { credentials, tokens, audit } = opened.storage;
      const limited = { ...token, senders: ["sample"], owner: "user:u1", masked: true } as const;
      await tokens.save(limited, "create", act);
      await credentials.save({ ...credential, expiresAt: noon(90) }, "create", act);
      const old = { hash: "dd".repeat(32), expiresAt: noon(7) };
      const rotated = { ...credential, secrets: [{ hash: "ee".repeat(32) }, old] };
      await credentials.save(rotated, "rotate", act);
      const { items } = await audit.search({ types: ["Token", "Credential"], limit: 10 });
      expect(items).toMatchObject([
        { detail: { senders: ["sample"], owner: "user:u1", masked: true } },
        {
          detail: { change: "create", ranges: ["192.0.2.0/24"], expiresAt: noon(90).toISOString() },
        },
        { detail: { change: "rotate", oldSecretUntil: noon(7).toISOString() } },
      ]);
    });
  });
}
