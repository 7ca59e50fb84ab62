// Delivery: builds pool, router, preparer and pump, and runs until it is closed. The states stand in pump.ts.
import type { Indexer } from "../consent/address-index.ts";
import type { Ledger } from "../consent/ledger.ts";
import type { Resolver } from "../dns/resolver.ts";
import type { ValidatingResolver } from "../dns/validating-resolver.ts";
import type { EarlierBounces } from "../feedback/earlier-bounces.ts";
import type { ReplyClassifier } from "../feedback/reply-class.ts";
import type { Address } from "../mail/address.ts";
import type { Domain } from "../mail/domain.ts";
import { createMessageId } from "../mail/message-id.ts";
import type { Stream } from "../policy/stream.ts";
import type { RetryPlan } from "../queue/retry.ts";
import type { Lease, QueueStore, Settlement } from "../queue/store.ts";
import { attempt, type AttemptParts } from "./attempt.ts";
import type { Claims } from "./claims.ts";
import type { HeaderLines } from "./compose.ts";
import { noticeSettlement } from "./delay-notices.ts";
import { createHeadStart, type HeadStart } from "./head-start.ts";
import type { Log } from "./log.ts";
import { matchDomain } from "./match-domain.ts";
import { createPace, type Pace, type PaceResult } from "./pace/pace.ts";
import { keepPace } from "./pace/pace-keeper.ts";
import { createPool, type Pool } from "./pool.ts";
import { createPreparer, type BodyChange } from "./prepare.ts";
import type { Pausable } from "./pauses.ts";
import type { MaxAge } from "./overdue.ts";
import { createPump, type PumpParts } from "./pump.ts";
import { createReportCap } from "./report-cap.ts";
import { createRouter } from "./route.ts";
import { defaultTimeouts, matchRoute, type DeliverySettings } from "./settings.ts";
import { overdueSettlement, postponed, type SettlementContext } from "./settlement.ts";
import { createSettler, type Settler } from "./settler.ts";
import type { Signer } from "./signer.ts";
import { createTlsDesk, type TlsDesk } from "./tls/tls-desk.ts";
import type { TlsReportSender } from "./tls/tls-reporter.ts";
import { createTrust } from "./trust.ts";

export interface DeliveryParts {
  readonly settings: DeliverySettings;
  readonly queue: QueueStore;
  readonly ledger: Pick<Ledger, "lookUp">;
  readonly indexer: Indexer;
  readonly stream: (id: string) => Stream | undefined;
  readonly signer: Signer;
  readonly resolver: Pick<Resolver, "mx" | "a" | "aaaa" | "host" | "txt">;
  /** undefined: DANE is not looked for. */
  readonly validating?: ValidatingResolver;
  /** What replies mean: the table of config/replies.yaml. */
  readonly classifier: ReplyClassifier;
  /** In whose name daily TLS reports go to domains that ask for them; undefined: none are sent. */
  readonly tlsReports?: TlsReportSender;
  /** Fields that a stream wants added or taken out for one recipient. Not asked for reports. */
  readonly headers?: (lease: Lease) => HeaderLines;
  /** What a stream wants changed in the content for one recipient. Not asked for reports. */
  readonly body?: (lease: Lease) => BodyChange | undefined;
  /** What failed for a person before; absent: only what is certain at once teaches the ledger. */
  readonly earlierBounces?: EarlierBounces;
  /** Told of each attempt's settlement once it is durable, and what it asks of the pace; must not throw. */
  readonly settled?: (settlement: Settlement, lease: Lease, pace: PaceResult) => void;
  /** MAIL FROM in place of the client's for one recipient (VERP); undefined: the client's own. Not asked for reports. */
  readonly returnPath?: (lease: Lease) => Address | undefined;
  /** Name of this process among those that share the queue; the same after a restart. */
  readonly owner: string;
  readonly clock: () => Date;
  readonly log: Log;
  /** In [0, 1). */
  readonly random?: () => number;
}

