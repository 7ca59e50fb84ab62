// explain on five templates: what a marketer reads, the exact reply, in both languages; nothing is stored.
import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { renderExplanation } from "../../src/cli/explanation.ts";
import {
  examine,
  withCrlf,
  type ExamineParts,
  type Explanation,
} from "../../src/intake/examine.ts";
import { formatReply } from "../../src/mail/reply.ts";
import type { Stream } from "../../src/policy/stream.ts";
import { createToReply } from "../../src/smtp/answer.ts";
import { composeMail, factsFor } from "../support/judged-mail.ts";

const folder = new URL("../fixtures/templates/", import.meta.url);
const parts: ExamineParts = {
  hostname: "gw.example.jp",
  gatewayHosts: ["gw.example.jp"],
  maxMessageBytes: 1_000_000,
  clock: () => new Date("2026-11-25T00:00:00Z"),
  toReply: createToReply("https://gw.example.jp"),
};

function template(name: string): Buffer {
  const file = readdirSync(folder).find((entry) => entry.startsWith(name));
  if (file === undefined) throw new Error(`no template ${name}`);
  return readFileSync(new URL(file, folder));
}

const explainTemplate = (
  name: string,
  change: Partial<Stream> = {},
  language: "ja" | "en" = "en",
): Promise<Explanation> =>
  examine(parts, template(name), { stream: factsFor(change).stream, language });

test.each([
  ["01", "accept", null],
  ["02", "accept", null],
  ["03", "refuse", "sender-name-missing"],
  ["04", "refuse", "placeholder"],
  ["05", "accept", null],
])("template %s: %s, %s", async (name, decision, reason) => {
  const explanation = await explainTemplate(name);
  expect(explanation.decision).toBe(decision);
  expect(explanation.reason).toBe(reason);
});

test("the reply is the one that a client would get", async () => {
  const { reply } = await explainTemplate("04");
  expect(formatReply(reply)).toMatch(
    /^550 5\.7\.1 placeholder: a template placeholder was not filled in \(header: %FIRSTNAME% in the subject; also: .*; see https:\/\/gw\.example\.jp\/r\/placeholder$/,
  );
});

test("a stream that holds answers 250 and the word held", async () => {
  const { decision, reply } = await explainTemplate("04", { onViolation: "hold" });
  expect(decision).toBe("hold");
  expect(formatReply(reply)).toMatch(/^250 2\.0\.0 held id=/);
});

test("a stream that observes accepts, and still says what is wrong", async () => {
  const { decision, findings } = await explainTemplate("04", { onViolation: "observe" });
  expect(decision).toBe("accept");
  expect(findings.some((one) => one.outcome === "fail")).toBe(true);
});

test("each finding carries rule, part, outcome, evidence, law and remedy", async () => {
  const { findings } = await explainTemplate("03");
  for (const finding of findings) {
    expect(Object.keys(finding)).toEqual(["rule", "part", "outcome", "evidence", "law", "remedy"]);
    expect(finding.remedy.length).toBeGreaterThan(10);
  }
});

test.each(["ja", "en"] as const)(
  "reads well in %s: decision first, then what to do",
  async (language) => {
    const explanation = await explainTemplate("03", {}, language);
    const text = renderExplanation("03.eml", explanation, { language, colour: false });
    expect(text).toMatchSnapshot();
    expect(text).not.toContain("\u001b");
  },
);

test("a From of another domain is told as a finding beside the others", async () => {
  const content = Buffer.from(
    template("01").toString("latin1").replace("<news@example.jp>", "<news@example.net>"),
    "latin1",
  );
  const explanation = await examine(parts, content, { stream: factsFor().stream, language: "en" });
  expect(explanation.reason).toBe("sender-not-permitted");
  expect(explanation.findings[0]).toMatchObject({
    rule: "form/sender-not-permitted",
    outcome: "fail",
  });
  expect(explanation.findings.some((one) => one.rule === "jp/name")).toBe(true);
});

test("a file with LF line ends is read as SMTP would carry it", async () => {
  const lf = Buffer.from(template("01").toString("latin1").replaceAll("\r\n", "\n"), "latin1");
  expect(withCrlf(lf).equals(template("01"))).toBe(true);
  const explanation = await examine(parts, withCrlf(lf), {
    stream: factsFor().stream,
    language: "en",
  });
  expect(explanation.decision).toBe("accept");
});

test("a message that is too large is told so, and not read", async () => {
  const small = { ...parts, maxMessageBytes: 100 };
  const explanation = await examine(small, template("01"), {
    stream: factsFor().stream,
    language: "en",
  });
  expect(explanation.reason).toBe("too-large");
  expect(explanation.findings).toHaveLength(1);
});

const footer = `<p>株式会社サンプル商事<br>東京都架空区見本町1-2-3<br>お問い合わせ：support@example.jp</p>
<p><a href="https://u.example.jp/s/3f9ab2">配信停止はこちら</a></p>`;
const duties = ["jp/address", "jp/contact", "jp/name", "jp/opt-out-address", "jp/opt-out-notice"];

async function elsewhere(css: string, body: string, head = ""): Promise<readonly string[]> {
  const html = `<html><head>${head}<style>${css}</style></head><body><p>新商品です</p>${body}</body></html>`;
  const { stream } = factsFor();
  const explanation = await examine(parts, composeMail({ html }), { stream, language: "en" });
  expect(explanation.decision).toBe("accept");
  return explanation.findings
    .filter(({ rule, outcome }) => duties.includes(rule) && outcome === "warn")
    .map(({ rule, evidence }) => `${rule} ${evidence}`)
    .toSorted();
}

test("what a style sheet hides on phones only is a warning that says so", async () => {
  const css = "@media only screen and (max-width:600px){.wide{display:none!important}}";
  const warnings = await elsewhere(css, `<div class="wide">${footer}</div>`);
  expect(warnings.map((words) => words.split(" ")[0])).toEqual(duties);
  expect(warnings.every((words) => words.includes("on phones: "))).toBe(true);
});

test("a footer that phones show in another place is none", async () => {
  const css = `.narrow{display:none} @media (max-width:480px){.wide{display:none!important}
    .narrow{display:block!important}}`;
  const both = `<div class="wide">${footer}</div><div class="narrow">${footer}</div>`;
  expect(await elsewhere(css, both)).toEqual([]);
});

test("what dark mode alone shows in the colour of its background is a warning that says so", async () => {
  const css = "@media (prefers-color-scheme:dark){.foot,.foot *{color:#111!important;background:#000!important}}"; // prettier-ignore
  const warnings = await elsewhere(css, `<div class="foot">${footer}</div>`);
  expect(warnings.map((words) => words.split(" ")[0])).toEqual(duties);
  expect(warnings.every((words) => words.includes("in dark mode: "))).toBe(true);
});

test("light words on the dark canvas of a message that says it knows dark mode are seen", async () => {
  const css = "@media (prefers-color-scheme:dark){.foot,.foot *{color:#fff!important}}";
  const knows = '<meta name="color-scheme" content="light dark">';
  expect(await elsewhere(css, `<div class="foot">${footer}</div>`, knows)).toEqual([]);
  expect(await elsewhere(css, `<div class="foot">${footer}</div>`)).not.toEqual([]);
});
