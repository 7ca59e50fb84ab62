// The ledger from the command line: consents and suppressions by hand, by file and back, on the real store.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { openOffice } from "../../src/office.ts";
import { runHere } from "../support/command-here.ts";
import { createWorkplace, type CommandResult, type Workplace } from "../support/gateway-process.ts";
import { address, granted } from "../support/storage-facts.ts";

const tables = resolve(import.meta.dirname, "../fixtures/tables");
let workplace: Workplace;
beforeAll(() => {
  workplace = createWorkplace("");
});
afterAll(() => {
  workplace[Symbol.dispose]();
});

const run = (...args: readonly string[]): Promise<CommandResult> =>
  runHere(workplace.configFile, ...args);

/** A fixture's copy, beside which the error file may be written. */
function table(name: string): string {
  const path = join(workplace.folder, name);
  copyFileSync(join(tables, name), path);
  return path;
}

async function standingOf(email: string): Promise<unknown> {
  const [shown] = (await run("consent", "show", email)).json();
  const standings = shown?.["standings"] as readonly Record<string, unknown>[] | undefined;
  return standings?.map((entry) => entry["standing"]);
}

describe("consent by hand", () => {
  const about = ["--email", "taro@example.jp", "--sender", "sample"];
  const topic = ["--topic", "news"];
  const proof = ["--method", "web-form", "--source", "https://www.example.jp/form"];

  test("a withdrawal holds against everybody but the person", async () => {
    const steps: readonly (readonly [readonly string[], string])[] = [
      [["add", ...about, ...topic, "--basis", "consent", ...proof], "granted"],
      [["withdraw", ...about, ...topic], "withdrawn"],
      [["add", ...about, ...topic, ...proof], "withdrawn"],
      [["add", ...about, ...topic, ...proof, "--by-person"], "granted"],
      [["withdraw", ...about, ...topic, "--until", "2999-01-01"], "paused"],
      [["withdraw", ...about, "--all-topics"], "withdrawn"],
    ];
    for (const [args, standing] of steps) {
      const result = await run("consent", ...args);
      expect(result).toMatchObject({ code: 0 });
      expect(result.json()).toMatchObject([{ email: "taro@example.jp", recorded: true }]);
      expect(await standingOf("TARO@example.jp")).toEqual([standing]);
    }
    const [shown] = (await run("consent", "show", "taro@example.jp")).json();
    expect(shown?.["events"]).toHaveLength(steps.length);
    expect(JSON.stringify(shown)).toContain("https://www.example.jp/form");
  });

  test("a withdrawal of now tells the time by which it outlasts a grant dated ahead", async () => {
    const who = ["--email", "ahead@example.jp", "--sender", "sample", ...topic];
    const at = new Date(Date.now() + 200_000).toISOString();
    await run("consent", "add", ...who, ...proof, "--by-person", "--at", at);
    for (const scope of [topic, ["--all-topics"]]) {
      const stop = await run("consent", "withdraw", ...who.slice(0, 4), ...scope);
      expect(stop.json()).toMatchObject([{ at, recorded: true }]);
    }
    const [shown] = (await run("consent", "show", "ahead@example.jp")).json();
    expect(shown?.["standings"]).toMatchObject([{ standing: "withdrawn", since: at }]);
  });

  test("a stop of a day alone outlasts what the person did earlier on that day, by hand or by file", async () => {
    const tokyo = (daysAgo: number): string =>
      new Date(Date.now() + 9 * 3_600_000 - daysAgo * 86_400_000).toISOString().slice(0, 10);
    const own = async (email: string, at: string): Promise<void> => {
      const who = ["--email", email, "--sender", "sample", ...topic];
      await run("consent", "add", ...who, ...proof, "--by-person", "--at", at);
    };
    const aDayAgo = `${tokyo(1)}T23:00:00+09:00`;
    for (const name of ["hand", "file", "rest"]) await own(`${name}@day.example`, aDayAgo);
    const hand = ["--email", "hand@day.example", "--sender", "sample", ...topic];
    const stopped = await run("consent", "withdraw", ...hand, "--at", tokyo(1));
    expect(stopped).toMatchObject({ code: 0, stderr: "" });
    expect(stopped.json()).toMatchObject([{ standing: "withdrawn" }]);
    const path = join(workplace.folder, "stops.csv");
    writeFileSync(
      path,
      [
        "email,sender,topic,basis,granted_at,expires_at",
        `file@day.example,sample,news,withdrawn,${tokyo(1)},`,
        `rest@day.example,sample,news,paused,${tokyo(0)},${tokyo(0)}`,
      ].join("\n"),
    );
    expect(await run("consent", "import", path)).toMatchObject({ code: 0, stderr: "" });
    expect(await standingOf("file@day.example")).toEqual(["withdrawn"]);
    expect(await standingOf("rest@day.example")).toEqual(["paused"]);
  });

  test("a stop that leaves mail allowed says so", async () => {
    const who = ["--email", "later@example.jp", "--sender", "sample"];
    await run("consent", "add", ...who, ...topic, ...proof, "--by-person", "--at", "2026-03-02");
    const at = ["--at", "2026-03-01"];
    for (const scope of [topic, ["--all-topics"]]) {
      const stop = await run("consent", "withdraw", ...who, ...scope, ...at);
      expect(stop).toMatchObject({ code: 0 });
      expect(stop.stderr).toMatch(/topic news may still be sent.*own act came after/);
    }
    const over = await run("consent", "withdraw", ...who, ...topic, ...at, "--until", "2026-04-01");
    expect(over.stderr).toMatch(/may still be sent: the pause is over/);
    expect((await run("consent", "withdraw", ...who, ...topic)).stderr).toBe("");
  });

  test("a grant is corrected with its true date; one that would permit more is told that it does not", async () => {
    const who = ["--email", "corrected@example.jp", "--sender", "sample", ...topic];
    const add = (end: readonly string[]): Promise<CommandResult> =>
      run("consent", "add", ...who, ...proof, "--at", "2026-03-02", ...end);
    await add([]);
    const shorter = await add(["--expires", "2026-03-09"]);
    expect(shorter.json()).toMatchObject([{ recorded: true, standing: "expired" }]);
    const longer = await add(["--expires", "2999-01-01"]);
    expect(longer.json()).toMatchObject([{ recorded: true, standing: "expired" }]);
    expect(longer.stderr).toMatch(/another grant of the same time.*permits less counts/);
    expect((await add([])).json()).toMatchObject([{ recorded: false }]);
  });

  test("a topic that the configuration has no more can still be stopped by whom it was granted by", async () => {
    using place = createWorkplace("");
    {
      await using office = await openOffice(loadConfig(place.configFile));
      const who = address("former@example.jp");
      const { event } = granted("former@example.jp", { topic: "weekly" });
      const subject = office.indexer.address(who);
      await office.storage.ledger.recordConsents([{ address: who, event: { ...event, subject } }]);
    }
    const stop = (email: string, named: string): Promise<CommandResult> => {
      const who = ["--email", email, "--sender", "sample", "--topic", named];
      return runHere(place.configFile, "consent", "withdraw", ...who);
    };
    expect((await stop("former@example.jp", "weekly")).json()).toMatchObject([
      { topic: "weekly", recorded: true, standing: "withdrawn" },
    ]);
    expect(await stop("other@example.jp", "weekly")).toMatchObject({ code: 2, stdout: "" });
    expect((await stop("other@example.jp", "*")).json()).toMatchObject([{ topic: null }]);
  });

  test("nobody known has empty lists", async () => {
    const result = await run("consent", "show", "nobody@example.jp");
    expect(result.code).toBe(0);
    expect(result.json()).toEqual([{ email: "nobody@example.jp", standings: [], events: [] }]);
  });

  test.each([
    [["add", ...about, "--topic", "sale"], 2, /--topic sale.*allowed: news/],
    [
      ["add", "--email", "a@example.jp", "--sender", "x", ...topic],
      2,
      /--sender x.*allowed: sample/,
    ],
    [["add", "--email", "taro", "--sender", "sample", ...topic], 2, /--email taro.*local@domain/],
    [["add", ...about, ...topic, "--basis", "hearsay"], 2, /--basis hearsay.*allowed: consent/],
    [["add", ...about, ...topic, ...proof, "--at", "yesterday"], 2, /--at yesterday.*not a date/],
    [
      ["add", ...about, ...topic, "--basis", "relationship"],
      1,
      /contract_id.*nothing was recorded/s,
    ],
    [["add", ...about, ...topic, ...proof, "--at", "2999-01-01"], 1, /--at lies in the future/],
    [["withdraw", ...about], 2, /--topic TOPIC or --all-topics/],
    [["erase", "taro@example.jp"], 2, /--yes/],
    [["import", "no-such-file.csv"], 2, /does not exist/],
  ] as const)("consent %j ends with %i and says why", async (args, code, problem) => {
    const result = await run("consent", ...args);
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toMatch(problem);
  });
});