export interface Delivery extends AsyncDisposable {
  /** New mail may be due. Cheap: call it after each accept. */
  readonly nudge: () => void;
  /** Stores new mail by `store` and begins its attempts at once where there is room: claims.ts. */
  readonly handOver: Claims["handOver"];
  /** Sends the TLS reports of the days that are over; it does so by itself too. */
  readonly reportTls: () => Promise<{ readonly sent: number }>;
  /** No new attempt begins for it; attempts under way end by themselves. */
  readonly pause: (what: Pausable, by?: string) => void;
  /** Lifts what the same `by` paused; it goes on once nobody pauses it any more. */
  readonly resume: (what: Pausable, by?: string) => void;
  /** Other paces from now on: those of the shaping file and of `delivery.pace`. */
  readonly reshape: Pace["reshape"];
  readonly counts: () => {
    readonly running: number;
    readonly waiting: number;
    readonly connections: number;
    readonly idleConnections: number;
  };
  /** Begins nothing new, gives back what waits, and lets attempts end; after `graceSeconds` it cuts their connections. */
  readonly close: (graceSeconds: number) => Promise<void>;
}

const disposeGraceSeconds = 20;

/** Throws RangeError where a setting cannot be used. */
export function startDelivery(parts: DeliveryParts): Delivery {
  const { settings, queue, log, clock, owner } = parts;
  const pool = createPool({
    hostname: settings.hostname,
    trust: createTrust(settings.authorities ?? []),
    timeouts: settings.timeouts ?? defaultTimeouts,
    maxMessagesPerConnection: settings.maxMessagesPerConnection,
    idleMax: settings.maxConnections,
  });
  const contextFor = contextMaker(parts);
  const tls = createTlsDesk({
    ...parts,
    ...(parts.tlsReports === undefined ? {} : { reportSender: parts.tlsReports }),
  });
  const pace = paceOf(settings, clock);
  const headStart = headStartOf(parts);
  const attemptParts = attemptPartsOf(parts, { pool, tls, pace, headStart }, contextFor);
  const settler = createSettler(queue, owner, log);
  const pump = createPump({
    queue,
    owner,
    settings,
    pace,
    clock,
    monotonic: () => performance.now(),
    log,
    headStart,
    ...endingsOf(parts, settler, attemptParts),
    maxAge: maxAgeOf(settings),
    delayNoticeMs: (settings.delayNoticeSeconds ?? 0) * 1000,
  });
  const keeper = keepPace({ stateDir: settings.stateDir, pace, waits: pump.waits, log });
  const close = async (graceSeconds: number): Promise<void> => {
    keeper[Symbol.dispose]();
    pump.stop();
    pool.close();
    await Promise.race([pump.done(), after(graceSeconds * 1000)]);
    pool.destroy();
    await Promise.race([pump.done(), after(cutMs)]);
    settler.stop();
    await Promise.race([pump.done(), after(cutMs)]);
    tls.close();
  };
  return {
    nudge: pump.nudge,
    handOver: pump.handOver,
    reportTls: tls.report,
    pause: (what, by = "") => {
      pump.pause(what, by);
    },
    resume: (what, by = "") => {
      pump.resume(what, by);
    },
    reshape: pace.reshape,
    counts: () => {
      const { open, idle } = pool.counts();
      return { ...pump.counts(), connections: open, idleConnections: idle };
    },
    close,
    [Symbol.asyncDispose]: () => close(disposeGraceSeconds),
  };
}

/** What becomes of a lease. */
function endingsOf(
  { settled }: DeliveryParts,
  settler: Settler,
  attemptParts: AttemptParts,
): Pick<PumpParts, "run" | "giveBack" | "expire" | "notify"> {
  const { contextFor } = attemptParts;
  return {
    run: async (lease, atHand) => {
      const attempted = await attempt(lease, attemptParts, atHand);
      await settler.settle(attempted.settlement);
      attempted.release();
      settled?.(attempted.settlement, lease, attempted.pace);
      return { pace: attempted.pace, queuedMore: "report" in attempted.settlement };
    },
    giveBack: async (lease) => {
      await settler.settle(await postponed(lease, "given-back", contextFor(lease)));
    },
    notify: async (lease) => {
      await settler.settle(await noticeSettlement(lease, contextFor(lease)));
    },
    expire: async (lease) => {
      const settlement = await overdueSettlement(lease, contextFor(lease));
      await settler.settle(settlement);
      settled?.(settlement, lease, "unsent");
    },
  };
}

