// Composes administration, health and what recipients see over HTTP.
import type { Config } from "./config/config.ts";
import { gatewayHosts } from "./config/gateway-hosts.ts";
import { createTokens } from "./consent/token.ts";
import type { Delivery } from "./delivery/worker.ts";
import type { DomainCare } from "./domain-care.ts";
import { createDoubleOptIn, type DoubleOptIn } from "./feedback/double-opt-in.ts";
import { specimenLink } from "./feedback/opt-out-link.ts";
import { createReadiness } from "./health/readiness.ts";
import type { LoopWatch } from "./health/loop-watch.ts";
import type { HttpParts } from "./http/parts.ts";
import { startHttp, type HttpServer } from "./http/server.ts";
import { queueLimits, type Incoming } from "./incoming.ts";
import { examine, withCrlf, type ExamineParts } from "./intake/examine.ts";
import type { Judge } from "./intake/judge.ts";
import type { PageDesk } from "./intake/page-desk.ts";
import type { ObservedCounts } from "./intake/observed.ts";
import type { Office } from "./office.ts";
import type { FreezeStore } from "./queue/freeze.ts";
import type { Reload } from "./reload/reload.ts";
import type { Taker } from "./reload/takeover.ts";
import type { Returns } from "./returns/returns.ts";
import type { AnswerCounts } from "./smtp/answer-counts.ts";
import { createToReply } from "./smtp/answer.ts";
import { readCertificate } from "./smtp/certificate.ts";
import type { SharedLoad } from "./smtp/load.ts";

export interface Running {
  readonly judge: Judge;
  readonly load: SharedLoad;
  readonly pages: PageDesk;
  readonly delivery: Pick<Delivery, "counts">;
  readonly incoming: Pick<Incoming, "submit">;
  readonly care: DomainCare;
  readonly answers: AnswerCounts;
  readonly returns: Returns;
  readonly observed: ObservedCounts;
  readonly reload: Reload;
  readonly loop: LoopWatch;
  /** Delivery obeys by the time that a call resolves. */
  readonly freezes: FreezeStore;
}

export function startAdministration(office: Office, running: Running): Promise<HttpServer> {
  const { config, storage, resolver } = office;
  const { tls, ...http } = config.http;
  const { publicUrl } = http;
  const tokens = createTokens(office.secrets.token);
  const examination: ExamineParts = {
    hostname: config.hostname,
    gatewayHosts: gatewayHosts(config),
    ...optOutLinkOf(config),
    maxMessageBytes: config.smtp.maxMessageBytes,
    clock: office.clock,
    toReply: createToReply(publicUrl),
    judge: running.judge,
    pages: running.pages,
    tokenSubject: (token) => tokens.read(token, [])?.subject,
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
      freezes: running.freezes,
      indexer: office.indexer,
      resolver,
      get senders() {
        return office.senders;
      },
      get streams() {
        return office.streams;
      },
      roles: office.roles,
      people: config.people,
      approvalExpiresSeconds: config.approval.expiresSeconds,
      breached: office.breached,
      explain: async (message, about) => ({
        ...(await examine(examination, withCrlf(message), about)),
      }),
      ...doubleOptInOf(office, running.incoming),
      optOut: running.returns.optOut,
      returns: running.returns.feedback.counts,
      replies: running.answers.counts,
      observed: running.observed.counts,
      reloads: running.reload,
      dns: running.care,
      ready: readinessOf(office, running),
      connections: () => ({
        smtp: running.load.counts().connections,
        delivery: running.delivery.counts().connections,
      }),
      log: office.log,
      clock: office.clock,
    },
  );
}

function readinessOf(office: Office, running: Running): HttpParts["ready"] {
  return createReadiness({
    storage: office.storage,
    queueLimits,
    load: running.load.counts,
    loadLimits: running.load.limits,
    late: running.loop.late,
    told: () => [running.care.readiness()],
  });
}

/** New connections see the new certificate; those that are open go on. */
export function takeUpCertificate(
  office: Office,
  http: HttpServer,
): Taker & {
  /** What clients are shown, as PEM; undefined: http. */
  readonly certificate: () => string | undefined;
} {
  let current = pairOf(office.config);
  return {
    certificate: () => current?.cert,
    prepare: (config) => {
      const next = pairOf(config); // throws where certificate and key are no pair
      return Promise.resolve({
        commit: () => {
          current = next;
          if (next !== undefined) http.useCertificate(next);
        },
        abandon: () => Promise.resolve(),
        also: current?.cert === next?.cert ? [] : ["http.tls (certificate)"],
      });
    },
  };
}

function pairOf({ http }: Config): { readonly cert: string; readonly key: string } | undefined {
  return http.tls === undefined ? undefined : readCertificate(http.tls);
}

/** Absent without a public URL: a link to nowhere could never be confirmed. */
function doubleOptInOf(
  office: Office,
  incoming: Pick<Incoming, "submit">,
): { readonly doubleOptIn?: DoubleOptIn } {
  const { publicUrl } = office.config.http;
  if (publicUrl === undefined) return {};
  const doubleOptIn = createDoubleOptIn({
    ledger: office.storage.ledger,
    indexer: office.indexer,
    get streams() {
      return office.streams;
    },
    submit: async (message) => {
      const answer = await incoming.submit(message);
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

/** What stands for each recipient's link while a message is judged. */
function optOutLinkOf({ http }: Config): { readonly optOutLink?: string } {
  return http.publicUrl === undefined ? {} : { optOutLink: specimenLink(http.publicUrl) };
}
