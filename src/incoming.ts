// Composes what comes in: intake and the SMTP listeners before it; a reload puts other ones in their place.
import { join } from "node:path";

import type { Config, ListenerConfig } from "./config/config.ts";
import { gatewayHosts } from "./config/gateway-hosts.ts";
import { createTokens } from "./consent/token.ts";
import type { Delivery } from "./delivery/worker.ts";
import { specimenLink } from "./feedback/opt-out-link.ts";
import { createCampaignGate, type CampaignGate } from "./intake/campaign.ts";
import { createLoginGuard, smtpLogins } from "./identity/throttle.ts";
import { createIntake, type Intake } from "./intake/intake.ts";
import type { Judge } from "./intake/judge.ts";
import type { PageDesk } from "./intake/page-desk.ts";
import type { ObservedCounts } from "./intake/observed.ts";
import { createRefusalLog, type RefusalLog } from "./intake/refusal-log.ts";
import type { Office } from "./office.ts";
import type { Taker, Turn } from "./reload/takeover.ts";
import type { Returns } from "./returns/returns.ts";
import type { AnswerCounts } from "./smtp/answer-counts.ts";
import { createToReply } from "./smtp/answer.ts";
import { readCertificate, selfSignedCertificate, type Certificate } from "./smtp/certificate.ts";
import { startListener, type Listener, type ListenerParts } from "./smtp/listener.ts";
import type { SharedLoad } from "./smtp/load.ts";
import type { LoginGuard } from "./smtp/login-guard.ts";
import { expectOwnAddress } from "./smtp/own-address.ts";

export interface Incoming extends AsyncDisposable, Taker {
  readonly submit: Intake["submit"];
  /** Ports of the listeners, in the order of the configuration. */
  readonly ports: () => readonly number[];
  /** What clients are shown, as PEM. */
  readonly certificate: () => string;
}

export interface IncomingParts {
  readonly delivery: Pick<Delivery, "handOver">;
  readonly judge: Judge;
  readonly senderHold: (sender: string) => string | undefined;
  readonly observed: ObservedCounts;
  readonly pages: PageDesk;
  readonly load: SharedLoad;
  readonly answers: AnswerCounts;
  readonly returns: Pick<Returns, "feedback">;
}

/** Until then a transaction under way may end when the gateway stops, and a complete message get its reply. */
const stopGraceSeconds = 6;
const stopSettleSeconds = 4;
const retireMaxSeconds = 2_000_000; // 23 days: no timer waits for more than 24

const queuedRecipientsMax = 10_000_000; // rows: the store's measured depth without slower leasing
const queuedBytesMax = 20_000_000_000; // content waiting on disk; beyond it clients are deferred

/** Beyond these the queue takes no more mail. */
export const queueLimits = { queuedRecipientsMax, queuedBytesMax };

interface State {
  readonly office: Office;
  readonly parts: IncomingParts;
  /** Outlive a reload. */
  readonly refusals: RefusalLog;
  readonly campaignGate: CampaignGate;
  readonly loginGuard: LoginGuard;
  intake: Intake;
  certificate: Certificate;
  listeners: readonly Placed[];
  /** Listeners of the last reload that had to wait for their port. */
  later: Promise<unknown>;
  /** Taken out by a reload, with transactions still under way. */
  readonly leaving: Set<Listener>;
}

interface Placed {
  readonly place: string;
  readonly listener: Listener;
}

export async function startIncoming(office: Office, parts: IncomingParts): Promise<Incoming> {
  const { config, storage, clock, log } = office;
  const shared = {
    refusals: createRefusalLog(storage.audit, log),
    campaignGate: createCampaignGate({
      campaigns: storage.campaigns,
      queue: storage.queue,
      headers: config.approval.campaignHeaders,
      expiresSeconds: config.approval.expiresSeconds,
      clock,
    }),
  };
  const certificate = await serverCertificate(config);
  if (certificate.selfSigned)
    log.warn(
      { folder: "keys_dir/tls" },
      "no smtp.tls.cert_file: a self-signed certificate is used, which clients that verify refuse",
    );
  const state: State = {
    office,
    parts,
    ...shared,
    loginGuard: createLoginGuard(smtpLogins, office.clock),
    intake: makeIntake(office, parts, shared, config),
    certificate,
    listeners: [],
    later: Promise.resolve(),
    leaving: new Set(),
  };
  const turn = await prepare(state, config);
  turn.commit();
  return {
    submit: (message) => state.intake.submit(message),
    ports: () => state.listeners.map(({ listener }) => listener.port),
    certificate: () => state.certificate.cert,
    prepare: (next) => prepare(state, next),
    isWhole: () => state.listeners.length === office.config.smtp.listeners.length,
    [Symbol.asyncDispose]: async () => {
      await state.later;
      const open = [...state.listeners.map(({ listener }) => listener), ...state.leaving];
      await Promise.all(open.map((each) => each.close(stopGraceSeconds, stopSettleSeconds)));
      await state.refusals[Symbol.asyncDispose]();
    },
  };
}

