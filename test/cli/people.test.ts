// People, approvals and the kill switch from the command line, on the real store.
import { readFileSync, writeFileSync } from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import { runHere } from "../support/command-here.ts";
import { createWorkplace, type CommandResult, type Workplace } from "../support/gateway-process.ts";

let workplace: Workplace;
beforeAll(() => {
  workplace = createWorkplace("");
  const text = readFileSync(workplace.configFile, "utf8");
  const domains = "domains: [example.jp]";
  writeFileSync(
    workplace.configFile,
    text.replace(domains, `${domains}\n    approvals: [suppression-removal, export]`),
  );
});
afterAll(() => {
  workplace[Symbol.dispose]();
});

const run = (...args: readonly string[]): Promise<CommandResult> =>
  runHere(workplace.configFile, ...args);

test("makes, lists, disables, enables and resets people; shows a password once and no hash ever", async () => {
  const made = await run(
    "user",
    "create",
    "--email",
    "hanako@example.co.jp",
    "--role",
    "administrator",
  );
  expect(made.json()).toMatchObject([{ email: "hanako@example.co.jp", roles: ["administrator"] }]);
  expect(made.json()[0]?.["password"]).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
  const again = await run("user", "create", "--email", "HANAKO@example.co.jp", "--role", "guest");
  expect([again.code, again.stdout]).toEqual([1, ""]);
  const limited = ["--role", "operator,approver", "--sender", "sample"];
  await run("user", "create", "--email", "taro@example.co.jp", ...limited);
  const list = await run("user", "list");
  expect(list.json()).toHaveLength(2);
  expect(list.stdout).not.toMatch(/argon2|"password"/);
  expect((await run("user", "disable", "hanako@example.co.jp")).stderr).toMatch(
    /last administrator/,
  );
  const disabled = await run("user", "disable", "taro@example.co.jp", "--reason", "left");
  expect(disabled.json()[0]?.["disabledAt"]).not.toBeNull();
  expect((await run("user", "enable", "taro@example.co.jp")).json()[0]?.["disabledAt"]).toBeNull();
  const reset = await run("user", "reset", "taro@example.co.jp");
  expect(reset.json()[0]?.["password"]).not.toBe(made.json()[0]?.["password"]);
});

test("people are listed as over HTTP, with whom they stand in for", async () => {
  for (const name of ["jiro", "saburo"])
    await run("user", "create", "--email", `${name}@example.co.jp`, "--role", "approver,approver");
  const whom = ["saburo@example.co.jp", "--for", "jiro@example.co.jp"];
  await run("user", "deputy", ...whom, "--until", "2099-12-31");
  const people = (await run("user", "list")).json();
  const [jiro, saburo] = ["jiro", "saburo"].map((name) =>
    people.find(({ email }) => email === `${name}@example.co.jp`),
  );
  expect(saburo).toMatchObject({
    roles: ["approver"],
    singleSignOn: false,
    deputyOf: [{ user: jiro?.["id"], until: "2099-12-31T15:00:00.000Z" }],
  });
});

test.each([
  [["user", "create", "--email", "x@example.jp", "--role", "king"], 2, /allowed: administrator/],
  [["user", "create", "--email", "x", "--role", "guest"], 2, /local@domain/],
  [
    ["user", "create", "--email", "x@example.jp", "--role", "guest", "--sender", "y"],
    2,
    /allowed: sample/,
  ],
  [["user", "disable", "nobody@example.jp"], 1, /user list/],
  [["freeze", "stream:none", "--reason", "x"], 2, /allowed: all, sender:sample/],
  [["freeze", "all"], 2, /--reason/],
  [["freeze", "--reason", "wrong list"], 2, /missing required argument 'scope'/],
  [["unfreeze", "newsletter"], 2, /allowed: all, sender:sample/],
  [["unfreeze", "stream:gone"], 1, /not frozen/],
  [["queue", "pause", "--stream", "newsleter"], 2, /allowed: newsletter/],
  [["queue", "pause", "--sender", "none"], 2, /allowed: sample/],
  [["queue", "resume", "--stream", "gone"], 1, /not paused/],
  [["unfreeze", "all"], 1, /not frozen/],
  [["approval", "approve", "none"], 1, /approval list/],
] as const)("%j ends with %i and says what is allowed", async (args, code, problem) => {
  const result = await run(...args);
  expect([result.code, result.stdout]).toEqual([code, ""]);
  expect(result.stderr).toMatch(problem);
});

