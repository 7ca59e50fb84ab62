// What administration needs, composed: configuration, secrets, stores, names. No listener: it works beside a running gateway.
import type { Config } from "./config/config.ts";
import { loadSecrets, otherMasterKey, type Secrets } from "./config/secrets.ts";
import { createIndexer, type Indexer } from "./consent/address-index.ts";
import type { Act } from "./consent/ledger.ts";
import { generateKey } from "./dkim/generate.ts";
import { SelectorTaken, type KeyAct, type KeyInfo, type KeyStore } from "./dkim/key.ts";
import { nextSelector } from "./dkim/selector.ts";
import { createResolver, type Resolver } from "./dns/resolver.ts";
import { allRoles, type Role } from "./identity/rights.ts";
import { createLog, type Log } from "./log.ts";
import type { Sender, Stream } from "./policy/stream.ts";
import { createBreachedList } from "./storage/breached-list.ts";
import { backUp, stageBackup } from "./storage/backup.ts";
import { carryOver, type CarriedOver } from "./storage/carry-over.ts";
import { OtherMasterKey, sealedDatabase } from "./storage/master-key.ts";
import { openStorage, type Storage } from "./storage/open.ts";

/** `config`, `senders` and `streams` are those of now: who keeps one of them keeps what was before the next reload. */
export interface Office extends AsyncDisposable {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly storage: Storage;
  readonly indexer: Indexer;
  readonly senders: readonly Sender[];
  readonly streams: readonly Stream[];
  /** Puts another configuration in the place of this one, of the same data and keys. */
  readonly adopt: (config: Config) => void;
  /** Every role that people can have, by name. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Whether a password is on the configured list of leaked ones. */
  readonly breached: (password: string) => Promise<boolean>;
  readonly resolver: Resolver;
  readonly log: Log;
  readonly clock: () => Date;
}

/**
 * Opens the stores of `config`; makes data directory and master key where there are none. Throws ConfigError where the
 * master key is missing beside a database, or another than the database's.
 */
