// Real returned messages (test/fixtures/bounces, BSD-2-Clause, see its LICENSE) and our own, through the whole reader.
import { readFileSync } from "node:fs";

import fc from "fast-check";
import { expect, test } from "vitest";

import { loadReplyClassifier } from "../src/cli/reply-classifier.ts";
import { isPermanentReason } from "../src/feedback/bounce-reason.ts";
import { explainReturned } from "../src/feedback/explain.ts";
import { returnedTexts } from "./support/returned-texts.ts";

interface Expected {
  readonly file: string;
  readonly kind: string;
  readonly reasons?: readonly string[];
  readonly permanent?: readonly boolean[];
  readonly recipients?: number;
}

const folder = new URL("./fixtures/bounces/", import.meta.url);
const corpus = readFileSync(new URL("expected.jsonl", folder), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Expected);
const classifier = loadReplyClassifier();

test("at least 95 % of the real messages have the right kind and the right reasons", () => {
  const misses = corpus.flatMap((expected) => {
    const got = explainReturned(readFileSync(new URL(expected.file, folder)), classifier);
    const reasons = got.recipients.map((recipient) => recipient.reason);
    const right =
      got.kind === expected.kind &&
      (expected.reasons === undefined || reasons.join() === expected.reasons.join());
    return right
      ? []
      : [
          `${expected.file}: ${expected.kind} ${expected.reasons?.join() ?? ""} read as ${got.kind} ${reasons.join()}`,
        ];
  });
  if (misses.length > 0) process.stdout.write(`${misses.join("\n")}\n`);
  expect(corpus.length).toBe(217);
  expect(misses.length / corpus.length).toBeLessThanOrEqual(0.05);
});

test("no real message that speaks of policy, spam, pace or the network calls an address dead", () => {
  const unsafe = corpus.flatMap((expected) => {
    const got = explainReturned(readFileSync(new URL(expected.file, folder)), classifier);
    const dead = got.recipients.filter(
      (recipient, index) => recipient.permanent && expected.permanent?.[index] !== true,
    );
    return dead.length === 0 ? [] : [expected.file];
  });
  expect(unsafe).toEqual([]);
});

test.each(returnedTexts.map((entry) => [entry.name, entry] as const))(
  "reads %s",
  (_name, entry) => {
    const { kind, recipients } = explainReturned(Buffer.from(entry.text), classifier);
    const reasons = recipients.map((recipient) => recipient.reason);
    expect({ kind, reasons }).toEqual({ kind: entry.kind, reasons: entry.reasons ?? reasons });
    expect(recipients.map((recipient) => recipient.permanent)).toEqual(
      reasons.map((reason) => isPermanentReason(reason)),
    );
  },
);

test("our own texts name their recipient and the mail they return", () => {
  const entry = returnedTexts.find((candidate) => candidate.name === "Google, DMARC");
  const got = explainReturned(Buffer.from(entry?.text ?? ""), classifier);
  expect(got.recipients[0]?.address).toBe("hanako@example.net");
  expect(got.originalMessageId).toBe("<20261102.1@example.jp>");
});

test("CRLF and LF line ends read alike", () => {
  for (const entry of returnedTexts) {
    const lf = explainReturned(Buffer.from(entry.text), classifier);
    const crlf = explainReturned(Buffer.from(entry.text.replace(/\n/g, "\r\n")), classifier);
    expect(crlf).toEqual(lf);
  }
});

test("damaged messages never throw", () => {
  const files = corpus.slice(0, 40).map((expected) => readFileSync(new URL(expected.file, folder)));
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.nat(),
      fc.nat(),
      fc.uint8Array({ maxLength: 40 }),
      (file, from, length, noise) => {
        const start = from % (file.length + 1);
        const end = Math.min(file.length, start + (length % 2000));
        const damaged = Buffer.concat([file.subarray(0, start), noise, file.subarray(end)]);
        expect(typeof explainReturned(damaged, classifier).kind).toBe("string");
      },
    ),
    { numRuns: 200 },
  );
});
