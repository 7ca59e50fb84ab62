// Composition root: builds every part from Config, starts them in order, stops them in reverse.
import type { Config } from "./config/config.ts";
import { startAdministration, takeUpCertificate } from "./administration.ts";
import type { Delivery } from "./delivery/worker.ts";
import { startDomainCare, type DomainCare } from "./domain-care.ts";
import { openInForce } from "./in-force.ts";
import { fewerConnections, openFilesMax } from "./health/open-files.ts";
import type { ShownCertificate } from "./health/certificate-watch.ts";
import { startIncoming, type Incoming } from "./incoming.ts";
import { createJudge } from "./intake/judge.ts";
import { createPages } from "./pages/pages.ts";
import { createObservedCounts } from "./intake/observed.ts";
import { createLog } from "./log.ts";
import { ensureKeys, openOffice, startUpkeep, type Office } from "./office.ts";
import {
  openReplyTable,
  paceBounds,
  startOutgoing,
  watchOtherProcesses,
  watchPauses,
} from "./outgoing.ts";
import { createReload } from "./reload/reload.ts";
import { tell, type Taker } from "./reload/takeover.ts";
import { openReturns } from "./returns/returns.ts";
import { createAnswerCounts } from "./smtp/answer-counts.ts";
import { createToReply } from "./smtp/answer.ts";
import { createLoad, type SharedLoad } from "./smtp/load.ts";
import { keepCertificates, keepVigil } from "./vigil.ts";

/** A running gateway. Disposing it drains: no new mail, attempts under way end, then the stores close. */
export interface Gateway extends AsyncDisposable {
  readonly office: Office;
  /** Ports of the SMTP listeners. */
  readonly smtpPorts: readonly number[];
  readonly httpPort: number;
  readonly care: DomainCare;
  /** Takes up what was changed in the configuration file; says in log, audit log and metrics what came of it. Never rejects. */
  readonly reload: () => Promise<void>;
}

// Together with the cutting of what does not end (10 s in delivery) under the 30 that supervisors allow.
const httpGraceSeconds = 4;
const stopSeconds = 17;

export async function startGateway(config: Config): Promise<Gateway> {
  const log = createLog({ level: config.logLevel });
  await using stack = new AsyncDisposableStack();
  const office = stack.use(await openOffice(config, { role: "gateway", log }));
  const inForce = await openInForce(office);
  await makeKeys(office);
  const { freezes } = office.storage;
  const paused = { freezes: await freezes.list(), pauses: await freezes.pauses() };
  const patience = createPatience();
  void office.storage.lost.then(patience.lose);
  const classifier = stack.use(openReplyTable(office));
  const returns = stack.use(await openReturns(office));
  const delivery = startOutgoing(office, classifier, returns);
  const watch = stack.use(watchPauses(office, delivery, paused));
  stack.defer(() => delivery.close(patience.left()));
  stack.use(watchOtherProcesses(office, delivery));
  stack.use(startUpkeep(office));
  const care = stack.use(await startDomainCare(office, delivery));
  const judge = stack.use(createJudge());
  const pages = stack.use(createPages({ settings: config.pages, resolver: office.resolver, log }));
  const observed = createObservedCounts();
  const load = makeLoad(office);
  const answers = createAnswerCounts(createToReply(config.http.publicUrl));
  const shared = { delivery, judge, pages, observed, load, answers, returns };
  const incoming = stack.use(await startIncoming(office, { ...shared, senderHold: care.holds }));
  const takers: Taker[] = [
    incoming,
    returns,
    classifier,
    takeUpPaces(config, delivery),
    tell(({ logLevel }) => {
      log.level = logLevel;
    }),
  ];
  const afterwards = async (): Promise<void> => {
    await makeKeys(office);
    await care.follow();
  };
  const reload = createReload({ office, takers, inForce, afterwards });
  stack.use(inForce.watch(reload.again));
  const { loop } = stack.use(keepVigil(office));
  const running = { ...shared, care, incoming, reload, loop, freezes: watch.freezes };
  const http = await startAdministration(office, running);
  const https = takeUpCertificate(office, http);
  takers.push(https);
  stack.defer(() => http.close(httpGraceSeconds));
  stack.use(keepCertificates(office, () => shownBy(incoming, https)));
  stack.defer(patience.begin);
  const httpPort = http.port;
  log.info(
    {
      hostname: config.hostname,
      smtpPorts: incoming.ports(),
      httpPort,
      masterKey: office.secrets.fingerprint,
    },
    "gateway started",
  );
  const parts = stack.move();
  return {
    office,
    get smtpPorts() {
      return incoming.ports();
    },
    httpPort,
    care,
    reload: reload.run,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function makeLoad({ config: { smtp, delivery }, log }: Office): SharedLoad {
  const openFiles = openFilesMax();
  const connections = fewerConnections(openFiles, {
    wanted: smtp.maxConnections,
    outgoing: delivery.maxConnections,
  });
  if (connections !== undefined)
    log.warn(
      { openFiles, connections },
      "the system lets this process open too few files for smtp.max_connections: raise it (LimitNOFILE, ulimit -n)",
    );
  return createLoad({
    connectionsMax: connections ?? smtp.maxConnections,
    connectionsPerAddressMax: smtp.maxConnectionsPerAddress,
    bytesInFlightMax: smtp.maxBytesInFlight,
  });
}

/**
 * Of the time that stopping may take, delivery has what the parts that end before it left; a second where storage was lost:
 * nothing that it waits for can be written down, and the next start waits for its end.
 */
function createPatience(): {
  readonly begin: () => void;
  readonly lose: () => void;
  readonly left: () => number;
} {
  let began = 0;
  let wholeSeconds = stopSeconds;
  return {
    begin: () => {
      began = performance.now();
    },
    lose: () => {
      wholeSeconds = 0;
    },
    left: () => Math.max(1, wholeSeconds - (performance.now() - began) / 1000),
  };
}

function shownBy(
  smtp: Pick<Incoming, "certificate">,
  https: { readonly certificate: () => string | undefined },
): readonly ShownCertificate[] {
  const ofHttp = https.certificate();
  return [
    { setting: "smtp.tls", cert: smtp.certificate() },
    ...(ofHttp === undefined ? [] : [{ setting: "http.tls" as const, cert: ofHttp }]),
  ];
}

async function makeKeys(office: Office): Promise<void> {
  for (const key of await ensureKeys(office, "gateway"))
    office.log.warn(
      { domain: key.domain, record: key.record.name },
      "DKIM key made; publish its record: sekisho keys list",
    );
}

function takeUpPaces(config: Config, delivery: Pick<Delivery, "reshape">): Taker {
  let current = JSON.stringify(paceBounds(config));
  return {
    prepare: (next) => {
      const bounds = paceBounds(next);
      const text = JSON.stringify(bounds);
      return Promise.resolve({
        commit: () => {
          current = text;
          delivery.reshape(bounds);
        },
        abandon: () => Promise.resolve(),
        also: text === current ? [] : ["delivery (paces)"],
      });
    },
  };
}
