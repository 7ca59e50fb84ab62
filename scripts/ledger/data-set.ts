// Builds the ledger that the benchmark asks, the way an import stores: spooled, sorted, in chunks.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { loadConfig } from "../../src/config/load.ts";
import type { ConsentImport } from "../../src/consent/ledger.ts";
import { createSpool, type Spool } from "../../src/exchange/spool.ts";
import { openOffice } from "../../src/office.ts";
import { workplaceYaml } from "../../test/support/gateway-process.ts";
import { eventsOf } from "./people.ts";

const chunkRows = 2000; // as an import's
const underWayMax = 2;

export interface DataSet {
  readonly folder: string;
  readonly configFile: string;
}

/** Made once: `folder` holds a file `complete` when it is whole; what an interrupted run left is made anew. */
export async function ensureDataSet(
  folder: string,
  people: number,
  report: (name: string, value: number) => void,
): Promise<DataSet> {
  const configFile = join(folder, "gateway.yaml");
  const complete = join(folder, "complete");
  if (existsSync(complete)) return { folder, configFile };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(configFile, workplaceYaml(""));
  const start = performance.now();
  await using office = await openOffice(loadConfig(configFile));
  await using spool = createSpool();
  const target = office.storage.ledger.importConsents();
  for (let number = 0; number < people; number += 1) {
    for (const consent of eventsOf(office.indexer, number)) {
      const wait = spool.add(target.pack(consent));
      if (wait !== undefined) await wait;
    }
    if (number % 500_000 === 0) tell("made", number / people);
  }
  await storeAll(spool, target, people * 2);
  writeFileSync(complete, "");
  const seconds = (performance.now() - start) / 1000;
  report("build_seconds", Math.round(seconds));
  report("build_rows_per_second", Math.round((people * 2) / seconds));
  return { folder, configFile };
}

async function storeAll(spool: Spool, target: ConsentImport, rows: number): Promise<void> {
  const underWay: Promise<unknown>[] = [];
  let stored = 0;
  let chunk: Uint8Array[] = [];
  const store = async (): Promise<void> => {
    underWay.push(target.store(chunk));
    stored += chunk.length;
    chunk = [];
    if (underWay.length > underWayMax) await underWay.shift();
  };
  for await (const some of spool.rows()) {
    for (const row of some) {
      chunk.push(row);
      if (chunk.length === chunkRows) await store();
    }
    tell("stored", stored / rows);
  }
  await store();
  await Promise.all(underWay);
}

let told = "";

function tell(what: string, share: number): void {
  const line = `${what} ${Math.round(share * 20) * 5} %`;
  if (line !== told) process.stderr.write(`${line}\n`);
  told = line;
}
