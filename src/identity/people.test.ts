// Passwords, one-time codes, recovery codes, rights and the access review, by themselves.
import fc from "fast-check";
import { expect, test } from "vitest";

import { reviewAccess } from "./access-review.ts";
import { createCredential, createToken, revokeToken } from "./issue.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";
import { passwordProblems, standardPasswordRules } from "./password-rules.ts";
import { newUser } from "./person.ts";
import { createRecoveryCodes, recoveryHash } from "./recovery-code.ts";
import { allRoles, rightsOf } from "./rights.ts";
import {
  createSession,
  csrfToken,
  isAlive,
  isCsrfToken,
  standardSessionLimits,
} from "./session.ts";
import { createTotpSecret, totpStep } from "./totp.ts";

const now = new Date("2026-11-25T00:00:00Z");
const day = 86_400_000;

test("a password verifies against its own hash, in either Unicode form, and against nothing else", async () => {
  const stored = await hashPassword("ガーデン café lantern");
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await verifyPassword(stored, "ガーデン café lantern".normalize("NFD"))).toBe(true);
  expect(await verifyPassword(stored, "ガーデン café lanterm")).toBe(false);
  for (const broken of [undefined, "", "$argon2i$v=19$m=1,t=1,p=1$a$b", stored.slice(0, -1)])
    expect(await verifyPassword(broken, "ガーデン café lantern")).toBe(false);
});

test("the same password has another hash each time", async () => {
  expect(await hashPassword("same")).not.toBe(await hashPassword("same"));
});

test("a leaked password is refused, and a list that cannot be read lets none pass", async () => {
  const personal = { email: "taro@example.co.jp", words: [] };
  const password = "violet trombone harvest candle";
  const ask = (breached: () => Promise<boolean>): Promise<readonly { readonly name: string }[]> =>
    passwordProblems(password, personal, standardPasswordRules, breached);
  expect(await ask(() => Promise.resolve(false))).toEqual([]);
  expect(await ask(() => Promise.resolve(true))).toMatchObject([{ name: "breached" }]);
  await expect(ask(() => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
});

test("the length that counts is in characters, not in octets or UTF-16", async () => {
  const rules = { ...standardPasswordRules, minScore: 0 };
  const short = await passwordProblems("😀".repeat(11), { email: "x", words: [] }, rules, () =>
    Promise.resolve(false),
  );
  expect(short.map(({ name }) => name)).toContain("short");
});

test("codes are RFC 6238's, one step early or late, and no others", () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"; // RFC 6238 appendix B: "12345678901234567890"
  const at = (seconds: number): Date => new Date(seconds * 1000);
  expect(totpStep(secret, "287082", at(59))).toBe(1);
  expect(totpStep(secret, "287082", at(89))).toBe(1);
  for (const typed of ["287 082", " 287082 "]) expect(totpStep(secret, typed, at(59))).toBe(1);
  expect(totpStep(secret, "287082", at(90))).toBeUndefined();
  expect(totpStep(secret, "081804", at(1_111_111_109))).toBe(37_037_036);
  for (const wrong of ["", "28708", "2870822", "28708a", "２８７０８２"])
    expect(totpStep(secret, wrong, at(59))).toBeUndefined();
  expect(createTotpSecret()).toMatch(/^[A-Z2-7]{32}$/);
});

test("recovery codes: ten, told apart, known by their hash however they are typed", () => {
  const { codes, hashes } = createRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  const [first = ""] = codes;
  expect(recoveryHash(` ${first.toUpperCase().replaceAll("-", " ")} `)).toBe(hashes[0]);
});

test("a session lives until it is idle or old, and its page's token is its own", () => {
  const { session, secret } = createSession("u", "192.0.2.1", now);
  const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
  const alive = (seconds: number, seen = seconds): boolean =>
    isAlive({ ...session, lastSeenAt: at(seen) }, standardSessionLimits, at(seconds));
  expect([alive(1799, 0), alive(1800, 0), alive(43_199), alive(43_200)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(isAlive(session, standardSessionLimits, at(-1))).toBe(false);
  expect(isCsrfToken(secret, csrfToken(secret))).toBe(true);
  expect(isCsrfToken(secret, csrfToken(`${secret}x`))).toBe(false);
  expect(isCsrfToken(secret, "")).toBe(false);
});

test("roles add up, masks only where every role masks, and a role that is gone gives nothing", () => {
  const roles = allRoles([{ id: "k", summary: "", scopes: ["keys:write"], masked: false }]);
  if (roles.kind === "bad") throw new Error(roles.problem);
  const names = [...roles.value.keys(), "gone"];
  fc.assert(
    fc.property(fc.subarray(names), (held) => {
      const rights = rightsOf(held, roles.value);
      const parts = held.flatMap((name) => roles.value.get(name) ?? []);
      expect(new Set(rights.scopes)).toEqual(new Set(parts.flatMap((role) => role.scopes)));
      expect(rights.masked).toBe(parts.every((role) => role.masked));
    }),
  );
  for (const bad of [
    { id: "guest", scopes: ["*"] },
    { id: "x", scopes: ["all:write"] },
  ])
    expect(allRoles([{ ...bad, summary: "", masked: false }]).kind).toBe("bad");
});

test("law.md S107: the review names what was not used, never expires, has every right or no second factor", () => {
  const old = new Date(now.getTime() - 100 * day);
  const plan = { email: "a@example.jp", emailIndex: "0", roles: ["administrator"], senders: [] };
  const deputyOf = [
    { user: "chief", until: new Date(now.getTime() + day) },
    { user: "former", until: now },
  ];
  const user = { ...newUser({ ...plan, now: old }), lastUsedAt: old, deputyOf };
  const { token } = createToken({ name: "ci", scopes: ["*"], now });
  const { credential } = createCredential({ stream: "news", name: "MA", now: old });
  const given = {
    users: [user, { ...user, id: "gone", disabledAt: now }],
    tokens: [token, revokeToken(token, now)],
    credentials: [{ ...credential, lastUsedAt: now }],
  };
  expect(reviewAccess(given, now).map(({ kind, remarks }) => [kind, remarks])).toEqual([
    [
      "user",
      [
        "not used for 100 days",
        "has every right",
        "decides for user:chief until 2026-11-26T00:00:00.000Z",
      ],
    ],
    ["token", ["never expires", "has every right"]],
    ["credential", ["usable from any address"]],
  ]);
});
