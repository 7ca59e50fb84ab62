// Composition root: builds every part from Config, starts them in order, stops them in reverse.
import { join } from "node:path";

import type { Config } from "./config/config.ts";
import { gatewayHosts } from "./config/gateway-hosts.ts";
import type { Delivery } from "./delivery/worker.ts";
import { startDomainCare, type DomainCare } from "./domain-care.ts";
import { createTokens } from "./consent/token.ts";
import { createDoubleOptIn, type DoubleOptIn } from "./feedback/double-opt-in.ts";
import { specimenLink } from "./feedback/opt-out-link.ts";
import type { HttpParts } from "./http/parts.ts";
import { startHttp, type HttpServer } from "./http/server.ts";
import { createCampaignGate } from "./intake/campaign.ts";
import { examine, withCrlf, type ExamineParts } from "./intake/examine.ts";
import { createIntake, type Intake } from "./intake/intake.ts";
import { createObservedCounts, type ObservedCounts } from "./intake/observed.ts";
import { createJudge, type Judge } from "./intake/judge.ts";
import { createLog } from "./log.ts";
import { ensureKeys, openOffice, startUpkeep, type Office } from "./office.ts";
import { createReturns, type Returns } from "./returns/returns.ts";
import { createAnswerCounts, type AnswerCounts } from "./smtp/answer-counts.ts";
import { openReplyTable, startOutgoing, watchOtherProcesses, watchPauses } from "./outgoing.ts";
import { createToReply } from "./smtp/answer.ts";
import { readCertificate, selfSignedCertificate, type Certificate } from "./smtp/certificate.ts";
import { startListener, type Listener } from "./smtp/listener.ts";
import { createLoad, type Load } from "./smtp/load.ts";
import { createLoginGuard } from "./smtp/login-guard.ts";

/** A running gateway. Disposing it drains: no new mail, attempts under way end, then the stores close. */
export interface Gateway extends AsyncDisposable {
  readonly office: Office;
  /** Ports of the SMTP listeners, in the order of the configuration. */
  readonly smtpPorts: readonly number[];
  readonly httpPort: number;
  readonly care: DomainCare;
}

const drainSeconds = 15; // with the HTTP server's and the store's own ends, under the 30 that supervisors allow

