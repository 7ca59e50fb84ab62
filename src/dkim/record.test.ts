// Records as they are published and as they are found.
import { createPublicKey } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";

import { domainOf } from "../../test/support/signing-office.ts";
import { generateKey } from "./generate.ts";
import { matches, measureKey, parseRecord, recordOf, splitStrings } from "./record.ts";

const rsa = await generateKey({ algorithm: "rsa", bits: 2048 });
const ed25519 = await generateKey({ algorithm: "ed25519" });
const domain = domainOf("example.jp");

test("an RSA-2048 record needs two strings, each at most 255 octets, that join to the value", () => {
  const record = recordOf(domain, "s20261125a", rsa);
  expect(record.name).toBe("s20261125a._domainkey.example.jp");
  expect(record.value).toMatch(/^v=DKIM1; k=rsa; p=[A-Za-z0-9+/]+=*$/);
  expect(record.strings.map((text) => text.length)).toEqual([255, record.value.length - 255]);
  expect(record.strings.join("")).toBe(record.value);
});

test("an Ed25519 record carries the bare 32 octets (RFC 8463 §4)", () => {
  const { value } = recordOf(domain, "e1", ed25519);
  const p = /p=(.*)$/.exec(value)?.[1] ?? "";
  expect(Buffer.from(p, "base64")).toHaveLength(32);
  expect(matches(value, ed25519)).toBe(true);
});

test("a record matches its own key in every spelling that RFC 6376 allows", () => {
  const p = /p=(.*)$/.exec(recordOf(domain, "s", rsa).value)?.[1] ?? "";
  const wrapped = p.replace(/.{60}/g, "$& \t");
  for (const text of [
    `p=${p}`,
    `v=DKIM1;p=${wrapped};`,
    ` v = DKIM1 ; t=y ; k=rsa ; h=sha1:sha256 ; s=email ; p=${p} `,
  ])
    expect([text.slice(0, 30), matches(text, rsa)]).toEqual([text.slice(0, 30), true]);
  expect(matches(recordOf(domain, "s", ed25519).value, rsa)).toBe(false);
});

test.each([
  ["v=DKIM1; p=", /revokes/],
  ["v=DKIM2; p=AAAA", /v=DKIM1/],
  ["v=DKIM1; k=rsa", /no p=/],
  ["v=DKIM1; p=AAAA; p=AAAA", /not a list/],
  ["v=spf1 include:x -all", /v=DKIM1|not a list/],
  ["v=DKIM1; h=sha1; p=AAAA", /sha256/],
  ["v=DKIM1; s=tlsrpt; p=AAAA", /not for mail/],
  ["v=DKIM1; k=dsa; p=AAAA", /key type/],
  ["v=DKIM1; k=ed25519; p=AAAA", /no Ed25519 key/],
  ["v=DKIM1; k=rsa; p=AAAA", /no public key/],
  [`p=${"A".repeat(5000)}`, /longer/],
  ["", /no p=/],
])("says what is wrong with %s", (text, problem) => {
  const parsed = parseRecord(text);
  expect(parsed.kind === "bad" && parsed.problem).toMatch(problem);
});

test("an Ed25519 key under k=rsa is not taken", () => {
  const spki = createPublicKey(ed25519).export({ format: "der", type: "spki" }).toString("base64");
  expect(parseRecord(`v=DKIM1; k=rsa; p=${spki}`)).toMatchObject({ kind: "bad" });
});

test("never throws, whatever DNS answers", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(["ok", "bad"]).toContain(parseRecord(text).kind);
    }),
  );
  fc.assert(
    fc.property(fc.base64String(), (p) => {
      expect(["ok", "bad"]).toContain(parseRecord(`v=DKIM1; k=rsa; p=${p}`).kind);
    }),
  );
});

test("splits any value into strings that join to it", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000 }), (value) => {
      const strings = splitStrings(value);
      expect(strings.join("")).toBe(value);
      expect(strings.every((text) => text.length > 0 && text.length <= 255)).toBe(true);
    }),
  );
});

test("measures a key and refuses kinds that cannot sign", async () => {
  expect(measureKey(rsa)).toEqual({ algorithm: "rsa", bits: 2048 });
  expect(measureKey(ed25519)).toEqual({ algorithm: "ed25519", bits: 256 });
  await expect(generateKey({ algorithm: "rsa", bits: 8192 })).rejects.toThrow(RangeError);
});
