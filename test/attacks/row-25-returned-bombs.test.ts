// threats.md row 25: returned mail that costs its reader too much, or ends it; strangers send it, and nothing may be lost.
import { afterAll, expect, test } from "vitest";

import { repliesFile } from "../../src/config/replies.ts";
import { unreadable } from "../../src/feedback/reading.ts";
import { createReader } from "../../src/returns/reader.ts";

const problems: string[] = [];
const log = {
  error: (_fields: object, text: string) => {
    problems.push(text);
  },
};
const failing = createReader(
  repliesFile,
  log,
  new URL("../fixtures/workers/failing-reader.ts", import.meta.url),
);
const reader = createReader(repliesFile, log);
afterAll(async () => {
  await failing[Symbol.asyncDispose]();
  await reader[Symbol.asyncDispose]();
});

const mail = (subject: string): Buffer => Buffer.from(`Subject: ${subject}\r\n\r\n`);

test.each(["loop", "throw", "exit"])(
  "row 25: a message that makes its reader %s goes to a person, and the next one is read",
  async (how) => {
    expect(await failing.read(mail(how))).toEqual(unreadable);
    expect(problems.at(-1)).toBe("returned mail not read");
    expect((await failing.read(mail("well"))).returned.kind).toBe("auto-reply");
  },
  30_000,
);

test("row 25: messages behind several that end their reader are not blamed for it", async () => {
  const bad = ["exit", "exit", "exit", "exit", "exit"].map((how) => failing.read(mail(how)));
  const good = Array.from({ length: 12 }, () => failing.read(mail("well")));
  expect(await Promise.all(bad)).toEqual(bad.map(() => unreadable));
  for (const { returned } of await Promise.all(good)) expect(returned.kind).toBe("auto-reply");
}, 30_000);

test("row 25: the largest message that is taken is read within its time", async () => {
  const line =
    "> <a@example.net>: host x said: 550 5.1.1 unknown =?utf-8?B?5qCq?= b-0 unsubscribe+0\r\n";
  const bomb = Buffer.from(
    `From: MAILER-DAEMON@x\r\nSubject: failure\r\n\r\n${line.repeat(300_000)}`,
  );
  const before = problems.length;
  expect((await reader.read(bomb)).excerpt.subject).toBe("failure");
  expect(problems).toHaveLength(before);
}, 30_000);
