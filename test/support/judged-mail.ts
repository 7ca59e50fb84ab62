// Builds messages from a few words and judges them as the gateway would: for tables of wordings and their outcomes.
import { readMessage } from "../../src/content/read.ts";
import type { Finding } from "../../src/policy/finding.ts";
import { judge, type JudgeFacts } from "../../src/policy/judge.ts";
import type { Sender, Stream } from "../../src/policy/stream.ts";
import { makeSender, makeStream } from "./smtp-gateway.ts";

/** law.md §3: the fictional registry that every row is judged against. */
export const registry: Sender = makeSender({
  legal: {
    names: ["株式会社サンプル商事"],
    addresses: ["〒999-9999 東京都架空区見本町1-2-3"],
    contacts: ["03-0000-0000", "support@example.jp", "https://www.example.jp/contact"],
    optOutHosts: ["u.example.jp"],
  },
});

export function factsFor(change: Partial<Stream> = {}, more: Partial<JudgeFacts> = {}): JudgeFacts {
  return {
    stream: makeStream({
      id: "newsletter",
      class: "marketing",
      topic: "news",
      rules: ["jp"],
      sender: registry,
      ...change,
    }),
    bases: [],
    gatewayHosts: ["gw.example.jp"],
    now: new Date("2026-11-25T00:00:00Z"),
    ...more,
  };
}

export interface Mail {
  readonly subject?: string;
  readonly from?: string;
  readonly to?: string;
  /** Further header lines. */
  readonly headers?: readonly string[];
  readonly text?: string;
  /** What stands in the body element. */
  readonly html?: string;
}

export function composeMail(mail: Mail): Buffer {
  const part = (type: string, content: string): string[] => [
    `Content-Type: ${type}; charset=UTF-8`,
    "Content-Transfer-Encoding: base64",
    "",
    ...(Buffer.from(content)
      .toString("base64")
      .match(/.{1,76}/g) ?? [""]),
  ];
  const page = (html: string): string =>
    /<html/i.test(html)
      ? html
      : `<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>${html}</body></html>`;
  const head = [
    `From: ${mail.from ?? "news@example.jp"}`,
    `To: ${mail.to ?? "taro@example.net"}`,
    `Subject: =?UTF-8?B?${Buffer.from(mail.subject ?? "お知らせ").toString("base64")}?=`,
    "Date: Wed, 25 Nov 2026 09:00:00 +0900",
    "Message-ID: <1@example.jp>",
    "MIME-Version: 1.0",
    ...(mail.headers ?? []),
  ];
  const plain = mail.text === undefined ? [] : part("text/plain", mail.text);
  const html = mail.html === undefined ? [] : part("text/html", page(mail.html));
  const lines =
    plain.length > 0 && html.length > 0
      ? [
          ...head,
          'Content-Type: multipart/alternative; boundary="b1"',
          "",
          "--b1",
          ...plain,
          "--b1",
          ...html,
          "--b1--",
          "",
        ]
      : [...head, ...plain, ...html, ""];
  return Buffer.from(lines.join("\r\n"));
}

export function judgeMail(mail: Mail, facts: JudgeFacts = factsFor()): readonly Finding[] {
  const reading = readMessage(composeMail(mail));
  if (reading.kind !== "read") throw new Error(reading.problem);
  return judge(reading.view, facts);
}

/** The worst outcome of one rule over all parts; undefined where the rule was not asked. */
export function outcomeOf(findings: readonly Finding[], rule: string): string | undefined {
  const outcomes = findings.filter((one) => one.rule === rule).map((one) => one.outcome);
  return (["fail", "warn", "pass"] as const).find((outcome) => outcomes.includes(outcome));
}