test("a deputy's last day is one in Japan, to its end", async () => {
  const people = ["first@example.co.jp", "second@example.co.jp"];
  for (const email of people) await run("user", "create", "--email", email, "--role", "approver");
  const deputy = ["user", "deputy", "first@example.co.jp", "--for", "second@example.co.jp"];
  for (const [until, end] of [
    ["2199-01-01", "2199-01-01T15:00:00.000Z"],
    ["2199/1/1", "2199-01-01T15:00:00.000Z"],
    ["2199-01-01T09:00:00+09:00", "2199-01-01T00:00:00.000Z"],
  ] as const) {
    const made = await run(...deputy, "--until", until);
    expect([made.code, made.json()[0]?.["until"]]).toEqual([0, end]);
  }
  const past = await run(...deputy, "--until", "2020-01-01");
  expect([past.code, past.stderr]).toEqual([
    2,
    "--until 2020-01-01 is past; give a time to come\n",
  ]);
});

test("a freeze outlives its stream's place in the configuration, and is lifted as the command says", async () => {
  const config = readFileSync(workplace.configFile, "utf8");
  const frozen = await run("freeze", "stream:newsletter", "--reason", "wrong list");
  const again = await run("freeze", "stream:newsletter", "--reason", "wrong list, in all");
  expect(again.json()).toEqual((await run("freeze", "list")).json());
  expect(again.json()[0]?.["at"]).toBe(frozen.json()[0]?.["at"]);
  const [, lift = ""] = /Lift it with: sekisho (.+)\n/.exec(frozen.stderr) ?? [];
  writeFileSync(workplace.configFile, config.replaceAll("newsletter", "letters"));
  const lifted = await run(...lift.split(" "));
  writeFileSync(workplace.configFile, config);
  expect(lifted.json()).toEqual([{ scope: "stream:newsletter", lifted: true }]);
});

test("law.md S107: the review names everybody with what to look at", async () => {
  await run("token", "create", "--name", "ci", "--scopes", "*");
  const review = await run("user", "review");
  expect(review.json()).toContainEqual(
    expect.objectContaining({
      kind: "token",
      name: "ci",
      remarks: ["never expires", "has every right"],
    }),
  );
  expect(review.json().some((line) => String(line["remarks"]).includes("no second factor"))).toBe(
    true,
  );
});

test("what the same person asked for at the command line, they cannot approve there", async () => {
  const email = ["--email", "gone@example.net"];
  await run("suppress", "add", ...email, "--kind", "manual", "--scope", "all");
  const asked = await run("suppress", "remove", ...email, "--scope", "all", "--reason", "asked");
  const id = String(asked.json()[0]?.["approval"]);
  expect((await run("suppress", "lookup", "gone@example.net")).stdout).toContain("manual");
  const approved = await run("approval", "approve", id);
  expect([approved.code, approved.stderr]).toEqual([1, expect.stringMatching(/second person/)]);
  const act = { kind: "suppression-removal", scope: { kind: "all" }, address: "gone@example.net" };
  for (const shown of [await run("approval", "list"), await run("approval", "show", id)])
    expect(shown.json()[0]).toHaveProperty("act", act);
  const since = ["--since", "2026-01-01"];
  for (const bulk of [
    ["log", "export"],
    ["log", "opt-outs", ...since],
    ["consent", "export"],
    ["consent", "export", "--sender", "sample"],
    ["suppress", "export"],
  ]) {
    const asking = await run(...bulk);
    expect([bulk, asking.code, asking.json()]).toMatchObject([bulk, 0, [{ state: "open" }]]);
    const wanted = String(asking.json()[0]?.["approval"]);
    expect(asking.stderr).toMatch(
      new RegExp(`approval approve ${wanted}, by.*\n.*same command with --approval ${wanted}`),
    );
  }
});
