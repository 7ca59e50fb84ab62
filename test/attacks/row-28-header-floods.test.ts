// Headers made to cost time: the caps hold before anything is parsed.
import { expect, test } from "vitest";

import { readMessage } from "../../src/content/read.ts";

const floods: Readonly<Record<string, string>> = {
  "row 28: 100 000 addresses": `To: ${"a@example.jp, ".repeat(100_000)}\r\n\r\nx`,
  "row 28: 100 000 header lines": `${"X: y\r\n".repeat(100_000)}\r\nx`,
  "row 28: a header line of 1 MB": `X: ${"y".repeat(1_000_000)}\r\n\r\nx`,
  "row 28: a header without end": "X: y\r\n".repeat(20_000),
  "row 28: a flood in the header of a part": `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${"X: y\r\n".repeat(2000)}\r\nx\r\n--b--`,
};

test.each(Object.entries(floods))("%s", (_name, message) => {
  expect(readMessage(Buffer.from(message)).kind).toBe("too-complex");
});

const costly: Readonly<Record<string, string>> = {
  "row 28: comments in comments": `To: ${"(".repeat(60_000)}`,
  "row 28: encoded words": `Subject: ${"=?utf-8?q?a?= ".repeat(4000)}`,
  "row 28: encoded words without end": `Subject: ${"=?utf-8?q?".repeat(6000)}`,
  "row 28: quotes": `From: ${'"a" '.repeat(15_000)}<a@example.jp>`,
  "row 28: parameters": `Content-Type: text/plain; ${"a=b; ".repeat(12_000)}`,
  "row 28: numbered parameters": `Content-Type: text/plain; ${Array.from({ length: 5000 }, (_, at) => `a*${at}=b`).join("; ")}`,
};

test.each(Object.entries(costly))("%s", (_name, field) => {
  const started = process.cpuUsage().user;
  readMessage(Buffer.from(`${field}\r\n\r\nx`));
  expect(process.cpuUsage().user - started).toBeLessThan(500_000); // microseconds
});
