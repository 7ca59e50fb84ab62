// Addresses without a name are read by a short way: it must never differ from the full one.
import fc from "fast-check";
import { expect, test } from "vitest";

import { splitMessage } from "../mail/header.ts";
import { viewHeader } from "./header-view.ts";

const view = (value: string): ReturnType<typeof viewHeader> =>
  viewHeader(splitMessage(Buffer.from(`To: ${value}\r\n\r\n`)).fields);

const local = fc.oneof(
  fc.stringMatching(/^[\w.+-]{1,12}$/),
  fc.constantFrom("taro", "a..b", ".a", "a.", "-", "a".repeat(64), "a".repeat(65)),
);
const domain = fc.oneof(
  fc.stringMatching(/^[\w.-]{1,16}$/),
  fc.constantFrom("example.jp", "EXAMPLE.JP", "a_b.jp", "-a.jp", "a-.jp", "a..jp", "jp.", "1.2"),
  fc.constantFrom("127.0.0.1", "xn--a.jp", `${"a".repeat(64)}.jp`, `${"a.".repeat(120)}jp`),
);

test("a bare address reads as it does behind a comment", () => {
  let good = 0;
  let bad = 0;
  fc.assert(
    fc.property(local, domain, fc.boolean(), (name, host, inAngles) => {
      const value = inAngles ? `<${name}@${host}>` : `${name}@${host}`;
      const seen = view(value);
      expect(seen).toEqual(view(`(c) ${value}`));
      if (seen.ambiguities.length === 0) good += 1;
      else bad += 1;
    }),
    { numRuns: 3000, seed: 1 },
  );
  expect(Math.min(good, bad)).toBeGreaterThan(200);
});
