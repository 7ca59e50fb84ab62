// sekisho feedback explain and explain-reply, as an operator calls them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { runHere } from "../support/command-here.ts";
import { createWorkplace } from "../support/gateway-process.ts";

const workplace = createWorkplace("");
const config = workplace.configFile;
afterAll(() => {
  workplace[Symbol.dispose]();
});

const folder = new URL("../fixtures/bounces/", import.meta.url).pathname;

test("feedback explain prints one JSON object a file, in the contract's shape", async () => {
  const files = [`${folder}lhost-aol-03.eml`, `${folder}arf-02.eml`];
  const result = await runHere(config, "feedback", "explain", ...files, "--json");
  expect(result.code).toBe(0);
  const [bounce, complaint] = result.json();
  expect(bounce).toEqual({
    file: files[0],
    kind: "bounce",
    recipients: [
      {
        address: "sabineko@example.jp",
        status: "5.2.2",
        reason: "mailbox-full",
        permanent: false,
        diagnostic: "550 5.2.2 <sabineko@example.jp>... Mailbox Full",
      },
      {
        address: "mikeneko@example.jp",
        status: "5.1.1",
        reason: "user-unknown",
        permanent: true,
        diagnostic: "550 5.1.1 <mikeneko@example.jp>... User Unknown",
      },
    ],
  });
  expect(complaint).toMatchObject({ file: files[1], kind: "complaint" });
});

test("a file that cannot be read is exit code 1, and the others are explained", async () => {
  const result = await runHere(
    config,
    "feedback",
    "explain",
    `${folder}none.eml`,
    `${folder}arf-02.eml`,
    "--json",
  );
  expect(result.code).toBe(1);
  expect(result.json()).toHaveLength(1);
  expect(result.stderr).toContain("none.eml cannot be read");
});

test("explain-reply tells the class, and the line that the deciding rule was written for", async () => {
  const reply =
    "550 5.1.1 <a@example.jp>: Recipient address rejected: User unknown in local recipient table";
  const result = await runHere(config, "explain-reply", reply, "--phase", "rcpt", "--json");
  expect(result.json()).toMatchObject([
    { code: 550, enhanced: "5.1.1", reason: "user-unknown", permanent: true, by: "words" },
  ]);
  const [answer] = result.json();
  expect(String(answer?.["table"])).toMatch(/\/config\/replies\.yaml$/);
});

test("explain-reply goes by the table that the configuration names, and says so", async () => {
  const shipped = readFileSync(new URL("../../config/replies.yaml", import.meta.url), "utf8");
  const own = `rules:
  - reason: suspended
    lines:
      - { seen: "550 gone fishing", when: "gone fishing" }
`;
  writeFileSync(join(workplace.folder, "own.yaml"), shipped.replace(/^rules:\n/m, own));
  using other = createWorkplace(
    `delivery: { replies_file: ${join(workplace.folder, "own.yaml")} }`,
  );
  const reply = ["explain-reply", "550 5.0.0 Gone fishing", "--phase", "rcpt"] as const;
  const byOwn = await runHere(other.configFile, ...reply, "--json");
  expect(byOwn.json(), byOwn.stderr).toMatchObject([
    { reason: "suspended", rule: "550 gone fishing", table: join(workplace.folder, "own.yaml") },
  ]);
  const inWords = await runHere(other.configFile, ...reply);
  expect(inWords.stdout).toContain("as in: 550 gone fishing");
  expect(inWords.stdout).toContain("own.yaml");
  const byShipped = await runHere(config, ...reply, "--json");
  expect(byShipped.json()[0]?.["rule"]).not.toBe("550 gone fishing");
});

test("explain-reply says no where the named configuration is not there", async () => {
  const result = await runHere("none.yaml", "explain-reply", "550 no");
  expect(result.code).toBe(2);
  expect(result.stderr).toContain("none.yaml");
});

test.each([
  [["explain-reply", "hello", "--phase", "rcpt"]],
  [["explain-reply", "550 no", "--phase", "noon"]],
])("wrong usage is exit code 2: %j", async (args) => {
  expect((await runHere(config, ...args)).code).toBe(2);
});
