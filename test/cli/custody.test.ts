// sekisho keys, credential and token, as an operator runs them, command by command.
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startDnsStub, type DnsStub } from "../support/dns-stub.ts";
import { runHere } from "../support/command-here.ts";
import { createWorkplace, type CommandResult, type Workplace } from "../support/gateway-process.ts";

let dns: DnsStub;
let place: Workplace;
beforeAll(async () => {
  dns = await startDnsStub({});
  place = createWorkplace(`dns: { servers: ["${dns.server}"] }`);
  const config = readFileSync(place.configFile, "utf8");
  writeFileSync(
    place.configFile,
    config.replace("require_published: false", "require_published: true"),
  );
});
afterAll(async () => {
  place[Symbol.dispose]();
  await dns[Symbol.asyncDispose]();
});

const run = (...args: readonly string[]): Promise<CommandResult> =>
  runHere(place.configFile, ...args);

test("a key is made, refused without its record, activated with it, and retired in two steps", async () => {
  const made = await run("keys", "create", "--domain", "example.jp");
  const [key] = made.json() as {
    selector: string;
    record: { name: string; value: string; strings: string[] };
  }[];
  if (key === undefined) throw new Error(made.stderr);
  expect(made.json()[0]).toMatchObject({
    domain: "example.jp",
    algorithm: "rsa",
    bits: 2048,
    state: "pending",
    record: { type: "TXT", name: `${key.selector}._domainkey.example.jp` },
  });
  expect(made.stderr).toMatch(/^Publish this record; the running gateway lets the key sign/);
  const which = ["--domain", "example.jp", "--selector", key.selector];
  const early = await run("keys", "activate", ...which);
  expect([early.code, early.stdout]).toEqual([1, ""]);
  expect(early.stderr).toContain(`${key.record.name}. IN TXT "v=DKIM1; k=rsa; p=`);
  dns.zones[key.record.name] = { TXT: [key.record.strings] };
  expect((await run("keys", "publish", ...which)).json()[0]).toMatchObject({ state: "published" });
  expect((await run("keys", "activate", ...which)).json()[0]).toMatchObject({ state: "active" });
  const listed = await run("keys", "list", "--json");
  expect(listed.json().filter((each) => each["state"] === "active")).toHaveLength(1);
  const retiring = await run("keys", "retire", ...which, "--reason", "test");
  expect([retiring.json()[0]?.["state"], retiring.stderr]).toEqual([
    "retiring",
    "mail from example.jp waits until another RSA key is active\n",
  ]);
  expect((await run("keys", "retire", ...which)).json()[0]).toMatchObject({ state: "retired" });
  expect((await run("keys", "activate", ...which)).code).toBe(1);
});

test("the wrong key's record is not enough", async () => {
  const made = await run("keys", "create", "--domain", "example.jp", "--algorithm", "ed25519");
  const other = await run("keys", "create", "--domain", "example.jp", "--algorithm", "ed25519");
  const [key, another] = [made, other].map(
    (each) => each.json()[0] as { selector: string; record: { name: string; value: string } },
  );
  if (key === undefined || another === undefined) throw new Error(made.stderr);
  dns.zones[key.record.name] = { TXT: [another.record.value] };
  const answer = await run(
    "keys",
    "activate",
    "--domain",
    "example.jp",
    "--selector",
    key.selector,
  );
  expect([answer.code, answer.stderr.includes("carries another public key")]).toEqual([1, true]);
});

test("an own key is imported, one of 1024 bits is not, and a domain of no sender is told of", async () => {
  for (const bits of [1024, 2048]) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
    writeFileSync(
      join(place.folder, `${bits}.pem`),
      privateKey.export({ type: "pkcs8", format: "pem" }),
    );
  }
  const flags = ["--domain", "other.example", "--selector", "old2020"];
  const short = await run("keys", "import", join(place.folder, "1024.pem"), ...flags);
  expect([short.code, short.stderr]).toEqual([1, expect.stringContaining("1024 bits is refused")]);
  const good = await run("keys", "import", join(place.folder, "2048.pem"), ...flags);
  expect([good.code, good.json()[0]?.["selector"]]).toEqual([0, "old2020"]);
  expect(good.stderr).toContain("other.example is a domain of no sender yet");
  expect((await run("keys", "import", join(place.folder, "2048.pem"), ...flags)).code).toBe(1);
  expect((await run("keys", "import", place.configFile, ...flags)).code).toBe(1);
});

