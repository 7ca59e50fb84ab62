// Writes docs/reference/ from the code it describes; with --check it fails where a page is stale instead.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { apiPage } from "./docs/api-page.ts";
import { commandPage } from "./docs/command-page.ts";
import { dnsPage } from "./docs/dns-page.ts";
import { configurationPage } from "./docs/configuration-page.ts";
import { libraryPage } from "./docs/library-page.ts";
import { rightsPage } from "./docs/rights-page.ts";
import { reasonPage } from "./docs/reason-page.ts";
import { threatPage } from "./docs/threat-page.ts";
import { describeRules } from "../src/policy/describe.ts";

const root = join(import.meta.dirname, "..");

const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  "docs/reference/configuration.md": configurationPage,
  "docs/reference/replies.md": reasonPage,
  "docs/reference/dns.md": dnsPage,
  "docs/reference/rights.md": rightsPage,
  "docs/reference/api.md": apiPage,
  "docs/reference/commands.md": commandPage,
  "docs/reference/rules.md": describeRules,
  "docs/reference/libraries.md": libraryPage,
  "docs/threats.md": threatPage,
};

const check = process.argv.includes("--check");
const stale: string[] = [];
for (const [path, write] of Object.entries(pages)) {
  const file = join(root, path);
  const text = await write();
  const current = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (current === text) continue;
  if (check) stale.push(path);
  else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}
if (stale.length > 0) {
  console.error(`stale: ${stale.join(", ")}. Run: npm run docs`);
  process.exitCode = 1;
}
