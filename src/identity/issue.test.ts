// The life of credentials and tokens: shown once, rotated with an overlap, revoked for good.
import fc from "fast-check";
import { expect, test } from "vitest";

import { verifySecret } from "./credential.ts";
import {
  createCredential,
  createToken,
  defaultOverlapSeconds,
  revokeCredential,
  revokeToken,
  rotateCredential,
} from "./issue.ts";
import { covers, isScope, parseScopes, routeNouns } from "./scope.ts";
import { parseToken, permits, verifyToken } from "./token.ts";

const now = new Date("2026-11-25T00:00:00Z");
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const plan = { stream: "newsletter", name: "MA tool", now };

test("a credential's secret has 128 random bits and is stored as a hash only", () => {
  const { credential, password } = createCredential(plan);
  expect(Buffer.from(password, "base64url")).toHaveLength(16);
  expect(JSON.stringify(credential)).not.toContain(password);
  expect(credential.username).toMatch(/^newsletter-[a-z2-9]{8}$/);
  expect(verifySecret(credential, password, now)).toBe(true);
  expect(verifySecret(credential, `${password}x`, now)).toBe(false);
  expect(createCredential(plan).password).not.toBe(password);
});

test("after a rotation both secrets are good until the overlap ends", () => {
  const first = createCredential(plan);
  const rotated = rotateCredential(first.credential, now);
  if (rotated === undefined) throw new Error("not rotated");
  const check = (password: string, seconds: number): boolean =>
    verifySecret(rotated.credential, password, later(seconds));
  expect(check(first.password, defaultOverlapSeconds - 1)).toBe(true);
  expect(check(first.password, defaultOverlapSeconds)).toBe(false);
  expect(check(rotated.password, defaultOverlapSeconds * 1000)).toBe(true);
});

test("a rotation without overlap ends the old secret at once", () => {
  const first = createCredential(plan);
  const rotated = rotateCredential(first.credential, now, 0);
  expect(rotated?.credential.secrets).toHaveLength(1);
  expect(rotated !== undefined && verifySecret(rotated.credential, first.password, now)).toBe(
    false,
  );
});

test("however often it is rotated, at most two secrets are good, and an end that was set is not put off", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 200_000 }), { maxLength: 8 }), (steps) => {
      let { credential } = createCredential(plan);
      let time = now.getTime();
      for (const step of steps) {
        time += step * 1000;
        const before = credential.secrets;
        const rotated = rotateCredential(credential, new Date(time));
        if (rotated === undefined) throw new Error("not rotated");
        ({ credential } = rotated);
        expect(credential.secrets.length).toBeLessThanOrEqual(2);
        for (const secret of credential.secrets.slice(1)) {
          const was = before.find((old) => old.hash === secret.hash);
          expect(was?.expiresAt === undefined || was.expiresAt >= (secret.expiresAt ?? now)).toBe(
            true,
          );
        }
      }
    }),
  );
});

test("a revoked credential verifies nothing, keeps when it was revoked, and cannot be rotated", () => {
  const { credential, password } = createCredential(plan);
  const revoked = revokeCredential(credential, later(5));
  expect(verifySecret(revoked, password, later(6))).toBe(false);
  expect(revoked.secrets).toEqual([]);
  expect(revokeCredential(revoked, later(99)).revokedAt).toEqual(later(5));
  expect(rotateCredential(revoked, now)).toBeUndefined();
});

test("an expired credential verifies nothing", () => {
  const { credential, password } = createCredential({ ...plan, expiresAt: later(10) });
  expect(verifySecret(credential, password, later(9))).toBe(true);
  expect(verifySecret(credential, password, later(10))).toBe(false);
});

test("a token is what its text says, until it expires or is revoked", () => {
  const { token, text } = createToken({
    name: "ci",
    scopes: ["held:read"],
    now,
    expiresAt: later(10),
  });
  const { id, secret } = parseToken(text) ?? { id: "", secret: "" };
  expect(id).toBe(token.id);
  expect(JSON.stringify(token)).not.toContain(secret);
  expect(verifyToken(token, secret, now)).toBe(true);
  expect(verifyToken(token, secret, later(10))).toBe(false);
  expect(verifyToken(revokeToken(token, now), secret, now)).toBe(false);
  expect(verifyToken(undefined, secret, now)).toBe(false);
});

test("a token takes its own secret and no other, with an end or without", () => {
  const made = createToken({ name: "ci", scopes: ["*"], now });
  const other = createToken({ name: "ci", scopes: ["*"], now, expiresAt: later(10) });
  const secretOf = (text: string): string => parseToken(text)?.secret ?? "";
  for (const { token, text } of [made, other])
    for (const secret of [made, other].map((each) => secretOf(each.text)))
      expect(verifyToken(token, secret, now)).toBe(secret === secretOf(text));
  expect(verifyToken(made.token, "", now)).toBe(false);
  expect(verifyToken(made.token, made.token.hash, now)).toBe(false);
});

test("a text that is not quite a token is none", () => {
  const { text } = createToken({ name: "ci", scopes: ["*"], now });
  const { id } = parseToken(text) ?? { id: "" };
  for (const wrong of [
    "",
    `x${text}`,
    `${text}x`,
    `${text}\n`,
    text.slice(1),
    text.slice(0, -1),
    text.replace("sk_", "sk-"),
    `sk_${id}_`,
    `sk__${text.slice(-22)}`,
  ])
    expect([wrong, parseToken(wrong)]).toEqual([wrong, undefined]);
});

test("scopes: write implies read, star implies all, and nothing else implies anything", () => {
  const { token } = createToken({ name: "ci", scopes: ["held:write"], now });
  expect([permits(token, "held", "read"), permits(token, "held", "write")]).toEqual([true, true]);
  expect(permits(token, "queue", "read")).toBe(false);
  const several = { scopes: ["queue:read", "held:read"] };
  expect([permits(several, "held", "read"), permits(several, "held", "write")]).toEqual([
    true,
    false,
  ]);
  expect([
    permits({ scopes: ["*"] }, "keys", "write"),
    permits({ scopes: [] }, "keys", "read"),
  ]).toEqual([true, false]);
  expect(covers(["held:read", "keys:read"], ["held:read", "keys:write"])).toBe(false);
  expect(covers(["held:write"], ["held:readx"])).toBe(false);
  expect(isScope("*")).toBe(true);
  for (const wrong of ["xheld:read:write", "held:readx", ":read", " held:read", "HELD:read"])
    expect([wrong, isScope(wrong)]).toEqual([wrong, false]);
  expect(covers(["held:write"], ["held:read", "held:write"])).toBe(true);
  expect(covers(["held:read"], ["held:write"])).toBe(false);
  expect(covers(["held:write"], ["*"])).toBe(false);
  expect(covers(["*"], ["*", "keys:write"])).toBe(true);
  for (const noun of routeNouns) expect(isScope(`${noun}:write`)).toBe(true);
});

test.each(["", "keys", "keys:admin", "nothing:read", "*:read", "held:read nothing:write"])(
  "scopes %j are refused with a remedy",
  (text) => {
    const parsed = parseScopes(text);
    expect(parsed.kind).toBe("bad");
  },
);

test("scopes are parsed from words or commas, each once", () => {
  expect(parseScopes("held:read, keys:write held:read")).toEqual({
    kind: "ok",
    value: ["held:read", "keys:write"],
  });
});
