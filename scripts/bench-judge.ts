// Prints how long judging takes: p50 and p99 of CPU time per size of mail, and the worst of inputs made to be slow.
import { readMessage } from "../src/content/read.ts";
import { judge } from "../src/policy/judge.ts";
import { factsFor } from "../test/support/judged-mail.ts";

const facts = factsFor();

function newsletter(kilobytes: number): string {
  const rules = Array.from(
    { length: 40 },
    (_, at) => `.c${at},.d${at} a{color:#${at + 100}abc}`,
  ).join("");
  const head = `<!DOCTYPE html><html><head><title>t</title><style>body{margin:0}table{border-collapse:collapse}${rules}@media only screen and (max-width:600px){.m{width:100%!important}}</style></head><body><table width="600" align="center">`;
  const foot = `</table><div style="font-size:12px">送信者：株式会社サンプル商事<br>配信停止は<a href="https://u.example.jp/u">こちら</a></div></body></html>`;
  let rows = "";
  for (let at = 0; Buffer.byteLength(head + rows + foot) < kilobytes * 1024; at += 1) {
    rows += `<tr><td class="m c${at % 9}" style="padding:10px 20px;font-family:Arial,sans-serif;font-size:14px;line-height:1.6;color:#333"><p style="margin:0 0 10px">商品${at}のご案内です。<strong>20%OFF</strong>、詳しくは<a href="https://click.example.jp/t/${at}?a=1&amp;b=2" style="color:#1a73e8">こちら</a>。</p><img src="https://img.example.jp/${at}.png" width="200" height="100" alt="商品${at}"></td></tr>`;
  }
  return head + rows + foot;
}

function mailOf(html: string): Buffer {
  const body = Buffer.from(html).toString("base64").replace(/.{76}/g, "$&\r\n");
  return Buffer.from(
    `From: news@example.jp\r\nTo: taro@example.net\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}\r\n`,
  );
}

function once(mail: Buffer): number {
  const started = process.cpuUsage();
  const reading = readMessage(mail);
  if (reading.kind === "read") judge(reading.view, facts);
  const used = process.cpuUsage(started);
  return (used.user + used.system) / 1000;
}

function measure(name: string, mail: Buffer, rounds: number): void {
  for (let round = 0; round < rounds / 3; round += 1) once(mail);
  const times = Array.from({ length: rounds }, () => once(mail)).sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  console.log(`${name.padEnd(28)} p50 ${at(0.5).padStart(8)} ms   p99 ${at(0.99).padStart(8)} ms`);
}

for (const kilobytes of [4, 20, 50, 100])
  measure(`${kilobytes} KB of HTML`, mailOf(newsletter(kilobytes)), kilobytes < 10 ? 600 : 200);

const hostile: Readonly<Record<string, string>> = {
  "20 000 nested elements": "<div>".repeat(20_000),
  "formatting never closed": "<b><i><font color=x><p>".repeat(5000),
  "20 000 cells": `<table>${"<td>".repeat(20_000)}`,
  "slow selectors": `<style>${"a b c d e f g{color:red}".repeat(2000)}</style>${"<a><b><c>".repeat(2000)}`,
  ":has() everywhere": `<style>${":has(a b){color:red}".repeat(1000)}</style>${"<p>x".repeat(3000)}`,
  "half a million letters": "配".repeat(500_000),
  "50 000 line breaks": "<br>".repeat(50_000),
  "50 000 links": "https://a.example.jp/ ".repeat(50_000),
};
for (const [name, html] of Object.entries(hostile)) measure(name, mailOf(html), 3);
