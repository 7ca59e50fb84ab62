// Values from the environment: text is text, whatever YAML would make of it, and each key has one source.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { applyEnvironment } from "./environment.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sekisho-test-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function fileWith(text: string): string {
  const file = join(folder, "value");
  writeFileSync(file, text);
  return file;
}

const banner = (text: string): unknown => ({ people: { banner: text } });

test.each([
  ["a number sign", "/srv/my data #1", "/srv/my data #1"],
  ["a colon", "注意: 記録", "注意: 記録"],
  ["digits", "0123456789", "0123456789"],
  ["a word of YAML's", "null", "null"],
  ["brackets", "[関所]", "[関所]"],
  ["space around", "  関所 ", "関所"],
  ["quotes around", '"a #b \\"c\\""', 'a #b "c"'],
  ["single quotes around", "'it''s'", "it's"],
  ["quotes in it", '"a" and "b"', '"a" and "b"'],
])("text with %s is taken as it is", (_what, given, expected) => {
  for (const environment of [
    { SEKISHO_PEOPLE_BANNER: given },
    { SEKISHO_PEOPLE_BANNER_FILE: fileWith(`${given}\n`) },
  ]) {
    const { value, problems } = applyEnvironment({}, environment);
    expect(problems).toEqual([]);
    expect(value).toEqual(banner(expected));
  }
});

test("what is no text is YAML", () => {
  const { value, problems } = applyEnvironment(
    {},
    {
      SEKISHO_HTTP_PORT: "9000",
      SEKISHO_DKIM_REQUIRE_PUBLISHED: "false",
      SEKISHO_DNS_SERVERS: '["127.0.0.1:53", "[::1]:53"] # both',
      SEKISHO_PEOPLE_OIDC_ROLES: "{ staff: [operator] }",
    },
  );
  expect(problems).toEqual([]);
  expect(value).toEqual({
    http: { port: 9000 },
    dkim: { require_published: false },
    dns: { servers: ["127.0.0.1:53", "[::1]:53"] },
    people: { oidc: { roles: { staff: ["operator"] } } },
  });
});

test("a value and a file for one key is a problem, in whichever order they come", () => {
  const both = [
    ["SEKISHO_HOSTNAME", "gw.example.jp"],
    ["SEKISHO_HOSTNAME_FILE", fileWith("other.example.jp")],
  ] as const;
  for (const order of [both, both.toReversed()])
    expect(applyEnvironment({}, Object.fromEntries(order))).toEqual({
      value: { hostname: "gw.example.jp" },
      problems: [
        {
          path: "SEKISHO_HOSTNAME_FILE",
          problem: "is given beside SEKISHO_HOSTNAME",
          remedy: "Unset one of the two.",
        },
      ],
    });
});

test("a key that ends with _file is no file for another", () => {
  const environment = { SEKISHO_SMTP_TLS_CERT_FILE: "a.pem", SEKISHO_MASTER_KEY_FILE: "k" };
  expect(applyEnvironment({}, environment)).toEqual({
    value: { smtp: { tls: { cert_file: "a.pem" } }, master_key: { file: "k" } },
    problems: [],
  });
});
