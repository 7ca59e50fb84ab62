// Judging sparingly leaves out what passed where nothing fails, and nothing else.
import fc from "fast-check";
import { expect, test } from "vitest";

import { campaignMail } from "../../scripts/mails/campaign.ts";
import { readMessage } from "../../src/content/read.ts";
import type { Finding } from "../../src/policy/finding.ts";
import { judge, judgeSparingly, type JudgeFacts } from "../../src/policy/judge.ts";
import { composeMail, factsFor } from "../support/judged-mail.ts";

const lines = [
  "配信停止をご希望の方はこちら",
  "https://u.example.jp/s/1",
  "株式会社サンプル商事",
  "〒999-9999 東京都架空区見本町1-2-3",
  "お問い合わせ：03-0000-0000",
];
const ownLink = `https://gw.example.jp/u/${"A".repeat(83)}`; // asks whose token it is
const withOwnLink = lines.with(1, ownLink);
const more = ["{{name}}様", "期間限定セール！", "プライバシーポリシー"];
const text = fc
  .tuple(fc.oneof(fc.constantFrom(lines, withOwnLink), fc.subarray(lines)), fc.subarray(more))
  .map((both) => both.flat().join("\n"));
const mail = fc.oneof(
  { weight: 6, arbitrary: fc.record({ text }).map(composeMail) },
  { weight: 3, arbitrary: text.map((words) => composeMail({ text: words, html: `<p>${words.replaceAll("\n", "<br>")}</p>` })) },
  { weight: 1, arbitrary: fc.nat(9).map((n) => campaignMail(20_000, n, "taro@example.net")) },
); // prettier-ignore
const facts: fc.Arbitrary<JudgeFacts> = fc.constantFrom(
  factsFor(),
  factsFor({ observe: ["jp"] }),
  factsFor({ class: "transactional" }),
  factsFor({ rules: ["jp", "jp-tokusho"] }),
);

function expected(findings: readonly Finding[]): readonly Finding[] {
  if (findings.some((one) => one.outcome === "fail")) return findings;
  return findings.filter(
    (one) => one.outcome !== "pass" || one.pages !== undefined || one.tokens !== undefined,
  );
}

test("it is what judge says: all of it where anything fails, else what did not pass or asks for more", () => {
  const seen = { whole: 0, shortened: 0, asking: 0 };
  fc.assert(
    fc.property(mail, facts, (message, known) => {
      const read = readMessage(message);
      if (read.kind !== "read") throw new Error(read.problem);
      const all = judge(read.view, known);
      const sparing = judgeSparingly(read.view, known);
      expect(sparing).toEqual(expected(all));
      if (sparing.length < all.length) seen.shortened += 1;
      else seen.whole += 1;
      if (sparing.length < all.length && sparing.some((one) => one.outcome === "pass"))
        seen.asking += 1;
    }),
    { numRuns: 400, seed: 1 },
  );
  expect(Math.min(seen.whole, seen.shortened, seen.asking)).toBeGreaterThan(10);
});
