// Imports a consents table in a process of its own and says so after each chunk, so that a test can kill it midway.
import { openOffice } from "../../src/office.ts";
import { loadConfig } from "../../src/config/load.ts";
import { importFile } from "../../src/exchange/import-file.ts";
import { consentTable } from "../../src/exchange/tables.ts";

const [configFile = "", path = ""] = process.argv.slice(2);
await using office = await openOffice(loadConfig(configFile));
const table = consentTable(office.storage.ledger, {
  indexer: office.indexer,
  senders: [{ id: "sample", topics: ["news"] }],
  streams: [],
  zone: 540,
  now: new Date(),
  trusted: new Set(),
});
const open: typeof table.open = (origin) => {
  const { pack, store } = table.open(origin);
  return {
    pack,
    store: async (rows) => {
      const recorded = await store(rows);
      process.stdout.write(`${recorded}\n`);
      return recorded;
    },
  };
};
await importFile(path, { ...table, open }, { map: {}, set: {}, dryRun: false, skipBadRows: false });
