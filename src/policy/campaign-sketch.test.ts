// What of a message is the template's and what is one person's.
import { expect, test } from "vitest";

import { newsletter } from "../demo/messages.ts";
import { readMessage } from "../content/read.ts";
import { sketchCampaign, type CampaignSketch } from "./campaign-sketch.ts";

function sketch(message: Buffer): CampaignSketch {
  const reading = readMessage(message);
  if (reading.kind === "too-complex") throw new Error(reading.problem);
  return sketchCampaign(reading.view);
}

const plain = (...lines: readonly string[]): CampaignSketch =>
  sketch(
    Buffer.from(
      [
        "From: a@example.jp",
        "Subject: =?UTF-8?B?44GK55+l44KJ44Gb?=",
        "Content-Type: text/plain; charset=UTF-8",
        "",
        ...lines,
        "",
      ].join("\r\n"),
    ),
  );

test("two recipients' copies of one newsletter are one template", () => {
  const one = sketch(newsletter({ to: "a@example.com", subject: "サンプル通信" }));
  const two = sketch(newsletter({ to: "b.c@example.net", subject: "サンプル通信" }));
  expect(one.sketch).toEqual(two.sketch);
  expect(one.hosts).toEqual(["u.example.jp"]);
  expect(one.subject).toBe("サンプル通信");
  expect(one.text).toContain("サンプル通信をお届けします");
});

test("name, points, address and the tail of a URL are left out", () => {
  const one = plain(
    "山田 太郎 様",
    "ポイント残高 1,200",
    "https://u.example.jp/s?t=abc",
    "taro@example.com 宛",
  );
  const two = plain(
    "佐藤花子様",
    "ポイント残高 85,300",
    "https://u.example.jp/s?t=xyz9",
    "h.s@example.net 宛",
  );
  expect(one.sketch).toEqual(two.sketch);
});

test("another host, another sentence and another subject are seen", () => {
  const base = plain("お知らせです。", "https://u.example.jp/a");
  const other = plain("お知らせです。", "https://evil.example/a");
  expect(other.sketch).not.toEqual(base.sketch);
  expect(plain("別のお知らせです。", "https://u.example.jp/a").sketch).not.toEqual(base.sketch);
});

test.each([
  ["山田さま", "佐藤さま"],
  ["山田さん", "佐藤さん"],
  ["山田殿", "佐藤殿"],
  ["山田商店御中", "佐藤商店御中"],
  ["Dear Taro Yamada,", "Dear Hanako,"],
  ["hello Taro", "HELLO, Hanako"],
  ["Hi Taro", "hi, Hanako"],
  ["see HTTP://U.example.jp/1", "see http://u.example.jp/2"],
  ["１２ポイント", "3456ポイント"],
  ["  two   words ", "two words"],
])("%j and %j are one template's", (one, two) => {
  expect(plain(one, "", "本文です。").sketch).toEqual(plain(two, "", "本文です。").sketch);
});

test("a word that only begins like a salutation is text", () => {
  expect(plain("shi Taro").sketch).not.toEqual(plain("shi Hanako").sketch);
});

test("hosts are those of web links, each once, in order", () => {
  const body = [
    "https://B.example.jp/1",
    "http://a.example.jp/",
    "https://b.example.jp/2",
    "mailto:c@example.jp",
  ]
    .map((url) => `<p><a href="${url}">x</a></p>`)
    .join("");
  const { hosts } = sketch(
    Buffer.from(`From: a@example.jp\r\nContent-Type: text/html\r\n\r\n${body}\r\n`),
  );
  expect(hosts).toEqual(["a.example.jp", "b.example.jp"]);
});

test("a long message has a sketch of bounded size, in time", () => {
  // Paragraphs that no number tells apart: numbers are left out.
  const word = (index: number): string =>
    index.toString().replace(/\d/g, (digit) => "abcdefghij".charAt(Number(digit)));
  const lines = Array.from({ length: 3000 }, (_, index) => `line ${word(index)}\r\n`);
  const long = plain(...lines);
  expect(long.sketch).toHaveLength(200);
  expect(long.sketch).toEqual(plain(...lines.slice(0, 1000)).sketch);
  expect(long.text).toHaveLength(4000);
});

test("of more hosts than are kept, each one still tells a campaign from another", () => {
  const hostsOf = (count: number, last: string): readonly string[] =>
    sketch(
      Buffer.from(
        `From: a@example.jp\r\nContent-Type: text/html\r\n\r\n${Array.from(
          { length: count },
          (_, index) => `<p><a href="https://a${index + 100}.example.jp/">x</a></p>`,
        ).join("")}<p><a href="https://${last}/">x</a></p>\r\n`,
      ),
    ).hosts;
  expect(hostsOf(49, "z.example.jp")).toHaveLength(50);
  expect(hostsOf(49, "z.example.jp").at(-1)).toBe("z.example.jp");
  expect(hostsOf(80, "y.example.jp")).toHaveLength(50);
  expect(hostsOf(80, "y.example.jp").at(-1)).toMatch(/^32 others, [0-9a-f]{16}$/);
  expect(hostsOf(80, "y.example.jp").at(-1)).not.toBe(hostsOf(80, "z.example.jp").at(-1));
});
