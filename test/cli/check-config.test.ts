// check-config against what a start would refuse: the files that the configuration names.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { createWorkplace, sekisho } from "../support/gateway-process.ts";

test("names each file that is named and cannot be used, with its setting", async () => {
  using place = createWorkplace(`
smtp: { tls: { cert_file: c.pem, key_file: k.pem } }
http: { tls: { cert_file: paces.yaml, key_file: k.pem } }
delivery: { shaping_file: paces.yaml, replies_file: none.yaml }
people: { password: { breached_file: leaked.txt } }
`);
  const at = (name: string): string => join(place.folder, name);
  writeFileSync(at("paces.yaml"), "receivers: [");
  writeFileSync(at("k.pem"), "");
  mkdirSync(at("keys"));
  writeFileSync(at("keys/master.key"), "abc", { mode: 0o600 });
  const said = await sekisho(place.configFile, "check-config");
  expect(said.code).toBe(2);
  for (const line of [
    `smtp.tls: ${at("c.pem")} does not exist`,
    `http.tls: ${at("paces.yaml")} holds no certificate in PEM`,
    `delivery.shaping_file: ${at("paces.yaml")} cannot be read as YAML. Correct it`,
    `delivery.replies_file: ${at("none.yaml")} does not exist. Name a file`,
    `people.password.breached_file: ${at("leaked.txt")} does not exist`,
    `master_key: ${at("keys/master.key")} is not 32 octets in base64`,
  ])
    expect(said.stderr).toContain(`  ${line}`);
});

test("makes nothing: neither a master key nor a certificate", async () => {
  using place = createWorkplace("");
  const said = await sekisho(place.configFile, "check-config");
  expect(said.stderr).toContain("is good");
  expect(readdirSync(place.folder)).toEqual(["gateway.yaml"]);
});