async function prepare(state: State, config: Config): Promise<Turn> {
  await state.later;
  const certificate = await serverCertificate(config);
  const intake = makeIntake(state.office, state.parts, state, config);
  const given = listenerParts(state, config, intake, certificate);
  const places = placesOf(config.smtp.listeners);
  const gone = state.listeners.filter(({ place }) => !places.has(place));
  const commits: (() => void)[] = [];
  const next: Placed[] = [];
  const opened: Listener[] = [];
  const later: [string, ListenerConfig][] = [];
  const abandon = async (): Promise<void> => {
    await Promise.all(opened.map((listener) => listener.close(0, 0)));
  };
  try {
    for (const [place, options] of places) {
      const kept = state.listeners.find((each) => each.place === place);
      if (kept !== undefined) {
        commits.push(kept.listener.prepare(options, given));
        next.push(kept);
      } else if (gone.some(({ listener }) => listener.port === options.port)) {
        await expectOwnAddress(options.host); // What cannot work there closes nothing here.
        later.push([place, options]);
      } else {
        const listener = await startListener(options, given); // it answers from now on
        opened.push(listener);
        next.push({ place, listener });
      }
    }
  } catch (cause) {
    await abandon();
    throw cause;
  }
  return {
    commit: () => {
      for (const commit of commits) commit();
      for (const { listener } of gone) retire(state, listener, config);
      Object.assign(state, { intake, certificate, listeners: next });
      state.later = Promise.all(later.map((each) => openLater(state, ...each, given)));
    },
    abandon,
    also: certificate.cert === state.certificate.cert ? [] : ["smtp.tls (certificate)"],
  };
}

/** On a port that a listener of this gateway has just left: another address, or another kind of TLS. */
async function openLater(
  state: State,
  place: string,
  options: ListenerConfig,
  given: ListenerParts,
): Promise<void> {
  const { log, storage, clock } = state.office;
  try {
    const listener = await startListener(options, given);
    state.listeners = [...state.listeners, { place, listener }];
  } catch (cause) {
    log.error({ err: cause, port: options.port }, "smtp listener not opened after a reload");
    const detail = { change: "listener-not-opened", port: options.port };
    await storage.audit
      .append([{ type: "Alarm", at: clock(), actor: "gateway", detail }])
      .catch((error: unknown) => {
        log.error({ err: error }, "alarm not recorded");
      });
  }
}

/** No new connections; what is under way may take as long as it could have. */
function retire(state: State, listener: Listener, config: Config): void {
  state.leaving.add(listener);
  const { port } = listener;
  state.office.log.info({ port }, "smtp listener closed by a reload");
  const graceSeconds = Math.min(config.smtp.transactionTimeoutMs / 1000, retireMaxSeconds);
  void listener.close(graceSeconds).finally(() => {
    state.leaving.delete(listener);
  });
}

/** What stays the same listener over a reload: address, port and kind of TLS. Port 0 is told apart by its turn. */
function placesOf(listeners: readonly ListenerConfig[]): ReadonlyMap<string, ListenerConfig> {
  const places = new Map<string, ListenerConfig>();
  for (const options of listeners) {
    const kind = options.tls === "implicit" ? "implicit" : "plain";
    let place = `${options.host} ${options.port} ${kind}`;
    while (places.has(place)) place += " again";
    places.set(place, options);
  }
  return places;
}

function listenerParts(
  state: State,
  config: Config,
  intake: Intake,
  certificate: Certificate,
): ListenerParts {
  const { smtp } = config;
  const { answers, load, returns } = state.parts;
  return {
    hostname: config.hostname,
    intake,
    feedback: returns.feedback,
    certificate,
    toReply: answers.toReply,
    load,
    loginGuard: state.loginGuard,
    log: state.office.log,
    limits: {
      messageBytesMax: smtp.maxMessageBytes,
      commandMilliseconds: smtp.commandTimeoutMs,
      transactionMilliseconds: smtp.transactionTimeoutMs,
      bareLf: smtp.bareLf,
    },
    dsn: true,
  };
}

/** A limit of messages a minute begins anew with each intake. */
function makeIntake(
  office: Office,
  { delivery, judge, observed, pages, senderHold }: IncomingParts,
  shared: Pick<State, "refusals" | "campaignGate">,
  config: Config,
): Intake {
  const { storage } = office;
  const { publicUrl } = config.http;
  const tokens = createTokens(office.secrets.token);
  return createIntake({
    ...storage,
    pages,
    tokenSubject: (token) => tokens.read(token, [])?.subject,
    refusals: shared.refusals,
    campaignGate: shared.campaignGate,
    queue: {
      counts: () => storage.queue.counts(),
      known: (...marks) => storage.queue.known(...marks),
      accept: (message, recipients, events) =>
        delivery.handOver(message, recipients, (claim) =>
          storage.queue.accept(message, recipients, events, claim),
        ),
    },
    streams: config.streams,
    indexer: office.indexer,
    clock: office.clock,
    limits: { recipientsMax: config.smtp.maxRecipients, ...queueLimits },
    messagesPerMinute: new Map(
      config.streams
        .filter((stream) => stream.maxMessagesPerMinute > 0)
        .map((stream) => [stream.id, stream.maxMessagesPerMinute]),
    ),
    senderHold,
    judge,
    observed,
    log: office.log,
    hostname: config.hostname,
    gatewayHosts: gatewayHosts(config),
    // What stands for each recipient's link while a message is judged.
    ...(publicUrl === undefined ? {} : { optOutLink: specimenLink(publicUrl) }),
    deduplicate: config.smtp.deduplicate,
    toReply: createToReply(publicUrl),
  });
}

async function serverCertificate(config: Config): Promise<Certificate> {
  return config.smtp.tls === undefined
    ? selfSignedCertificate(join(config.keysDir, "tls"), config.hostname)
    : readCertificate(config.smtp.tls);
}
