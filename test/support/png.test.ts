// The reader of screenshots: every filter of RFC 2083, and what it refuses.
import { crc32, deflateSync } from "node:zlib";

import { expect, test } from "vitest";

import { readPng } from "./png.ts";

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** RGB, two pixels wide; `rows`: the filter's number and six bytes each. */
function png(rows: readonly (readonly number[])[], height = rows.length, depth = 8): Buffer {
  const header = Buffer.from([0, 0, 0, 2, 0, 0, 0, height, depth, 2, 0, 0, 0]);
  const packed = deflateSync(Buffer.from(rows.flat()));
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("IDAT", packed.subarray(0, 5)),
    chunk("IDAT", packed.subarray(5)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

test("each filter gives back the samples, in rows one upon the other", () => {
  const rows = [
    [0, 10, 20, 30, 40, 50, 60],
    [1, 250, 1, 2, 10, 3, 4],
    [2, 10, 1, 1, 1, 1, 1],
    [3, 1, 1, 1, 1, 1, 1],
    [4, 1, 2, 3, 4, 5, 6],
  ];
  expect(readPng(png(rows))).toEqual({
    width: 2,
    height: 5,
    channels: 3,
    samples: new Uint8Array(
      [
        [10, 20, 30, 40, 50, 60],
        [250, 1, 2, 4, 4, 6], // left: 250 + 10 = 4 (mod 256)
        [4, 2, 3, 5, 5, 7], // above
        [3, 2, 2, 5, 4, 5], // half of left and above
        [4, 4, 5, 9, 9, 11], // the nearest of left, above and the corner
      ].flat(),
    ),
  });
});

test("a picture that is cut off, or of another kind, is refused", () => {
  expect(() => readPng(png([[0, 1, 2, 3, 4, 5, 6]], 2))).toThrow("cut off");
  expect(() => readPng(png([[0, 1, 2, 3, 4, 5, 6]], 1, 16))).toThrow("form 1002000000");
  expect(() => readPng(png([[5, 1, 2, 3, 4, 5, 6]]))).toThrow("filter 5");
});
