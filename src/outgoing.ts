// Composes delivery from Config, and keeps it in step with what commands beside the gateway change.
import { statSync } from "node:fs";
import { networkInterfaces } from "node:os";

import { ConfigError } from "./config/config-error.ts";
import type { Config } from "./config/config.ts";
import { readReplies, repliesFile } from "./config/replies.ts";
import { readShaping, shapingFile } from "./config/shaping.ts";
import {
  parseRate,
  parseShaping,
  type Shaping,
  type SourceShape,
} from "./delivery/pace/shaping.ts";
import type { TlsReportSender } from "./delivery/tls/tls-reporter.ts";
import type { Pausable } from "./delivery/pauses.ts";
import { startDelivery, type Delivery } from "./delivery/worker.ts";
import { createSigner } from "./dkim/sign.ts";
import { createValidatingResolver } from "./dns/validating-resolver.ts";
import { createReloadingClassifier } from "./feedback/reloading-classifier.ts";
import { createReplyClassifier, type ReplyClassifier } from "./feedback/reply-class.ts";
import { parseReplyRules } from "./feedback/reply-rules.ts";
import { parseAddress } from "./mail/address.ts";
import { parseDomain } from "./mail/domain.ts";
import { gatewayOwner, type Office } from "./office.ts";
import type { Taker } from "./reload/takeover.ts";
import type { Returns } from "./returns/returns.ts";
import type { FreezeStore, FreezeTarget, PauseTarget } from "./queue/freeze.ts";

const otherProcessesPollMs = 500; // a command beside the gateway releases or retries mail: seen within a second
const repliesPollMs = 2000;

/** Throws ConfigError where the table of replies or of paces is bad. */
export function startOutgoing(
  office: Office,
  classifier: ReplyClassifier,
  returns: Pick<Returns, "outgoing">,
): Delivery {
  const { config, storage } = office;
  const reportSender = tlsReportSender(office);
  return startDelivery({
    settings: {
      hostname: config.hostname,
      ...config.delivery,
      ownAddresses: ownAddresses(),
      ...paceBounds(config),
    },
    queue: storage.queue,
    ledger: storage.ledger,
    indexer: office.indexer,
    stream: (id) => office.streams.find((stream) => stream.id === id),
    signer: createSigner({
      keys: storage.keys,
      clock: office.clock,
      requirePublished: config.dkim.requirePublished,
      verifyShare: config.dkim.verifyShare,
      sharesKey: (from, parent) =>
        office.senders.some(
          (sender) => sender.domains.includes(from) && sender.domains.includes(parent),
        ),
    }),
    resolver: office.resolver,
    ...(config.dns.validating.length === 0
      ? {}
      : {
          validating: createValidatingResolver({
            servers: config.dns.validating,
            timeoutMs: config.dns.timeoutMs,
          }),
        }),
    classifier,
    ...returns.outgoing,
    ...(reportSender === undefined ? {} : { tlsReports: reportSender }),
    owner: gatewayOwner,
    clock: office.clock,
    log: office.log,
  });
}

/** How fast mail may go where. Throws ConfigError where the table of paces is bad. */
export function paceBounds({ delivery }: Config): {
  readonly shaping: Shaping;
  readonly sources: readonly SourceShape[];
} {
  return { shaping: loadShaping(delivery.shapingFile), sources: delivery.pace.map(toSource) };
}

/** Throws ConfigError where the table is bad. */
export function readReplyTable(file: string = repliesFile): ReplyClassifier {
  const rules = parseReplyRules(readReplies(file));
  if (rules.kind === "bad") throw badFile(file, rules.problem);
  return createReplyClassifier(rules.value);
}

/** The table of replies, read again when its file changes and at each reload; a bad one is told and the old one stays. */
export function openReplyTable(office: Office): ReplyClassifier & Taker & Disposable {
  const { log } = office;
  const file = office.config.delivery.repliesFile ?? repliesFile;
  const classifier = createReloadingClassifier(() => readReplyTable(file));
  let seen = changedAt(file);
  const timer = setInterval(() => {
    const now = changedAt(file);
    if (now === seen) return;
    seen = now;
    try {
      classifier.prepare()();
      log.info({ file }, "table of replies read again");
    } catch (error) {
      log.error({ err: error }, "table of replies is bad: the old one stays");
    }
  }, repliesPollMs).unref();
  return {
    ...classifier,
    prepare: () => {
      const now = changedAt(file);
      const commit = classifier.prepare();
      return Promise.resolve({
        commit: () => {
          seen = now;
          commit();
        },
        abandon: () => Promise.resolve(),
        also: now === seen ? [] : ["delivery (replies)"],
      });
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
    },
  };
}

const pausesPollMs = 250; // kill switch and pauses work within a second, whichever process threw them

export interface PauseWatch extends Disposable {
  /** The kill switch for whoever throws it in this process: when a call resolves, delivery does as it says. */
  readonly freezes: FreezeStore;
}

