// What src/dkim takes for granted of mailauth's inner modules, and why it does not sign by its `dkimSign`
// (docs/decisions/0010): a new release that changes any of it is seen here first.
import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createRequire } from "node:module";

import { dkimBody } from "mailauth/lib/dkim/body/index.js";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { formatRelaxedLine, formatSignatureHeaderLine } from "mailauth/lib/tools.js";
import { describe, expect, test } from "vitest";

function bodyHash(...pieces: readonly string[]): string {
  const hash = dkimBody("relaxed/relaxed", "sha256");
  for (const piece of pieces) hash.update(Buffer.from(piece));
  return hash.digest("base64");
}
const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64");

test("is pinned to the release these contracts were read from", () => {
  const { version } = createRequire(import.meta.url)("mailauth/package.json") as {
    version: string;
  };
  expect(version).toBe("7.1.0");
});

test("1.4 finding 3: hashes relaxed bodies as RFC 6376 §3.4.4 has it, in pieces too", () => {
  expect(bodyHash(" C \r\nD \t E\r\n\r\n\r\n")).toBe(sha256(" C\r\nD E\r\n")); // RFC 6376 §3.4.5
  expect(bodyHash(" C \r\n", "D \t E\r\n", "\r\n\r\n")).toBe(sha256(" C\r\nD E\r\n"));
  expect(bodyHash("")).toBe(sha256(""));
  expect(bodyHash("\r\n\r\n")).toBe(sha256(""));
  expect(bodyHash("no end")).toBe(sha256("no end\r\n"));
});

test("1.4 finding 3: relaxes a field as RFC 6376 §3.4.2 has it, octets beyond ASCII as they are", () => {
  const relaxed = (line: string): string => formatRelaxedLine(line, "\r\n").toString("latin1");
  expect(relaxed("B : Y\t\r\n\tZ  \r\n")).toBe("b:Y Z\r\n"); // RFC 6376 §3.4.5
  expect(relaxed("A: X \xe9\xa0")).toBe("a:X \xe9\xa0\r\n");
  expect(formatRelaxedLine("A: b: c ", "").toString("latin1")).toBe("a:b: c");
});

test("1.4 finding 3: lays a signature field out by the lengths of its values, `b=` last", () => {
  const line = formatSignatureHeaderLine(
    "DKIM",
    {
      a: "rsa-sha256",
      c: "relaxed/relaxed",
      d: "example.jp",
      s: "s1",
      h: "B: A: A",
      t: "1",
      bh: "hash=",
      b: "sig",
    },
    true,
  );
  expect(line.replaceAll("\r\n", "")).toBe(
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.jp; h=B: A: A; q=dns/txt; s=s1; t=1; bh=hash=; b=sig",
  );
});

test("1.4 finding 4: hashes a bare CR as content, though what is sent may have CRLF there", () => {
  expect(bodyHash("a\rb\r\n")).toBe(sha256("a\rb\r\n"));
  expect(bodyHash("a\rb\r\n")).not.toBe(bodyHash("a\r\nb\r\n"));
});

describe("dkimSign", () => {
  const { privateKey, publicKey } = rsaPair(2048);
  const mail = [
    "From: a@example.jp",
    "To: b@example.net",
    "Subject: one",
    "List-Unsubscribe: <https://example.jp/u>",
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    "Feedback-ID: f",
    "CFBL-Address: c@example.jp",
    "",
    "text",
    "",
  ].join("\r\n");

  async function sign(key: string, more: object = {}, text = mail): ReturnType<typeof dkimSign> {
    const pair = { signingDomain: "example.jp", selector: "s1", privateKey: key };
    return dkimSign(Buffer.from(text), { ...pair, signatureData: [pair], ...more });
  }
  function signedFields(signatures: string): readonly string[] {
    const list = /\bh=([^;]*);/.exec(signatures)?.[1] ?? "";
    return list.replaceAll(/\s/g, "").toLowerCase().split(":");
  }

  test.each(["From: evil@example.net", "Subject: two"])(
    "1.4 finding 1: signs a field once, however often it is listed: `%s` on top still passes",
    async (added) => {
      const headerList = "From:From:Subject:Subject";
      const { signatures } = await sign(pem(privateKey), { headerList });
      expect(signedFields(signatures).toSorted()).toEqual(["from", "subject"]);
      const record = publicKey.export({ type: "spki", format: "der" }).toString("base64");
      const { results } = await dkimVerify(`${signatures}${added}\r\n${mail}`, {
        resolver: () => Promise.resolve([[`v=DKIM1; k=rsa; p=${record}`]]),
      });
      expect(results.map(({ status }) => status.result)).toEqual(["pass"]);
    },
  );

  test("1.4 finding 2: leaves the one-click field and those of feedback out by itself", async () => {
    const fields = signedFields((await sign(pem(privateKey))).signatures);
    expect(fields).toContain("list-unsubscribe");
    for (const name of ["list-unsubscribe-post", "feedback-id", "cfbl-address"])
      expect(fields).not.toContain(name);
  });

  test("1.4 finding 5: gives an error back, not a signature, and does not throw", async () => {
    const { signatures, errors } = await sign("no key");
    expect(signatures).toBe("");
    expect(errors).toHaveLength(1);
  });

  test.each([
    { name: "a key of 512 bits", key: rsaPair(512).privateKey, algorithm: "rsa-sha256" },
    { name: "SHA-1", key: privateKey, algorithm: "rsa-sha1" },
  ])("1.4 finding 6: signs by $name, with a warning, unless strict", async ({ key, algorithm }) => {
    const loose = await sign(pem(key), { algorithm });
    expect(loose.signatures).not.toBe("");
    expect(loose.warnings).not.toEqual([]);
    const strict = await sign(pem(key), { algorithm, strict: true });
    expect(strict.signatures).toBe("");
    expect(strict.errors).toHaveLength(1);
  });

  test("1.4 finding 7: takes a key as text only, to be read anew for each message", async () => {
    const signatureData = [{ signingDomain: "example.jp", selector: "s1", privateKey }];
    const { signatures, errors } = await sign(pem(privateKey), { signatureData });
    expect(signatures).toBe("");
    expect(errors).toHaveLength(1);
  });

  test("1.4 finding 8: names a field once for each time it is there, without a limit", async () => {
    const flood = "Subject: x\r\n".repeat(1_000);
    const { signatures } = await sign(pem(privateKey), {}, flood + mail);
    const subjects = signedFields(signatures).filter((name) => name === "subject");
    expect(subjects).toHaveLength(1_001);
  });
});

function rsaPair(modulusLength: number): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync("rsa", { modulusLength });
}
function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