export async function openOffice(
  config: Config,
  options: {
    readonly role?: "office" | "gateway";
    readonly log?: Log;
  } = {},
): Promise<Office> {
  const secrets = loadSecrets(config.masterKeyFile, {
    sealed: sealedDatabase({ url: config.storageUrl, dataDir: config.dataDir }),
    command: config.masterKeyCommand,
  });
  // What can fail comes before the storage: its threads would keep the process, and its lock, for ever.
  const roles = rolesOf(config);
  const resolver = createResolver({
    servers: config.dns.servers,
    timeoutMs: config.dns.timeoutMs,
  });
  const log = options.log ?? createLog({ level: "warn" });
  const storage = await openStorage({
    url: config.storageUrl,
    dataDir: config.dataDir,
    keysDir: config.keysDir,
    secrets,
    role: options.role ?? "office",
  }).catch((error: unknown) => {
    if (!(error instanceof OtherMasterKey)) throw error;
    throw otherMasterKey(secrets, error.database, error.expected);
  });
  let current = config;
  return {
    get config() {
      return current;
    },
    get senders() {
      return current.senders;
    },
    get streams() {
      return current.streams;
    },
    adopt: (next) => {
      current = next;
    },
    secrets,
    storage,
    indexer: createIndexer(secrets.index),
    roles,
    breached:
      config.people.breachedFile === undefined
        ? () => Promise.resolve(false)
        : createBreachedList(config.people.breachedFile),
    resolver,
    log,
    clock: () => new Date(),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

const upkeepMs = 60_000;

/** Ends what nobody decided in time, and sessions that are over. */
export function startUpkeep({ storage, config, clock, log }: Office): Disposable {
  const run = async (): Promise<void> => {
    const now = clock();
    await storage.approvals.expire(now);
    const { maxSeconds, idleSeconds } = config.people.session;
    const before = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
    await storage.sessions.sweep(before(maxSeconds), before(idleSeconds));
  };
  const timer = setInterval(() => {
    run().catch((cause: unknown) => {
      log.error({ err: cause }, "upkeep failed; it is tried again in a minute");
    });
  }, upkeepMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function rolesOf(config: Config): ReadonlyMap<string, Role> {
  const roles = allRoles(config.people.roles);
  if (roles.kind === "bad") throw new Error(`people.roles: ${roles.problem}`);
  return roles.value;
}

/** Database and signing keys into `folder`, beside a running gateway; told of in the audit log, the copy included. */
export async function backUpOffice(office: Office, folder: string, actor: string): Promise<void> {
  const { config, storage, clock } = office;
  await storage.audit.append([
    { type: "Operation", at: clock(), actor, detail: { change: "backup" } },
  ]);
  backUp({ ...config, url: config.storageUrl }, folder);
}

const pausedAtOnce = 1000;

/** What the data that are there know of stops cannot be brought over. */
export class StopsUnreadable extends Error {
  override readonly name = "StopsUnreadable";
}

export interface Restored {
  /** Recipients that were waiting. */
  readonly paused: number;
  /** Where the data that were there are now. */
  readonly aside?: string;
  /** What came over from them; absent: nothing was asked of them. */
  readonly carriedOver?: CarriedOver;
}

/**
 * Puts a backup in the place of the data. Whatever waits in it may have been sent since: it is paused, for a person to
 * release or drop (threats.md row 60), before the backup is where a gateway would deliver from it. With `carry`, who said stop
 * or was erased since is brought over from the data that are there. Throws where the master key is missing or another, and
 * StopsUnreadable; what is there then stays.
 */
export async function restoreOffice(
  config: Config,
  folder: string,
  act: { readonly actor: string; readonly reason: string },
  carry: boolean,
): Promise<Restored> {
  const at = new Date();
  using staged = stageBackup({ ...config, url: config.storageUrl }, folder);
  const { url: storageUrl, keysDir } = staged;
  const ready = await makeReady(
    { ...config, storageUrl, keysDir },
    { ...act, at },
    carry && staged.replaces ? config : undefined,
  );
  const aside = staged.install(at);
  return { ...ready, ...(aside === undefined ? {} : { aside }) };
}

/** `from`: of the data that have more than the backup. */
async function makeReady(
  config: Config,
  act: { readonly actor: string; readonly reason: string; readonly at: Date },
  from: Config | undefined,
): Promise<Omit<Restored, "aside">> {
  await using office = await openOffice(config);
  await expectMasterKey(office);
  const paused = await pauseAll(office, act);
  const carriedOver = from === undefined ? undefined : await carryFrom(from, office, act);
  await office.storage.audit.append([
    {
      type: "Operation",
      at: act.at,
      actor: act.actor,
      detail: {
        change: "restore",
        reason: act.reason,
        paused,
        ...carriedOver,
      },
    },
  ]);
  return { paused, ...(carriedOver === undefined ? {} : { carriedOver }) };
}

async function carryFrom(config: Config, to: Office, act: Act): Promise<CarriedOver> {
  try {
    await using from = await openOffice(config);
    return await carryOver(from.storage, to.storage, act);
  } catch (cause) {
    throw new StopsUnreadable(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Resolves to the number of recipients that were waiting. */
async function pauseAll(
  { storage: { queue } }: Office,
  act: { readonly actor: string; readonly reason: string; readonly at: Date },
): Promise<number> {
  const { at } = act;
  // Nobody delivers from a backup: what its gateway had leased waits like the rest, and counts as uncertain.
  await queue.recover({ owner: gatewayOwner, now: at, retryAt: at });
  let paused = 0;
  for (;;) {
    const { items } = await queue.list({ states: ["waiting"], limit: pausedAtOnce });
    if (items.length === 0) break;
    const ids = items.map(({ id }) => id);
    const changed = await queue.change(ids, "hold", act);
    if (changed.length === 0) throw new Error("what waits in the queue cannot be paused");
    paused += changed.length;
  }
  return paused;
}

/** Throws where a signing key is there and does not open. */
async function expectMasterKey({ storage: { keys } }: Office): Promise<void> {
  for (const { domain, selector } of await keys.list())
    await keys.privateKey(domain, selector).catch((error: unknown) => {
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isMissing) throw error;
    });
}

/** Name of the gateway among those that lease from its queue. */
export const gatewayOwner = "gateway";

const firstTriesMax = 5; // starts cut off within a minute, between the file of a key and its row

/** An RSA-2048 key for each From domain that has none; resolves to those made. */
export async function ensureKeys(office: Office, actor: string): Promise<readonly KeyInfo[]> {
  const known = new Set((await office.storage.keys.list()).map((key) => key.domain));
  const made: KeyInfo[] = [];
  for (const domain of new Set(office.senders.flatMap((sender) => sender.domains))) {
    if (known.has(domain)) continue;
    const at = office.clock();
    const privateKey = await generateKey({ algorithm: "rsa", bits: 2048 });
    const key = await addFirst(office, { domain, privateKey }, { actor, at });
    made.push(key);
    if (!office.config.dkim.requirePublished) {
      await office.storage.keys.setState(domain, key.selector, "active", {
        actor,
        at,
        reason: "closed network",
      });
    }
  }
  return made;
}

/** Under the first selector of the day that is free: what another start left when it was cut off may hold the one before. */
async function addFirst(
  { storage }: Office,
  pair: Omit<Parameters<KeyStore["add"]>[0], "selector">,
  act: KeyAct,
): Promise<KeyInfo> {
  const taken: string[] = [];
  for (;;) {
    const selector = nextSelector("rsa", taken, act.at);
    try {
      return await storage.keys.add({ ...pair, selector }, act);
    } catch (error) {
      if (!(error instanceof SelectorTaken) || taken.length === firstTriesMax) throw error;
      taken.push(selector);
    }
  }
}
