// The generated corpus: no compliant mail is refused, and no spoilt one passes.
import { expect, test } from "vitest";

import { casesOf } from "./cases.ts";
import { htmlTemplates } from "./html-templates.ts";
import { disagreements, type Layout } from "./layouts.ts";
import { measure } from "./measure.ts";
import { duties, type Duty } from "./piece.ts";
import { textTemplates } from "./text-templates.ts";
import { factsFor, judgeMail, outcomeOf, registry } from "../support/judged-mail.ts";
import * as third from "./generated-text.ts";
import { moreTemplates } from "./more-templates.ts";
import { registeredAddresses, registeredNames, type Registered } from "./registries.ts";
import * as second from "./wordings.ts";

/** One combination in so many; 1 takes all 15 000, which is half a minute of CPU. */
const thin = Number(process.env["CORPUS_THIN"] ?? 9);

test("templates of many tools, spoilt in one duty or changed harmlessly, are judged as they were made", () => {
  const { falseYes, falseNo, compliant, faulty } = measure(
    casesOf([...textTemplates, ...htmlTemplates, ...moreTemplates], thin),
  );
  expect({ falseYes, falseNo }).toEqual({ falseYes: [], falseNo: [] });
  expect(compliant).toBeGreaterThan(500);
  expect(faulty).toBeGreaterThan(900);
});

const inText: readonly Layout[] = ["ruled text", "close text"];
const inHtml: readonly Layout[] = ["HTML blocks", "HTML cell"];
const mixed: readonly Layout[] = ["close text", "HTML cell"];

test.each<[string, Duty, second.Wordings, readonly Layout[]]>([
  ["opt-outs in text", "optOut", second.optOutText, inText],
  ["opt-outs in HTML", "optOut", second.optOutHtml, inHtml],
  ["names", "name", second.names, mixed],
  ["addresses", "address", second.addresses, mixed],
  ["contacts", "contact", second.contacts, mixed],
  ["opt-outs in generated text", "optOut", third.generatedOptOuts, inText],
  ["contacts in generated text", "contact", third.generatedContacts, inText],
  ["addresses in generated text", "address", third.generatedAddresses, inText],
])("wordings: %s", (_what, duty, wordings, use) => {
  expect(duties).toContain(duty);
  const good = wordings.good.flatMap((words) => disagreements(duty, words, true, use));
  const bad = wordings.bad.flatMap((words) => disagreements(duty, words, false, use));
  expect({ refused: good, passed: bad }).toEqual({ refused: [], passed: [] });
});

test.each<[string, "addresses" | "names", string, Registered]>([
  ...registeredAddresses.map((row): [string, "addresses", string, Registered] => [
    row.registered,
    "addresses",
    "jp/address",
    row,
  ]),
  ...registeredNames.map((row): [string, "names", string, Registered] => [
    row.registered,
    "names",
    "jp/name",
    row,
  ]),
])(
  "registered as %s: its ways of being written pass, and its neighbours fail",
  (registered, key, rule, row) => {
    const legal = { ...registry.legal, [key]: [registered] };
    const facts = factsFor({ sender: { ...registry, legal } });
    const outcomes = (words: string): readonly (string | undefined)[] =>
      [
        { text: `今週の話題\n\n${words}\nお問い合わせ：support@example.jp\n` },
        {
          html: `<p>今週の話題</p><table><tr><td>${words.replaceAll("&", "&amp;")}<br>お問い合わせ</td></tr></table>`,
        },
      ].map((mail) => outcomeOf(judgeMail(mail, facts), rule));
    const wrong = [
      ...[registered, ...row.same].filter((words) => outcomes(words).includes("fail")),
      ...row.other.filter((words) => outcomes(words).some((outcome) => outcome !== "fail")),
    ];
    expect(wrong).toEqual([]);
  },
);
