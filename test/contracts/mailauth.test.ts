// What src/dkim takes for granted of mailauth's inner modules: a new release that breaks it is seen here first.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

import { dkimBody } from "mailauth/lib/dkim/body/index.js";
import { formatRelaxedLine, formatSignatureHeaderLine } from "mailauth/lib/tools.js";
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

test("relaxes a field as RFC 6376 §3.4.2 has it, octets beyond ASCII as they are", () => {
  const relaxed = (line: string): string => formatRelaxedLine(line, "\r\n").toString("latin1");
  expect(relaxed("B : Y\t\r\n\tZ  \r\n")).toBe("b:Y Z\r\n"); // RFC 6376 §3.4.5
  expect(relaxed("A: X \xe9\xa0")).toBe("a:X \xe9\xa0\r\n");
  expect(formatRelaxedLine("A: b: c ", "").toString("latin1")).toBe("a:b: c");
});

test("lays a signature field out by the lengths of its values, `b=` last", () => {
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
