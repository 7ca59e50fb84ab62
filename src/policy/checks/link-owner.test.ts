// Whose opt-out a plain link is: read without the URL parser, it must be the same as with it.
import fc from "fast-check";
import { expect, test } from "vitest";

import { readMessage } from "../../content/read.ts";
import { composeMail, factsFor } from "../../../test/support/judged-mail.ts";
import { readDestination } from "./destination.ts";
import { strangerIn } from "./link-owner.ts";

const read = readMessage(composeMail({ text: "x" }));
if (read.kind !== "read") throw new Error(read.problem);
const judged = {
  view: read.view,
  facts: factsFor({}, { recipients: ["taro@example.net"] }),
  pages: [],
};

const who = fc.constantFrom(
  "hanako@other.jp",
  "taro@example.net",
  "a?>~b@other.jp",
  "名@x.other.jp",
);
const hidden = fc.oneof(
  fc.constantFrom("email=hanako", "other.jp"),
  who.map((one) => Buffer.from(one).toString("hex")),
  who.map((one) => Buffer.from(one).toString("base64")),
  who.map((one) => Buffer.from(one).toString("base64url")),
); // prettier-ignore
const piece = fc.oneof(
  { weight: 2, arbitrary: hidden },
  { weight: 4, arbitrary: fc.constantFrom("/", "/", "?", "&", "&", "=", "+", "..", "/.", "//", "&id=", "x") },
); // prettier-ignore
const link = fc
  .tuple(
    fc.constantFrom("https://u.example.jp", "HTTP://U.Example.jp"),
    fc.constantFrom("", "/", "/", "?", "?"),
    fc.oneof({ weight: 9, arbitrary: fc.constant("") }, fc.constant("a=b&".repeat(60))),
    fc.array(piece, { maxLength: 12 }),
  )
  .map(([site, first, many, rest]) => site + first + (first === "" ? "" : many + rest.join("")));

test("a link that has a plain form hides the same stranger without it", () => {
  let strangers = 0;
  let strangerless = 0;
  fc.assert(
    fc.property(link, (raw) => {
      const destination = readDestination(raw);
      if (destination.kind !== "web" || destination.plain === undefined) return;
      const { plain, ...parsed } = destination;
      const found = strangerIn(destination, plain, judged);
      expect(found).toBe(strangerIn(parsed, plain, judged));
      if (found === undefined) strangerless += 1;
      else strangers += 1;
    }),
    { numRuns: 4000, seed: 1 },
  );
  expect(Math.min(strangers, strangerless)).toBeGreaterThan(100);
});
