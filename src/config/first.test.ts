// The first configuration: a good one, whose data and keys lie where whoever wrote it looks for them.
import { expect, test } from "vitest";

import { firstConfig } from "./first.ts";
import { parseConfig } from "./load.ts";

const facts = {
  hostname: "gw.example.jp",
  sender: "main",
  name: "株式会社サンプル商事",
  contact: [],
  optOutHost: [],
  domain: ["example.jp"],
};

test.each([
  ["/srv/sekisho/gateway.yaml", "/srv/sekisho"],
  ["/etc/sekisho/gateway.yaml", "/etc/sekisho"],
  ["/srv/sekisho/config/gateway.yaml", "/srv/sekisho"],
])("%s has its data in %s", (file, folder) => {
  const config = parseConfig(firstConfig(facts, file), file);
  expect([config.dataDir, config.keysDir]).toEqual([`${folder}/data`, `${folder}/keys`]);
});