function paceOf(settings: DeliverySettings, clock: () => Date): Pace {
  return createPace({
    shaping: settings.shaping ?? { groups: [], ladder: [] },
    sources: settings.sources ?? [],
    maxOf: (destination) =>
      // A smarthost is the operator's own: bounded by all connections only.
      destination !== undefined && matchRoute(settings.routes, destination)?.via.kind === "host"
        ? settings.maxConnections
        : settings.maxConnectionsPerDestination,
    clock,
  });
}

function maxAgeOf(settings: DeliverySettings): MaxAge {
  const { maxAgeSeconds, retryDestinations = [] } = settings;
  const all = [
    maxAgeSeconds,
    ...retryDestinations.map((own) => own.maxAgeSeconds ?? maxAgeSeconds),
  ];
  return {
    of: (destination) => planOf(settings, destination).maxAgeSeconds * 1000,
    least: Math.min(...all) * 1000,
  };
}

function planOf(settings: DeliverySettings, destination: Domain): RetryPlan {
  const { retryScheduleSeconds: scheduleSeconds, maxAgeSeconds } = settings;
  const own = settings.retryDestinations?.find((each) => matchDomain(each.domain, destination));
  return {
    scheduleSeconds: own?.scheduleSeconds ?? scheduleSeconds,
    maxAgeSeconds: own?.maxAgeSeconds ?? maxAgeSeconds,
  };
}

type ContextFor = (lease: Lease) => SettlementContext;

function contextMaker(parts: DeliveryParts): ContextFor {
  const { settings, indexer, queue, clock, random = Math.random } = parts;
  const delayTold = new Set<string>();
  const mayReport = createReportCap(settings.maxReportsPerHour ?? Infinity, clock);
  return (lease) => {
    const now = clock();
    return {
      plan: planOf(settings, lease.destination),
      delayNoticeSeconds: settings.delayNoticeSeconds ?? 0,
      mayReport,
      delayTold,
      hostname: settings.hostname,
      language: settings.reportLanguage,
      now,
      random: random(),
      reportId: () => createMessageId(now),
      subject: indexer.address,
      // A report without the message's header is better than none.
      content: () => queue.content(lease.messageId).catch(() => undefined),
      ...(parts.earlierBounces === undefined ? {} : { earlierBounces: parts.earlierBounces }),
    };
  };
}

function headStartOf({ settings, queue, signer, headers, body }: DeliveryParts): HeadStart {
  const monotonic = (): number => performance.now();
  const preparer = createPreparer({
    queue,
    signer,
    hostname: settings.hostname,
    headers: (lease) => (lease.notification ? noHeaders : (headers?.(lease) ?? noHeaders)),
    body: (lease) => (lease.notification ? undefined : body?.(lease)),
    monotonic,
  });
  return createHeadStart(preparer, monotonic);
}

function attemptPartsOf(
  parts: DeliveryParts,
  made: {
    readonly pool: Pool;
    readonly tls: TlsDesk;
    readonly pace: Pace;
    readonly headStart: HeadStart;
  },
  contextFor: ContextFor,
): AttemptParts {
  const { settings, random = Math.random } = parts;
  const { pool, tls, pace, headStart } = made;
  return {
    ...parts,
    preparer: headStart,
    router: createRouter({ ...parts, random, policies: tls.policies }),
    pool,
    tls,
    pacing: pace,
    perHostMax: settings.maxConnectionsPerDestination,
    timeouts: settings.timeouts ?? defaultTimeouts,
    contextFor,
  };
}

const noHeaders: HeaderLines = { add: [], remove: [] };
const cutMs = 5000; // what a cut connection's attempt needs to be recorded

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