test("DNS records that lack a key say so, and are whole once it is made", async () => {
  using fresh = createWorkplace("");
  const records = (): Promise<CommandResult> =>
    runHere(fresh.configFile, "dns", "records", "--json");
  const before = await records();
  expect(before.stdout).not.toContain("_domainkey");
  const make = "sekisho keys create --domain example.jp";
  expect(before.stderr).toContain(
    `example.jp has no signing key yet, so its DKIM record is left out: ${make}`,
  );
  await runHere(fresh.configFile, ...make.split(" ").slice(1));
  const after = await records();
  expect(after.stdout).toContain("_domainkey.example.jp");
  expect(after.stderr).not.toContain("no signing key");
});

test("a rotation of a domain of no sender tells so", async () => {
  const typo = await run("keys", "rotate", "--domain", "exmaple.jp");
  expect(typo.stderr).toContain("exmaple.jp is a domain of no sender yet");
});

test.each([
  ["keys", "create"],
  ["keys", "create", "--domain", "nodots"],
  ["keys", "create", "--domain", "example.jp", "--bits", "1024"],
  ["keys", "create", "--domain", "example.jp", "--algorithm", "dsa"],
  ["credential", "create", "--stream", "nowhere", "--name", "x"],
  ["credential", "create", "--stream", "newsletter", "--name", "x", "--range", "10.0.0.0/99"],
  ["token", "create", "--name", "x", "--scopes", "everything"],
  ["token", "create", "--name", "x", "--scopes", "*", "--sender", "nobody"],
  ["token", "create", "--name", "x", "--scopes", "*", "--expires", "2020-01-01"],
])("%s %s %s is a usage error", async (...args) => {
  const answer = await run(...args);
  expect([answer.code, answer.stdout]).toEqual([2, ""]);
  expect(answer.stderr).not.toBe("");
});

test("a credential is printed once, rotates with an overlap, and is revoked", async () => {
  const made = await run(
    "credential",
    "create",
    "--stream",
    "newsletter",
    "--name",
    "MA",
    "--range",
    "127.0.0.0/8",
  );
  const { username, password } = made.json()[0] as { username: string; password: string };
  expect(Buffer.from(password, "base64url")).toHaveLength(16);
  const rotated = await run("credential", "rotate", username, "--overlap", "4h");
  expect(rotated.json()[0]?.["password"]).not.toBe(password);
  const listed = await run("credential", "list");
  expect(listed.json()[0]).toMatchObject({
    username,
    name: "MA",
    stream: "newsletter",
    ranges: ["127.0.0.0/8"],
  });
  expect(listed.stdout).not.toMatch(/hash|secrets/);
  expect((await run("credential", "revoke", username)).json()[0]).toHaveProperty("revokedAt");
  expect((await run("credential", "rotate", username)).code).toBe(1);
  expect((await run("credential", "revoke", "nobody")).code).toBe(1);
});

test("a token is printed once and revoked", async () => {
  const made = await run("token", "create", "--name", "ci", "--scopes", "held:read messages:read");
  const { id, token } = made.json()[0] as { id: string; token: string };
  expect(token).toMatch(new RegExp(`^sk_${id}_[A-Za-z0-9_-]{22}$`));
  const listed = await run("token", "list");
  expect(listed.json()[0]).toMatchObject({ id, scopes: ["held:read", "messages:read"] });
  expect(listed.stdout).not.toContain(token.slice(-22));
  expect((await run("token", "revoke", id)).json()[0]).toHaveProperty("revokedAt");
});

test("a token can be limited to a sender", async () => {
  const made = await run("token", "create", "--name", "a", "--scopes", "*", "--sender", "sample");
  const { id } = made.json()[0] as { id: string };
  const listed = (await run("token", "list")).json() as readonly { readonly id: string }[];
  expect(listed.find((each) => each.id === id)).toMatchObject({ senders: ["sample"] });
});

test("no private key lies readable on the disk, in the log, or in what commands print", async () => {
  const record = await run("log", "search", "--type", "KeyChange");
  expect(record.json().length).toBeGreaterThan(5);
  expect(record.stdout).not.toContain("PRIVATE");
  const files = readdirSync(place.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".pem"))
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.filter((path) => readFileSync(path).includes("PRIVATE KEY"))).toEqual([]);
  const keys = files.filter((path) => path.endsWith(".key"));
  expect(keys.length).toBeGreaterThanOrEqual(4);
  expect(keys.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);
});