test("a grant that is refused is not called recorded, and its time has the option's name", async () => {
  const person = ["--email", "early@example.net", "--sender", "sample", "--topic", "news"];
  const early = await run("consent", "add", ...person, "--at", "2199-01-01");
  expect([early.code, early.stderr]).toEqual([
    1,
    "--at lies in the future; give the time at which it happened\nnothing was recorded\n",
  ]);
  const over = await run("consent", "withdraw", ...person, "--until", "2020-01-01");
  expect([over.code, over.stderr]).toEqual([
    1,
    "--until is not later than the event itself; give a later time\nnothing was recorded\n",
  ]);
});

test("tables as Excel and Japanese tools write them are imported, once", async () => {
  for (const name of ["shift-jis.csv", "excel-utf8-bom.csv"]) {
    const first = await run("consent", "import", table(name));
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.json()).toMatchObject([{ rows: 2, good: 2, bad: 0, recorded: 2 }]);
    const again = await run("consent", "import", table(name));
    expect(again.json()).toMatchObject([{ good: 2, recorded: 0 }]);
  }
  const [shown] = (await run("consent", "show", "takahashi@example.jp")).json();
  expect(shown).toMatchObject({
    standings: [{ standing: "granted", basis: "consent" }],
    events: [{ at: "2026-01-04T15:00:00.000Z", evidence: { more: { 会社名: "髙﨑商店①" } } }],
  });
});

