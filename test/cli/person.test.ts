// The rights of a person from the command line: disclosure, evidence for an inspector, erasure, retention.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { openOffice } from "../../src/office.ts";
import { runHere } from "../support/command-here.ts";
import { createWorkplace, type CommandResult, type Workplace } from "../support/gateway-process.ts";
import { address } from "../support/storage-facts.ts";

const who = "Quiet.Person@nowhere.example";
const wording = "お知らせを <b>受け取る</b>";

let workplace: Workplace;
beforeEach(() => {
  workplace = createWorkplace("");
});
afterEach(() => {
  workplace[Symbol.dispose]();
});

const run = (...args: readonly string[]): Promise<CommandResult> =>
  runHere(workplace.configFile, ...args);

const option = (values: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);

const grant = (email: string, at: string): Promise<CommandResult> =>
  run(
    ..."consent add --sender sample --topic news --method web-form --policy-version 3".split(" "),
    ...option({ email, at, wording, source: "https://www.example.jp/form?id=77" }),
    ...option({ evidence: "氏名=見本 花子" }),
  );

/** Notes a delivery, as the worker does. */
async function deliver(email: string, at: Date): Promise<void> {
  await using office = await openOffice(loadConfig(workplace.configFile));
  const subject = office.indexer.address(address(email));
  const common = { at, messageId: "m1", stream: "newsletter", sender: "sample", subject };
  const reply = { code: 250, enhanced: "2.0.0", text: "ok" };
  await office.storage.audit.append([{ ...common, type: "Delivery", reply, actor: "gateway" }]);
}

describe("consent show", () => {
  beforeEach(async () => {
    await grant(who, "2026-01-05");
    await run("consent", "withdraw", "--email", who, "--sender", "sample", "--topic", "news");
    await run(
      ..."suppress add --kind manual --scope sender:sample".split(" "),
      ...option({ email: who, reason: "asked by phone" }),
    );
    await deliver(who, new Date("2026-02-01T00:00:00Z"));
  });

  test("--disclosure gives everything that is held, and is itself on record", async () => {
    const result = await run("consent", "show", who, "--disclosure");
    expect(result.code).toBe(0);
    expect(result.json()).toMatchObject([
      {
        email: address(who).text,
        addressHeld: true,
        standings: [{ sender: "sample", topic: "news", standing: { kind: "withdrawn" } }],
        consents: [
          { kind: "granted", evidence: { wording, more: { 氏名: "見本 花子" } } },
          { kind: "withdrawn" },
        ],
        suppressions: [{ kind: "manual", reason: "asked by phone" }],
        messages: [{ messageId: "m1", sender: "sample", outcome: "Delivery" }],
      },
    ]);
    const [again] = (await run("consent", "show", who, "--disclosure")).json();
    expect(JSON.stringify(again?.["otherEvents"])).toContain('"change":"disclosure"');
  });

  test("--disclosure --page is for reading, and runs nothing that stands in it", async () => {
    const { code, stdout } = await run("consent", "show", who, "--disclosure", "--page");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>\n<html lang="ja">/);
    for (const needed of ["見本 花子", "asked by phone", "送信済み", "停止の申し出", "m1"])
      expect(stdout).toContain(needed);
    expect(stdout).toContain("&lt;b&gt;受け取る&lt;/b&gt;");
    expect(stdout).not.toMatch(/<b>|<script/);
  });

  test("--evidence shows the chain's hashes, as audit verify knows them", async () => {
    const { code, stdout } = await run("consent", "show", who, "--evidence");
    expect(code).toBe(0);
    await using office = await openOffice(loadConfig(workplace.configFile));
    const { audit, ledger } = office.storage;
    const events = await ledger.events(office.indexer.address(address(who)));
    const proofs = await audit.proofs(events.map((event) => event.auditSequence));
    expect(proofs).toHaveLength(2);
    for (const { sequence, hash } of proofs) expect(stdout).toContain(`${sequence}<br>${hash}`);
    expect(await audit.verify(proofs)).toMatchObject({ kind: "intact" });
    expect(stdout).toContain("改変がないことを確認しました");
    expect(stdout).toContain("ポリシー版：3");
  });

  test("both papers name the sender and the basis as the law does, and when a consent ends", async () => {
    await run(
      ..."consent add --sender sample --topic news --basis written_notice".split(" "),
      ...option({ email: who, at: "2026-01-05", source: "展示会", expires: "2099-01-05" }),
    );
    for (const paper of [["--evidence"], ["--disclosure", "--page"]]) {
      const { stdout } = await run("consent", "show", who, ...paper);
      expect(stdout).toContain("株式会社サンプル商事（sample）");
      expect(stdout).toContain("根拠：同意・請求（法3条1項1号）");
      expect(stdout).toContain(
        "根拠：名刺等の書面による通知（法3条1項2号）、期限：2099-01-05 00:00:00 JST",
      );
    }
    expect((await run("consent", "show", who, "--disclosure", "--page")).stdout).toContain(
      "手動登録",
    );
  });

  test.each([
    [["--disclosure", "--evidence"], /ask for one/],
    [["--page"], /goes with --disclosure/],
  ])("%j is a usage error", async (flags, text) => {
    const result = await run("consent", "show", who, ...flags);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(text);
  });
});

