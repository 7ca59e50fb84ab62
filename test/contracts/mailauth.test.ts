// What src/dkim takes for granted of mailauth's inner modules: a new release that breaks it is seen here first.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

import { dkimBody } from "mailauth/lib/dkim/body/index.js";
import { generateCanonicalizedHeader } from "mailauth/lib/dkim/header/index.js";
import { formatSignatureHeaderLine } from "mailauth/lib/tools.js";
import { expect, test } from "vitest";

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

test("hashes relaxed bodies as RFC 6376 §3.4.4 has it, in pieces too", () => {
  expect(bodyHash(" C \r\nD \t E\r\n\r\n\r\n")).toBe(sha256(" C\r\nD E\r\n")); // RFC 6376 §3.4.5
  expect(bodyHash(" C \r\n", "D \t E\r\n", "\r\n\r\n")).toBe(sha256(" C\r\nD E\r\n"));
  expect(bodyHash("")).toBe(sha256(""));
  expect(bodyHash("\r\n\r\n")).toBe(sha256(""));
  expect(bodyHash("no end")).toBe(sha256("no end\r\n"));
});

test("canonicalises the lines it is given and no other, in their order, then the signature field", () => {
  const { canonicalizedHeader, dkimHeaderOpts } = generateCanonicalizedHeader(
    "DKIM",
    {
      keys: "B: A: A",
      headers: [
        { line: Buffer.from("B : Y\t\r\n\tZ  ") },
        { line: Buffer.from("A: X \xe9", "latin1") },
      ],
    },
    {
      canonicalization: "relaxed/relaxed",
      signingDomain: "example.jp",
      selector: "s1",
      algorithm: "rsa-sha256",
      bodyHash: "hash=",
      timestamp: 1,
    },
  );
  expect(canonicalizedHeader.toString("latin1")).toBe(
    "b:Y Z\r\na:X \xe9\r\n" +
      "dkim-signature:v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.jp; h=B: A: A; q=dns/txt; s=s1; t=1; bh=hash=; b=",
  );
  const line = formatSignatureHeaderLine("DKIM", { ...dkimHeaderOpts, b: "sig" }, true);
  expect(line.replaceAll("\r\n", "")).toBe(
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.jp; h=B: A: A; q=dns/txt; s=s1; t=1; bh=hash=; b=sig",
  );
});