test("a table with bad rows is refused whole, each with row, column and remedy", async () => {
  const path = table("bad-rows.csv");
  const result = await run("consent", "import", path);
  expect(result.code).toBe(1);
  expect(result.json()).toMatchObject([{ rows: 5, bad: 4, recorded: 0, stored: false }]);
  const errors = readFileSync(`${path}.errors.csv`, "utf8");
  const rows = errors.trim().split("\r\n").slice(1);
  expect(rows.map((row) => row.split(",").slice(0, 2).join(" "))).toEqual([
    "3 email",
    "4 granted_at",
    "5 source",
    "5 refusal_notice",
    "5 publisher",
    "7 memo",
  ]);
  expect(errors).not.toContain("123456789018");
  expect(await standingOf("good@example.jp")).toEqual([]);

  const partly = await run("consent", "import", path, "--skip-bad-rows");
  expect(partly.code).toBe(0);
  expect(partly.json()).toMatchObject([{ good: 1, bad: 4, recorded: 1 }]);
  expect(await standingOf("good@example.jp")).toEqual(["granted"]);
  expect((await run("log", "search", "--type", "Import")).json().at(-1)).toMatchObject({
    detail: { change: "file", of: "consents", good: 1, bad: 4, recorded: 1 },
  });
});

test("a dry run stores nothing; flags name columns and set values", async () => {
  const path = join(workplace.folder, "mapped.csv");
  writeFileSync(path, "宛先,日付,きっかけ\nueda@example.jp,2026-01-05 09:00,受付\n");
  const flags = ["--map", "email=宛先", "--map", "granted_at=日付", "--map", "source=きっかけ"];
  const set = ["sender=sample", "topic=news", "basis=consent", "method=paper"];
  const all = [path, ...flags, ...set.flatMap((pair) => ["--set", pair]), "--time-zone", "UTC"];
  const dry = await run("consent", "import", ...all, "--dry-run");
  expect(dry.json()).toMatchObject([{ dryRun: true, good: 1, recorded: 0 }]);
  expect(await standingOf("ueda@example.jp")).toEqual([]);
  expect((await run("consent", "import", ...all)).code).toBe(0);
  const [shown] = (await run("consent", "show", "ueda@example.jp")).json();
  expect(shown).toMatchObject({ events: [{ at: "2026-01-05T09:00:00.000Z", byPerson: false }] });
  expect(existsSync(`${path}.errors.csv`)).toBe(false);
});

test("an export imported into another ledger gives the same export, withdrawals included", async () => {
  const exported = await run("consent", "export", "--sender", "sample");
  expect(exported).toMatchObject({ code: 0, stderr: "" });
  expect(exported.stdout).toMatch(
    /^email,sender,topic,basis,granted_at,method,source,wording,evidence,expires_at\r\n/,
  );
  expect(exported.stdout).toContain("taro@example.jp,sample,*,withdrawn,");
  using other = createWorkplace("");
  const path = join(other.folder, "export.csv");
  writeFileSync(path, exported.stdout);
  const imported = await runHere(other.configFile, "consent", "import", path);
  expect(imported).toMatchObject({ code: 0, stderr: "" });
  const again = await runHere(other.configFile, "consent", "export");
  const sorted = (text: string): readonly string[] => text.split("\r\n").toSorted();
  expect(sorted(again.stdout)).toEqual(sorted(exported.stdout));
  const events = (await run("log", "search", "--type", "Export")).json();
  expect(events.at(-1)).toMatchObject({
    sender: "sample",
    detail: { change: "export", what: "consents" },
  });
});

