// Composition root: builds every part from Config, starts them in order, stops them in reverse.
import { networkInterfaces } from "node:os";
import { join } from "node:path";

import type { Config } from "./config/config.ts";
import { startDelivery, type Delivery } from "./delivery/worker.ts";
import { createSigner } from "./dkim/sign.ts";
import { startDomainCare, type DomainCare } from "./domain-care.ts";
import { createTokens } from "./consent/token.ts";
import { createDoubleOptIn, type DoubleOptIn } from "./feedback/double-opt-in.ts";
import { startHttp, type HttpServer } from "./http/server.ts";
import { examine, withCrlf, type ExamineParts } from "./intake/examine.ts";
import { createIntake, type Intake } from "./intake/intake.ts";
import { createJudge, type Judge } from "./intake/judge.ts";
import { createLog } from "./log.ts";
import { ensureKeys, openOffice, type Office } from "./office.ts";
import { createAnswerCounts, type AnswerCounts } from "./smtp/answer-counts.ts";
import { formatTarget, type FreezeTarget } from "./queue/freeze.ts";
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
const otherProcessesPollMs = 500; // a command beside the gateway releases or retries mail: seen within a second

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
  const frozen = await office.storage.freezes.list();
  const delivery = startOutgoing(office);
  stack.use(watchFreezes(office, delivery, frozen));
  stack.defer(() => delivery.close(drainSeconds));
  stack.use(watchOtherProcesses(office, delivery));
  const care = stack.use(await startDomainCare(office, delivery));
  const judge = stack.use(createJudge());
  const intake = stack.use(startIncoming(office, { delivery, judge, care }));
  const load = createLoad({
    connectionsMax: config.smtp.maxConnections,
    connectionsPerAddressMax: config.smtp.maxConnectionsPerAddress,
    bytesInFlightMax: config.smtp.maxBytesInFlight,
  });
  const answers = createAnswerCounts(createToReply(config.http.publicUrl));
  const listeners = await startListeners(office, { intake, load, answers }, stack);
  const smtpPorts = listeners.map((listener) => listener.port);
  const http = await startAdministration(office, { judge, load, delivery, care, answers, intake });
  stack.defer(() => http.close());
  const httpPort = http.port;
  log.info(
    { hostname: config.hostname, smtpPorts, httpPort, masterKey: office.secrets.fingerprint },
    "gateway started",
  );
  const parts = stack.move();
  return { office, smtpPorts, httpPort, care, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

function startOutgoing(office: Office): Delivery {
  const { config, storage } = office;
  return startDelivery({
    settings: { hostname: config.hostname, ...config.delivery, ownAddresses: ownAddresses() },
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
    owner: "gateway",
    clock: office.clock,
    log: office.log,
  });
}

const freezesPollMs = 250; // the kill switch works within a second, whichever process threw it

/** Pauses delivery of what is frozen, from the first moment on, and resumes what is lifted. */
function watchFreezes(
  office: Office,
  delivery: Delivery,
  atStart: readonly FreezeTarget[],
): Disposable {
  let known: ReadonlyMap<string, FreezeTarget> = new Map();
  const follow = (now: readonly FreezeTarget[]): void => {
    const next = new Map(now.map((target) => [formatTarget(target), target]));
    for (const [key, { kind, name }] of next) if (!known.has(key)) delivery.pause({ kind, name });
    for (const [key, { kind, name }] of known) if (!next.has(key)) delivery.resume({ kind, name });
    known = next;
  };
  follow(atStart);
  const timer = setInterval(() => {
    office.storage.freezes.list().then(follow, (cause: unknown) => {
      office.log.error({ err: cause }, "kill switch cannot be read");
    });
  }, freezesPollMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** What a command beside this process made due is looked for; asking costs one read. */
function watchOtherProcesses(office: Office, delivery: Delivery): Disposable {
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

function startIncoming(
  office: Office,
  running: { readonly delivery: Delivery; readonly judge: Judge; readonly care: DomainCare },
): Intake {
  const { delivery, judge, care } = running;
  const { config, storage } = office;
  return createIntake({
    ...storage,
    queue: {
      counts: () => storage.queue.counts(),
      accept: async (message, recipients, events) => {
        const result = await storage.queue.accept(message, recipients, events);
        delivery.nudge();
        return result;
      },
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
    senderHold: care.holds,
    judge,
    log: office.log,
    hostname: config.hostname,
    gatewayHosts: gatewayHosts(config),
    deduplicate: config.smtp.deduplicate,
    toReply: createToReply(config.http.publicUrl),
  });
}

const queuedRecipientsMax = 10_000_000; // rows: the store's measured depth without slower leasing
const queuedBytesMax = 20_000_000_000; // content waiting on disk; beyond it clients are deferred

async function startListeners(
  office: Office,
  running: { readonly intake: Intake; readonly load: Load; readonly answers: AnswerCounts },
  stack: AsyncDisposableStack,
): Promise<readonly Listener[]> {
  const { config } = office;
  const { intake, load, answers } = running;
  const certificate = await serverCertificate(office);
  const loginGuard = createLoginGuard(() => performance.now());
  const listeners: Listener[] = [];
  for (const options of config.smtp.listeners) {
    const listener = await startListener(options, {
      hostname: config.hostname,
      intake,
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
  },
): Promise<HttpServer> {
  const { config, storage, resolver } = office;
  const { publicUrl } = config.http;
  const examination: ExamineParts = {
    hostname: config.hostname,
    gatewayHosts: gatewayHosts(config),
    maxMessageBytes: config.smtp.maxMessageBytes,
    clock: office.clock,
    toReply: createToReply(publicUrl),
    judge: running.judge,
    papers: { ledger: storage.ledger, indexer: office.indexer },
  };
  return startHttp(
    {
      ...config.http,
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
      breached: office.breached,
      explain: async (message, about) => ({
        ...(await examine(examination, withCrlf(message), about)),
      }),
      ...doubleOptInOf(office, running.intake),
      replies: running.answers.counts,
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

/** Hosts of the gateway's own that are always good for an opt-out. */
function gatewayHosts(config: Config): readonly string[] {
  return config.http.publicUrl === undefined ? [] : [new URL(config.http.publicUrl).hostname];
}

/** Delivery by MX never dials this machine itself. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map((address) => address.address);
}