describe("consent erase", () => {
  test("leaves no byte that tells who it was, keeps suppressions, and lets nothing pass", async () => {
    await grant(who, "2026-01-05");
    await run("suppress", "add", "--email", who, "--kind", "complaint", "--scope", "all");
    await grant("other@example.jp", "2026-01-05");
    expect((await run("consent", "erase", who, "--yes")).json()).toMatchObject([{ erased: true }]);
    const data = join(workplace.folder, "data");
    const needles = ["quiet.person", "nowhere.example", "見本 花子", "id=77"].flatMap((text) => [
      Buffer.from(text),
      Buffer.from(text, "utf16le"),
      Buffer.from(Buffer.from(text).toString("hex")),
    ]);
    for (const name of readdirSync(data, { recursive: true, encoding: "utf8" })) {
      if (!statSync(join(data, name)).isFile()) continue;
      const bytes = readFileSync(join(data, name));
      const folded = Buffer.from(bytes.toString("latin1").toLowerCase(), "latin1");
      for (const needle of needles)
        expect(bytes.includes(needle) || folded.includes(needle), name).toBe(false);
    }
    const [shown] = (await run("consent", "show", who)).json();
    expect(shown?.["standings"]).toMatchObject([{ standing: "withdrawn", scope: "sender" }]);
    expect((await run("suppress", "lookup", who)).stdout).toContain("complaint");
    expect((await grant(who, "2026-03-01")).json()).toMatchObject([{ standing: "withdrawn" }]);
    expect((await run("audit", "verify")).code).toBe(0);
    expect((await run("consent", "show", "other@example.jp")).stdout).toContain("見本 花子");
  });
});

describe("consent retention", () => {
  const ended = async (email: string, sentAt?: string): Promise<void> => {
    await grant(email, "2020-01-05");
    await run(
      ..."consent withdraw --sender sample --topic news --at 2020-02-01".split(" "),
      ...option({ email }),
    );
    if (sentAt !== undefined) await deliver(email, new Date(sentAt));
  };

  test("reports whom the clocks let go, erases only when told, and heeds a legal hold", async () => {
    const lately = new Date(Date.now() - 10 * 86_400_000).toISOString();
    await grant("active@example.jp", "2020-01-05");
    await ended("long-ago@example.jp", "2020-01-10");
    await ended("held@example.jp", "2020-01-10");
    await ended("lately@example.jp", lately);
    await ended("never@example.jp");
    const hold = join(workplace.folder, "hold.txt");
    writeFileSync(hold, "held@example.jp\n");
    const emails = (result: CommandResult): readonly unknown[] =>
      result.json().map((line) => line["email"]);
    const expected = ["long-ago@example.jp", "never@example.jp"];

    const report = await run("consent", "retention", "--hold", hold);
    expect(emails(report)).toEqual(expected);
    expect(report.json()[0]).toMatchObject({ records: [{ sender: "sample", topic: "news" }] });
    expect(report.stdout).toContain("4条2項");
    expect(report.stderr).toMatch(/5 people.*2 may be erased/);

    expect(emails(await run("consent", "retention", "--hold", hold, "--apply"))).toEqual(expected);
    expect(emails(await run("consent", "retention", "--hold", hold))).toEqual([]);
    expect((await run("consent", "show", "lately@example.jp")).stdout).toContain("見本 花子");
    expect((await run("consent", "show", "long-ago@example.jp")).stdout).not.toContain("花子");
    expect((await run("audit", "verify")).code).toBe(0);
  });

  test("keeps whoever refused advertising while a contract still lets mail go", async () => {
    const text = readFileSync(workplace.configFile, "utf8");
    const orders =
      "streams:\n  - { id: orders, sender: sample, class: contract-incidental, topic: orders, rules: [jp] }\n";
    writeFileSync(workplace.configFile, text.replace("streams:\n", orders));
    const customers = { "open@example.jp": [], "closed@example.jp": ["--expires", "2020-03-01"] };
    for (const [email, end] of Object.entries(customers)) {
      await run(
        ..."consent add --sender sample --topic orders --basis contract --source 77".split(" "),
        ...option({ email, at: "2020-01-05" }),
        ...end,
      );
      await run(
        ..."consent withdraw --sender sample --all-topics --at 2020-02-01".split(" "),
        ...option({ email }),
      );
    }
    const { code, stdout } = await run("consent", "retention");
    expect([code, stdout.includes("closed@"), stdout.includes("open@")]).toEqual([0, true, false]);
    for (const flags of [[], ["--disclosure"]])
      expect((await run("consent", "show", "open@example.jp", ...flags)).stdout).not.toContain(
        "beneath",
      );
  });

  test("an order of the ministry keeps what was sent before it for a year", async () => {
    await ended("long-ago@example.jp", "2020-01-10");
    const lately = new Date(Date.now() - 100 * 86_400_000).toISOString();
    const ordered = await run("consent", "retention", "--order", `sample=${lately}`);
    expect(ordered.stdout).toBe("");
  });
});
