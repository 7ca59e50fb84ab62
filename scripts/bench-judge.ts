// Prints how much CPU judging takes: for a campaign's next message, for the first one of a template never seen before, and
// for the worst of inputs made to be slow. Each message is another person's: name, ids and links differ as they do in mail.
import { readMessage } from "../src/content/read.ts";
import { judge } from "../src/policy/judge.ts";
import { factsFor } from "../test/support/judged-mail.ts";
import { campaignMail, type Compose, newsletter, personOf } from "./judge-mails.ts";

const facts = factsFor();
const warmUpMilliseconds = 1500; // of CPU for each row, so that the figures are those of a gateway that has been running
const rounds = { small: 1000, large: 300 } as const;

/** CPU time in milliseconds, collector and compiler threads counted in. `mail` is one that no round before has had. */
function once(mail: Buffer): number {
  const started = process.cpuUsage();
  const reading = readMessage(mail);
  if (reading.kind === "read") judge(reading.view, facts);
  const used = process.cpuUsage(started);
  return (used.user + used.system) / 1000;
}

function measure(name: string, mailOf: (round: number) => Buffer, count: number): void {
  let round = 0;
  for (let spent = 0; spent < warmUpMilliseconds; round += 1) spent += once(mailOf(round));
  print(
    name,
    Array.from({ length: count }, (_, at) => once(mailOf(round + at))),
  );
}

function print(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2);
  console.log(`${name.padEnd(34)} p50 ${at(0.5).padStart(8)} ms   p99 ${at(0.99).padStart(8)} ms`);
}

const mails: readonly (readonly [name: string, kilobytes: number, compose: Compose])[] = [
  ["4 KB, newsletter", 4, newsletter(4)],
  ["4 KB, text and HTML", 4, campaignMail(4)],
  ["20 KB, newsletter", 20, newsletter(20)],
  ["50 KB, newsletter", 50, newsletter(50)],
  ["50 KB, text and HTML", 50, campaignMail(50)],
  ["100 KB, newsletter", 100, newsletter(100)],
];
let campaigns = 0;
for (const [name, kilobytes, compose] of mails) {
  const count = kilobytes < 10 ? rounds.small : rounds.large;
  campaigns += 1;
  const campaign = campaigns;
  measure(`${name}: campaign`, (round) => compose(campaign, personOf(round)), count);
  measure(`${name}: first sight`, (round) => compose((campaigns += 1), personOf(round)), count);
}

const hostile: Readonly<Record<string, string>> = {
  "20 000 nested elements": "<div>".repeat(20_000),
  "formatting never closed": "<b><i><font color=x><p>".repeat(5000),
  "20 000 cells": `<table>${"<td>".repeat(20_000)}`,
  "slow selectors": `<style>${"a b c d e f g{color:red}".repeat(2000)}</style>${"<a><b><c>".repeat(2000)}`,
  ":has() everywhere": `<style>${":has(a b){color:red}".repeat(1000)}</style>${"<p>x".repeat(3000)}`,
  "half a million letters": "配".repeat(500_000),
  "50 000 line breaks": "<br>".repeat(50_000),
  "50 000 links": "https://a.example.jp/ ".repeat(50_000),
  "50 000 URLs that are no links": "xhttps://a.example.jp/ ".repeat(50_000),
  "4 000 links": "<a href=//a.example.jp>こちら</a>".repeat(4000),
  "150 000 words of stopping": "停止x".repeat(150_000),
  "40 000 phone numbers": "03-1234-5678 ".repeat(40_000),
};
for (const [name, html] of Object.entries(hostile)) {
  // Another structure each time: nothing is known from the round before.
  const mailOf = (round: number): Buffer =>
    Buffer.from(
      `From: news@example.jp\r\nTo: taro@example.net\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(
        `<p title="${round}">${html}`,
      )
        .toString("base64")
        .replace(/.{76}/g, "$&\r\n")}\r\n`,
    );
  print(
    name,
    Array.from({ length: 3 }, (_, round) => once(mailOf(round))),
  );
}