test("the audit chain is whole after all of this", async () => {
  expect(await run("audit", "verify")).toMatchObject({ code: 0 });
});

describe("suppressions", () => {
  test("by hand: added, seen, lifted with a reason", async () => {
    const added = await run(
      "suppress",
      "add",
      "--email=Stop@example.jp",
      "--kind=complaint",
      "--scope=sender:sample",
      "--reason=feedback loop",
    );
    expect(added.json()).toMatchObject([{ kind: "complaint", scope: "sender:sample" }]);
    expect((await run("suppress", "add", "--domain", "example.org", "--kind", "manual")).code).toBe(
      0,
    );
    expect((await run("suppress", "list")).json()).toHaveLength(2);
    expect((await run("suppress", "lookup", "stop@example.jp")).json()).toMatchObject([
      { suppressed: true, suppressions: [{ kind: "complaint", reason: "feedback loop" }] },
    ]);
    expect((await run("suppress", "lookup", "any@example.org")).json()).toMatchObject([
      { suppressed: true, suppressions: [{ domain: "example.org", kind: "manual" }] },
    ]);
    const remove = ["suppress", "remove", "--email", "stop@example.jp", "--reason", "typing error"];
    expect(await run(...remove, "--scope", "all")).toMatchObject({ code: 1, stdout: "" });
    expect(await run(...remove, "--scope", "sender:sample", "--reason", " ")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--reason is empty") as unknown,
    });
    expect((await run(...remove, "--scope", "sender:sample")).json()).toMatchObject([
      { removed: [{ kind: "complaint" }] },
    ]);
    expect((await run("suppress", "lookup", "stop@example.jp")).json()).toMatchObject([
      { suppressed: false, suppressions: [] },
    ]);
  });

  test.each([
    ["ｔａｒｏ@example.jp", /half-width/],
    ["*@example.jp", /whole domain/],
  ])("by hand: none for %s, which is nobody's address", async (email, words) => {
    const stops = [
      ["suppress", "add", "--email", email],
      ["consent", "withdraw", "--email", email, "--sender", "sample", "--all-topics"],
    ];
    for (const stop of stops) {
      const { code, stderr } = await run(...stop);
      expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
    }
  });

  test("by file: added once, never shortened, and back out again", async () => {
    expect((await run("suppress", "import", table("suppressions.csv"))).json()).toMatchObject([
      { rows: 4, recorded: 4 },
    ]);
    expect((await run("suppress", "import", table("suppressions.csv"))).json()).toMatchObject([
      { good: 4, recorded: 0 },
    ]);
    const shorter = join(workplace.folder, "shorter.csv");
    writeFileSync(
      shorter,
      "email,kind,scope,expires_at\ngone@example.jp,hard-bounce,all,2027-01-01\nbrief@example.jp,,,2027-01-01\n",
    );
    expect((await run("suppress", "import", shorter)).json()).toMatchObject([{ recorded: 0 }]);
    const exported = await run("suppress", "export");
    expect(exported.stdout.split("\r\n").toSorted()).toEqual(
      [
        "",
        "email,kind,scope,reason,expires_at",
        "*@example.org,manual,all,,",
        "*@closed.example,manual,stream:newsletter,廃業,2030-12-31T15:00:00.000Z",
        "brief@example.jp,import,all,,2030-12-31T15:00:00.000Z",
        'gone@example.jp,hard-bounce,all,"550 5.1.1, no such user",',
        "loud@example.jp,complaint,sender:sample,,",
      ].toSorted(),
    );
  });

  test.each([
    [["add", "--email", "a@example.jp", "--kind", "whim"], /--kind whim.*allowed: hard-bounce/],
    [["add", "--email", "a@example.jp", "--scope", "stream:x"], /--scope stream:x.*allowed: all/],
    [["add"], /--email ADDRESS or --domain DOMAIN/],
    [["add", "--email", "a@example.jp", "--domain", "example.jp"], /either/],
    [["add", "--domain", "localhost"], /--domain localhost.*without a dot/],
    [["remove", "--email", "a@example.jp", "--scope", "all"], /--reason/],
  ] as const)("suppress %j is wrong usage and says why", async (args, problem) => {
    const result = await run("suppress", ...args);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toMatch(problem);
  });
});
