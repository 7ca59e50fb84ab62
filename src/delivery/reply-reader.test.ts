import fc from "fast-check";
import { expect, test } from "vitest";

import { createReplyReader, type WholeReply } from "./reply-reader.ts";

function readAll(chunks: readonly Buffer[]): {
  readonly replies: readonly WholeReply[];
  readonly problem: string | undefined;
} {
  const reader = createReplyReader();
  const replies: WholeReply[] = [];
  for (const chunk of chunks) {
    const problem = reader.feed(chunk);
    for (let reply = reader.shift(); reply !== undefined; reply = reader.shift())
      replies.push(reply);
    if (problem !== undefined) return { replies, problem };
  }
  return { replies, problem: undefined };
}

test("reads a reply of several lines as one, with the text of each line", () => {
  const { replies } = readAll([
    Buffer.from("250-mx.test hello\r\n250-SIZE 100\r\n250 8BITMIME\r\n"),
  ]);
  expect(replies).toEqual([
    {
      reply: { code: 250, text: "mx.test hello SIZE 100 8BITMIME" },
      lines: ["mx.test hello", "SIZE 100", "8BITMIME"],
    },
  ]);
});

test("keeps words in UTF-8", () => {
  const { replies } = readAll([Buffer.from("550 5.1.1 宛先不明\r\n")]);
  expect(replies[0]?.reply).toEqual({ code: 550, enhanced: "5.1.1", text: "宛先不明" });
});

test.each([
  ["Shift_JIS", "88b690e6957396be", "宛先不明"],
  ["EUC-JP", "b0b8c0e8c9d4ccc0", "宛先不明"],
  ["ISO-2022-JP", "1b24423038406849544c401b2842", "宛先不明"],
  [
    "Latin-1, which nobody declares",
    "456d7066e46e67657220756e62656b616e6e74",
    "Empf\ufffdnger unbekannt",
  ],
])("keeps words in %s", (_name, octets, text) => {
  const line = [Buffer.from("550 5.1.1 "), Buffer.from(octets, "hex"), Buffer.from("\r\n")];
  expect(readAll([Buffer.concat(line)]).replies[0]?.reply.text).toBe(text);
});

test("says the same however the octets are cut", () => {
  const line = fc.constantFrom(
    "250-a\r\n",
    "250 b\r\n",
    "550-5.1.1 no\r\n",
    "550 5.1.1 é\r\n",
    "354\r\n",
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(80)), (lines, cuts) => {
      const octets = Buffer.from(lines.join(""));
      const places = [0, ...cuts.filter((cut) => cut < octets.length), octets.length];
      const sorted = places.toSorted((one, other) => one - other);
      const chunks = sorted.map((place, index) => octets.subarray(place, sorted[index + 1]));
      expect(readAll(chunks)).toEqual(readAll([octets]));
    }),
  );
});

test("never throws, and holds no more than its bounds, whatever is sent", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 })), (chunks) => {
      const feed = (): void => {
        readAll(chunks.map((chunk) => Buffer.from(chunk)));
      };
      expect(feed).not.toThrow();
    }),
  );
  const endless = createReplyReader();
  let fed = 0;
  while (endless.feed(Buffer.from("250-x\r\n")) === undefined) fed += 1;
  expect(fed).toBeLessThan(20_000);
});

test("a line that is too long is none, also where it comes in one piece", () => {
  const line = Buffer.from(`250 ${"x".repeat(3000)}\r\n`);
  const inPieces = [line.subarray(0, 2500), line.subarray(2500)];
  expect(readAll([line])).toEqual({ replies: [], problem: readAll(inPieces).problem });
});