/** Freezes stop what comes in too, pauses only what goes out: to delivery both are pauses, each lifted for itself. */
export function watchPauses(
  office: Office,
  delivery: Pick<Delivery, "pause" | "resume">,
  atStart: { readonly freezes: readonly FreezeTarget[]; readonly pauses: readonly PauseTarget[] },
): PauseWatch {
  const { freezes } = office.storage;
  const frozen = createFollower<FreezeTarget>(delivery, "freeze");
  const paused = createFollower<PauseTarget>(delivery, "operator");
  frozen.follow(atStart.freezes);
  paused.follow(atStart.pauses);
  let acts = 0; // A list that was read before an act of this process is older than what that act told delivery.
  const look = async (): Promise<void> => {
    const before = acts;
    const [allFrozen, allPaused] = await Promise.all([freezes.list(), freezes.pauses()]);
    if (acts !== before) return;
    frozen.follow(allFrozen);
    paused.follow(allPaused);
  };
  const timer = setInterval(() => {
    look().catch((cause: unknown) => {
      office.log.error({ err: cause }, "kill switch cannot be read");
    });
  }, pausesPollMs);
  const acted = <T>(act: Promise<T>, tell: (done: T) => void): Promise<T> =>
    act.then((done) => {
      acts += 1;
      tell(done);
      return done;
    });
  return {
    freezes: {
      list: () => freezes.list(),
      pauses: () => freezes.pauses(),
      freeze: (target, ...act) => acted(freezes.freeze(target, ...act), () => frozen.add(target)),
      lift: (target, ...act) =>
        acted(freezes.lift(target, ...act), (lifted) => {
          if (lifted) frozen.remove(target);
        }),
      pause: (target, ...act) => acted(freezes.pause(target, ...act), () => paused.add(target)),
      resume: (target, ...act) =>
        acted(freezes.resume(target, ...act), (resumed) => {
          if (resumed) paused.remove(target);
        }),
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

interface Follower<T> {
  /** Pauses what is new in the list, and resumes what is gone from it. */
  readonly follow: (now: readonly T[]) => void;
  readonly add: (target: T) => void;
  readonly remove: (target: T) => void;
}

function createFollower<T extends FreezeTarget | PauseTarget>(
  delivery: Pick<Delivery, "pause" | "resume">,
  by: string,
): Follower<T> {
  const known = new Map<string, Pausable>();
  const keyOf = ({ kind, name }: T): string => `${kind} ${name}`;
  const add = (target: T): void => {
    const what = toPausable(target);
    if (what === undefined || known.has(keyOf(target))) return;
    delivery.pause(what, by);
    known.set(keyOf(target), what);
  };
  const removeKey = (key: string): void => {
    const what = known.get(key);
    if (what === undefined) return;
    delivery.resume(what, by);
    known.delete(key);
  };
  return {
    add,
    remove: (target) => {
      removeKey(keyOf(target));
    },
    follow: (now) => {
      for (const target of now) add(target);
      const keys = new Set(now.map(keyOf));
      for (const key of known.keys()) if (!keys.has(key)) removeKey(key);
    },
  };
}

/** undefined: a destination that is no domain, which no mail can be for. */
function toPausable({ kind, name }: FreezeTarget | PauseTarget): Pausable | undefined {
  if (kind === "all") return { kind };
  if (kind !== "destination") return { kind, name };
  const domain = parseDomain(name);
  return domain.kind === "ok" ? { kind, name: domain.value } : undefined;
}

/** What a command beside this process made due is looked for; asking costs one read. */
export function watchOtherProcesses(office: Office, delivery: Delivery): Disposable {
  const timer = setInterval(() => {
    office.storage.queue.nextDue().then(
      (due) => {
        if (due !== undefined && due <= office.clock()) delivery.nudge();
      },
      (cause: unknown) => {
        office.log.debug({ err: cause }, "queue cannot be read");
      },
    );
  }, otherProcessesPollMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function loadShaping(file: string = shapingFile): Shaping {
  const shaping = parseShaping(readShaping(file));
  if (shaping.kind === "bad") throw badFile(file, shaping.problem);
  return shaping.value;
}

function badFile(file: string, problem: string): ConfigError {
  const remedy = "Correct it, or restore the file from the release";
  return new ConfigError(file, [{ path: "", problem, remedy }]);
}

function toSource(pace: Office["config"]["delivery"]["pace"][number]): SourceShape {
  const kind = pace.sender !== undefined ? "sender" : pace.stream !== undefined ? "stream" : "from";
  return {
    kind,
    name: pace.sender ?? pace.stream ?? (pace.from ?? "").toLowerCase(),
    rates: pace.rate.map(parseRate).filter((rate) => rate !== undefined),
    ...(pace.connections === undefined ? {} : { connections: pace.connections }),
    ...(pace.warm_up === undefined ? {} : { warmUp: new Date(`${pace.warm_up}T00:00:00Z`) }),
  };
}

/** The first stream whose sender signs for the address's domain; undefined: nobody can report. */
function tlsReportSender(office: Office): TlsReportSender | undefined {
  const { send, from } = office.config.delivery.tlsReports;
  const [first] = office.senders.flatMap((sender) => sender.domains);
  if (!send || first === undefined) return undefined;
  const address = parseAddress(from ?? `tls-reports@${first}`);
  if (address.kind === "bad") return undefined;
  const stream = office.streams.find(({ sender }) => sender.domains.includes(address.value.domain));
  return stream === undefined
    ? undefined
    : { from: address.value, stream: stream.id, sender: stream.sender.id };
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Delivery by MX never dials this machine itself. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map((address) => address.address);
}
