// Whose opt-out a plain link is: read without the URL parser, it must be the same as with it.
import fc from "fast-check";
import { expect, test } from "vitest";

import { readMessage } from "../../content/read.ts";
import { composeMail, factsFor } from "../../../test/support/judged-mail.ts";
import { readDestination } from "./destination.ts";
import { ownToken, strangerIn } from "./link-owner.ts";

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

test("a token of this gateway is one at its own hosts, at the end of the path, and not the specimen", () => {
  const token = "A".repeat(60);
  const tokenAt = (text: string, optOutLink?: string): string | undefined => {
    const url = new URL(text);
    const facts = factsFor(
      {},
      {
        gatewayHosts: ["GW.example.jp", "b.example.jp"],
        ...(optOutLink === undefined ? {} : { optOutLink }),
      },
    );
    return ownToken(url, url.hostname, facts);
  };
  for (const host of ["gw.example.jp", "b.example.jp"]) {
    expect(tokenAt(`https://${host}/u/${token}`)).toBe(token);
    expect(tokenAt(`https://${host}/u/${token}/?a=b#c`)).toBe(token);
  }
  for (const other of [
    `https://x.example.jp/u/${token}`,
    `https://gw.example.jp/u/${token}/more`,
    `https://gw.example.jp/x/${token}`,
    `https://gw.example.jp/u/${"A".repeat(19)}`,
    `https://gw.example.jp/u/${"A".repeat(101)}`,
    "https://gw.example.jp/",
  ])
    expect([other, tokenAt(other, "https://gw.example.jp/u/specimen")]).toEqual([other, undefined]);
  const specimen = `https://gw.example.jp/u/${token}`;
  expect(tokenAt(specimen, specimen)).toBeUndefined();
  expect(tokenAt(`https://gw.example.jp/u/${"B".repeat(60)}`, specimen)).toBe("B".repeat(60));
});

test("without an envelope the only address in To is the reader's, and of several nobody is", () => {
  const strangerFor = (head: { readonly to: string; readonly cc?: string }): string | undefined => {
    const headers = head.cc === undefined ? [] : [`Cc: ${head.cc}`];
    const reading = readMessage(composeMail({ text: "x", to: head.to, headers }));
    if (reading.kind !== "read") throw new Error(reading.problem);
    const { recipients: _nobody, ...facts } = factsFor();
    const destination = readDestination("https://u.example.jp/x?e=hanako@other.jp");
    if (destination.kind !== "web") throw new Error(destination.kind);
    return strangerIn(destination, "", { view: reading.view, facts, pages: [] });
  };
  expect(strangerFor({ to: "taro@example.net" })).toBe("h***@other.jp");
  expect(strangerFor({ to: "HANAKO@Other.jp" })).toBeUndefined();
  expect(strangerFor({ to: "taro@example.net, jiro@example.net" })).toBeUndefined();
  expect(strangerFor({ to: "taro@example.net", cc: "jiro@example.net" })).toBeUndefined();
});
