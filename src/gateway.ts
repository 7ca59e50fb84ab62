// Composition root: builds every part from Config, starts them in order, stops them in reverse.
import type { Config } from "./config/config.ts";
import { loadSecrets, type Secrets } from "./config/secrets.ts";
import { createIndexer, type Indexer } from "./consent/address-index.ts";
import { createLog, type Log } from "./log.ts";
import type { Sender, Stream } from "./policy/stream.ts";
import { openStorage, type Storage } from "./storage/open.ts";

/** What administration needs: stores and names, no listener. Works beside a running gateway on the same data. */
export interface Office extends AsyncDisposable {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly storage: Storage;
  readonly indexer: Indexer;
  readonly senders: readonly Sender[];
  readonly streams: readonly Stream[];
  readonly log: Log;
  readonly clock: () => Date;
}

/** Opens the stores of `config`; makes data directory and master key where there are none. */
export async function openOffice(
  config: Config,
  options: { readonly role?: "office" | "gateway"; readonly log?: Log } = {},
): Promise<Office> {
  const log = options.log ?? createLog({ level: "warn" });
  const secrets = loadSecrets(config.masterKeyFile, { create: true });
  const storage = await openStorage({
    url: config.storageUrl,
    dataDir: config.dataDir,
    keysDir: config.keysDir,
    secrets,
    role: options.role ?? "office",
    log,
  });
  return {
    config,
    secrets,
    storage,
    indexer: createIndexer(secrets.index),
    senders: config.senders,
    streams: config.streams,
    log,
    clock: () => new Date(),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

/** A running gateway. `close` drains: no new mail, attempts under way end, then the stores close. */
export interface Gateway {
  readonly close: (why: string) => Promise<void>;
}

export async function startGateway(config: Config): Promise<Gateway> {
  const log = createLog({ level: config.logLevel });
  const office = await openOffice(config, { role: "gateway", log });
  log.info({ hostname: config.hostname }, "gateway started");
  return {
    close: async (why) => {
      log.info({ why }, "gateway stopping");
      await office[Symbol.asyncDispose]();
    },
  };
}
