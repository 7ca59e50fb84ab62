// Files that people write: the configuration and tables of consents.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";

import { ConfigError } from "../../src/config/config-error.ts";
import { parseConfig } from "../../src/config/load.ts";
import { planReload } from "../../src/config/reload-plan.ts";
import { createIndexer } from "../../src/consent/address-index.ts";
import { createCsvSplitter } from "../../src/exchange/csv-splitter.ts";
import { importFile } from "../../src/exchange/import-file.ts";
import { consentTable } from "../../src/exchange/tables.ts";
import { settled } from "./must.ts";
import { mutated } from "./mutations.ts";
import type { FuzzTarget } from "./targets.ts";

const good = `version: 1
hostname: gw.example.jp
smtp:
  timeouts: { command: "5m" }
  listeners:
    - { host: 0.0.0.0, port: 587, tls: starttls, auth: required }
    - { port: 2525, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: news }
http: { public_url: "https://gw.example.jp" }
senders:
  - id: sample
    legal:
      names: ["SAMPLE"]
      addresses: ["Tokyo 1-2-3"]
      contacts: ["03-0000-0000"]
      opt_out_hosts: [u.example.jp]
    domains: [example.jp]
streams:
  - { id: news, sender: sample, class: marketing, topic: news, rules: [jp], on_violation: refuse }
delivery:
  routes: [{ domain: "*", via: mx }]
  retry: { schedule: ["5m", "1h"], max_age: "4d" }
`;
const yamlWords = [
  "\n",
  "  ",
  ":",
  "- ",
  "{",
  "}",
  "[",
  "]",
  "&a",
  "*a",
  "!!js",
  "|",
  ">",
  "#",
  "null",
  "~",
  "-1",
  "1e400",
  "0x10",
  "true",
  "''",
  '"',
  "__proto__: 1\n",
  "constructor: {}",
  "? ",
  "---\n",
  "%TAG",
  "\t",
  "<<: *a",
  "port: 70000",
  "id: news",
  "via: smtp://",
  "0.0.0.0/0",
  "5y",
  "\u0000",
];

/** A configuration, or every problem with its place and remedy; never any other error. */
export const configTarget: FuzzTarget = {
  name: "configuration",
  weight: 1,
  run: ({ seed, runs }) =>
    settled(() => {
      const running = parseConfig(good, "/etc/sekisho/gateway.yaml");
      fc.assert(
        fc.property(mutated([good], yamlWords, 4), (text) => {
          try {
            const config = parseConfig(text, "/etc/sekisho/gateway.yaml");
            planReload(running, config);
          } catch (error) {
            if (!(error instanceof ConfigError)) throw error;
            if (error.problems.length === 0) throw new Error("refused for no reason");
            if (error.problems.some(({ problem, remedy }) => problem === "" || remedy === ""))
              throw new Error("a problem without words");
          }
        }),
        { seed, numRuns: runs },
      );
    }),
};

const table = [
  "email,sender,topic,basis,granted_at,method,source,wording,evidence,expires_at",
  "taro@example.jp,sample,news,consent,2026-01-05T00:00:00+09:00,web-form,https://www.example.jp/,,,",
  '"hanako@example.jp",sample,news,consent,2026/1/5 9:00,paper,"box ""7"", shelf 3",,,',
  "",
].join("\r\n");
const csvWords = [
  ",",
  '"',
  '""',
  "\r\n",
  "\n",
  "\r",
  "\t",
  ";",
  "=cmd()",
  "@",
  "sample",
  "news",
  "consent",
  "2026-13-45",
  "\ufeff",
  "\xef\xbb\xbf",
  "\x82\xa0",
  "\xff",
  "\0",
  "expires_at",
  "email",
];

/** Rows do not depend on where the file was cut; each row is good or bad, with the same count every time. */
export const csvTarget: FuzzTarget = {
  name: "CSV tables",
  weight: 1,
  run: async ({ seed, runs }) => {
    const folder = mkdtempSync(join(tmpdir(), "sekisho-fuzz-"));
    const file = join(folder, "table.csv");
    const kind = consentTable(
      {
        importConsents: () => ({
          pack: () => Buffer.alloc(16),
          store: () => Promise.resolve({ recorded: 0 }),
        }),
      },
      {
        indexer: createIndexer(Buffer.alloc(32, 1)),
        senders: [{ id: "sample", topics: ["news"] }],
        streams: [],
        zone: 540,
        now: new Date("2026-06-01T00:00:00Z"),
        trusted: new Set(),
      },
    );
    const judge = (): Promise<string> =>
      importFile(file, kind, { map: {}, set: {}, dryRun: true, skipBadRows: true }).then(
        (report) => {
          if (report.kind === "ok" && report.value.good + report.value.bad < report.value.rows)
            throw new Error("a row that is neither good nor bad");
          return JSON.stringify(report);
        },
      );
    try {
      await fc.assert(
        fc.asyncProperty(mutated([table], csvWords), fc.nat(), async (text, cut) => {
          const at = cut % (text.length + 1);
          if (rowsOf([text]) !== rowsOf([text.slice(0, at), text.slice(at)]))
            throw new Error("cut elsewhere, it is another table");
          writeFileSync(file, text, "latin1");
          if ((await judge()) !== (await judge())) throw new Error("read twice, it is two tables");
        }),
        { seed, numRuns: runs },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function rowsOf(pieces: readonly string[]): string {
  const splitter = createCsvSplitter(",");
  const rows = pieces.flatMap((piece, index) => splitter.feed(piece, index === pieces.length - 1));
  return JSON.stringify([rows, splitter.broken()]);
}