export async function startGateway(config: Config): Promise<Gateway> {
  const log = createLog({ level: config.logLevel });
  await using stack = new AsyncDisposableStack();
  const office = stack.use(await openOffice(config, { role: "gateway", log }));
  for (const key of await ensureKeys(office, "gateway")) {
    log.warn(
      { domain: key.domain, record: key.record.name },
      "DKIM key made; publish its record: sekisho keys list",
    );
  }
  const { freezes } = office.storage;
  const paused = { freezes: await freezes.list(), pauses: await freezes.pauses() };
  const classifier = stack.use(openReplyTable(office));
  const returns = stack.use(createReturns(office));
  const delivery = startOutgoing(office, classifier, returns);
  stack.use(watchPauses(office, delivery, paused));
  stack.defer(() => delivery.close(drainSeconds));
  stack.use(watchOtherProcesses(office, delivery));
  stack.use(startUpkeep(office));
  const care = stack.use(await startDomainCare(office, delivery));
  const judge = stack.use(createJudge());
  const observed = createObservedCounts();
  const intake = stack.use(startIncoming(office, { delivery, judge, care, observed }));
  const load = createLoad({
    connectionsMax: config.smtp.maxConnections,
    connectionsPerAddressMax: config.smtp.maxConnectionsPerAddress,
    bytesInFlightMax: config.smtp.maxBytesInFlight,
  });
  const answers = createAnswerCounts(createToReply(config.http.publicUrl));
  const listeners = await startListeners(office, { intake, load, answers, returns }, stack);
  const smtpPorts = listeners.map((listener) => listener.port);
  const running = { judge, load, delivery, care, answers, intake, returns, observed };
  const http = await startAdministration(office, running);
  stack.defer(() => http.close());
  const httpPort = http.port;
  log.info(
    { hostname: config.hostname, smtpPorts, httpPort, masterKey: office.secrets.fingerprint },
    "gateway started",
  );
  const parts = stack.move();
  return { office, smtpPorts, httpPort, care, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

function startIncoming(
  office: Office,
  running: {
    readonly delivery: Delivery;
    readonly judge: Judge;
    readonly care: DomainCare;
    readonly observed: ObservedCounts;
  },
): Intake {
  const { delivery, judge, care, observed } = running;
  const { config, storage } = office;
  return createIntake({
    ...storage,
    queue: {
      counts: () => storage.queue.counts(),
      accept: (message, recipients, events) =>
        delivery.handOver(message, recipients, (claim) =>
          storage.queue.accept(message, recipients, events, claim),
        ),
    },
    streams: office.streams,
    indexer: office.indexer,
    clock: office.clock,
    limits: {
      recipientsMax: config.smtp.maxRecipients,
      queuedRecipientsMax: queuedRecipientsMax,
      queuedBytesMax: queuedBytesMax,
    },
    messagesPerMinute: new Map(
      config.streams
        .filter((stream) => stream.maxMessagesPerMinute > 0)
        .map((stream) => [stream.id, stream.maxMessagesPerMinute]),
    ),
    campaignGate: createCampaignGate({
      campaigns: storage.campaigns,
      queue: storage.queue,
      headers: config.approval.campaignHeaders,
      expiresSeconds: config.approval.expiresSeconds,
      clock: office.clock,
    }),
    senderHold: care.holds,
    judge,
    observed,
    log: office.log,
    hostname: config.hostname,
    gatewayHosts: gatewayHosts(config),
    ...optOutLinkOf(config),
    deduplicate: config.smtp.deduplicate,
    toReply: createToReply(config.http.publicUrl),
  });
}

const queuedRecipientsMax = 10_000_000; // rows: the store's measured depth without slower leasing
const queuedBytesMax = 20_000_000_000; // content waiting on disk; beyond it clients are deferred

async function startListeners(
  office: Office,
  running: {
    readonly intake: Intake;
    readonly load: Load;
    readonly answers: AnswerCounts;
    readonly returns: Pick<Returns, "feedback">;
  },
  stack: AsyncDisposableStack,
): Promise<readonly Listener[]> {
  const { config } = office;
  const { intake, load, answers } = running;
  const { feedback } = running.returns;
  const certificate = await serverCertificate(office);
  const loginGuard = createLoginGuard(() => performance.now());
  const listeners: Listener[] = [];
  for (const options of config.smtp.listeners) {
    const listener = await startListener(options, {
      hostname: config.hostname,
      intake,
      ...(feedback === undefined ? {} : { feedback }),
      certificate,
      toReply: answers.toReply,
      load,
      loginGuard,
      log: office.log,
      limits: {
        messageBytesMax: config.smtp.maxMessageBytes,
        commandMilliseconds: config.smtp.commandTimeoutMs,
        transactionMilliseconds: config.smtp.transactionTimeoutMs,
        bareLf: config.smtp.bareLf,
      },
      dsn: true,
    });
    stack.defer(() => listener.close(drainSeconds));
    listeners.push(listener);
  }
  return listeners;
}

/** Administration, health and what recipients see, over HTTP. */
function startAdministration(
  office: Office,
  running: {
    readonly judge: Judge;
    readonly load: Load;
    readonly delivery: Delivery;
    readonly intake: Intake;
    readonly care: DomainCare;
    readonly answers: AnswerCounts;
    readonly returns: Returns;
    readonly observed: ObservedCounts;
  },
): Promise<HttpServer> {
  const { config, storage, resolver } = office;
  const { tls, ...http } = config.http;
  const { publicUrl } = http;
  const examination: ExamineParts = {
    hostname: config.hostname,
    gatewayHosts: gatewayHosts(config),
    ...optOutLinkOf(config),
    maxMessageBytes: config.smtp.maxMessageBytes,
    clock: office.clock,
    toReply: createToReply(publicUrl),
    judge: running.judge,
    papers: { ledger: storage.ledger, indexer: office.indexer },
  };
  return startHttp(
    {
      ...http,
      ...(tls === undefined ? {} : { tls: readCertificate(tls) }),
      maxMessageBytes: config.smtp.maxMessageBytes,
      requirePublished: config.dkim.requirePublished,
    },
    {
      ...storage,
      indexer: office.indexer,
      resolver,
      senders: office.senders,
      streams: office.streams,
      roles: office.roles,
      people: config.people,
      approvalExpiresSeconds: config.approval.expiresSeconds,
      breached: office.breached,
      explain: async (message, about) => ({
        ...(await examine(examination, withCrlf(message), about)),
      }),
      ...doubleOptInOf(office, running.intake),
      optOut: running.returns.optOut,
      ...returnsOf(running.returns),
      replies: running.answers.counts,
      observed: running.observed.counts,
      dns: running.care,
      ready: async () => {
        const { ok, problem } = await storage.health();
        const check = {
          name: "storage",
          ok,
          ...(problem === undefined ? {} : { detail: problem }),
        };
        return { ready: ok, checks: [check, running.care.readiness()] };
      },
      connections: () => ({
        smtp: running.load.counts().connections,
        delivery: running.delivery.counts().connections,
      }),
      log: office.log,
      clock: office.clock,
    },
  );
}

/** Absent without a public URL: a link to nowhere could never be confirmed. */
function doubleOptInOf(office: Office, intake: Intake): { readonly doubleOptIn?: DoubleOptIn } {
  const { publicUrl } = office.config.http;
  if (publicUrl === undefined) return {};
  const doubleOptIn = createDoubleOptIn({
    ledger: office.storage.ledger,
    indexer: office.indexer,
    streams: office.streams,
    submit: async (message) => {
      const answer = await intake.submit(message);
      if (answer.kind === "accepted" || answer.kind === "held") return answer;
      if (answer.kind !== "refused") throw new Error("intake did not say what became of the mail");
      const { reason, row, detail } = answer.no;
      const text = detail === undefined ? row.text.en : `${row.text.en} (${detail})`;
      return { kind: "refused", reason, temporary: row.code < 500, text };
    },
    confirmTokens: createTokens(office.secrets.token, "confirm-consent"),
    optOutTokens: createTokens(office.secrets.token),
    publicUrl,
    clock: office.clock,
  });
  return { doubleOptIn };
}

async function serverCertificate(office: Office): Promise<Certificate> {
  const { config, log } = office;
  if (config.smtp.tls !== undefined) return readCertificate(config.smtp.tls);
  log.warn(
    { folder: "keys_dir/tls" },
    "no smtp.tls.cert_file: a self-signed certificate is used, which clients that verify refuse",
  );
  return selfSignedCertificate(join(config.keysDir, "tls"), config.hostname);
}

function returnsOf({ feedback }: Returns): Pick<HttpParts, "returns"> {
  return feedback === undefined ? {} : { returns: feedback.counts };
}

/** What stands for each recipient's link while a message is judged. */
function optOutLinkOf({ http }: Config): { readonly optOutLink?: string } {
  return http.publicUrl === undefined ? {} : { optOutLink: specimenLink(http.publicUrl) };
}
