// All that delivery knows about TLS policies, in one part: finds them, counts sessions by them, sends the daily reports.
import { join } from "node:path";

import type { Indexer } from "../../consent/address-index.ts";
import type { Ledger } from "../../consent/ledger.ts";
import type { Resolver } from "../../dns/resolver.ts";
import type { ValidatingResolver } from "../../dns/validating-resolver.ts";
import type { Domain } from "../../mail/domain.ts";
import type { QueueStore } from "../../queue/store.ts";
import { createAddressGuard } from "../address-guard.ts";
import type { Log } from "../log.ts";
import type { Acquired } from "../pool.ts";
import type { Route } from "../route.ts";
import type { DeliverySettings } from "../settings.ts";
import { createHttps } from "./https.ts";
import { createMtaSts } from "./mta-sts.ts";
import { createTlsPolicies, type TlsPolicies } from "./policies.ts";
import { createStsCache } from "./sts-cache.ts";
import { createTlsCounts } from "./tls-counts.ts";
import { sendTlsReports, type Refused, type TlsReportSender } from "./tls-reporter.ts";
import { noteSessions } from "./tls-sessions.ts";

export interface TlsDesk {
  readonly policies: TlsPolicies;
  /** What was found on the way to one connection, or to none. A connection used again is no new session. */
  readonly note: (domain: Domain, route: Route, acquired: Acquired | undefined) => void;
  /** Sends the reports of days that are over. Never throws. */
  readonly report: () => Promise<{ readonly sent: number }>;
  readonly close: () => void;
}

export interface TlsDeskParts {
  readonly settings: Pick<
    DeliverySettings,
    | "hostname"
    | "tls"
    | "tlsDomains"
    | "mtaSts"
    | "mxPort"
    | "httpsPort"
    | "stateDir"
    | "allowPrivate"
    | "ownAddresses"
    | "authorities"
  >;
  readonly resolver: Pick<Resolver, "a" | "aaaa" | "txt">;
  readonly validating?: ValidatingResolver;
  /** undefined: no reports are sent. */
  readonly reportSender?: TlsReportSender;
  readonly queue: Pick<QueueStore, "accept">;
  readonly indexer: Pick<Indexer, "address" | "domain">;
  readonly ledger: Pick<Ledger, "lookUp">;
  readonly clock: () => Date;
  readonly log: Log;
}

const policyTotalMs = 60_000; // RFC 8461 §3.3 suggests a minute
const reportEveryMs = 600_000;

export function createTlsDesk(parts: TlsDeskParts): TlsDesk {
  const { settings, resolver, validating, clock, log, reportSender } = parts;
  const file = (name: string): string | undefined =>
    settings.stateDir === undefined ? undefined : join(settings.stateDir, name);
  const warn = (error: unknown): void => {
    log.warn({ err: error }, "state of delivery cannot be written");
  };
  const https = createHttps({
    resolver,
    guard: createAddressGuard(settings.allowPrivate, settings.ownAddresses),
    authorities: settings.authorities ?? [],
    port: settings.httpsPort ?? 443,
    totalMs: policyTotalMs,
  });
  const cache = createStsCache(file("mta-sts.jsonl"), warn);
  const counts = createTlsCounts(file("tls-counts.json"), warn);
  const policies = createTlsPolicies({
    standard: settings.tls,
    domains: settings.tlsDomains ?? [],
    port: settings.mxPort,
    ...(settings.mtaSts === true
      ? { sts: createMtaSts({ resolver, https, cache, clock, log }) }
      : {}),
    ...(validating === undefined ? {} : { validating }),
  });
  const refused = new Map<string, Refused>();
  const report = async (): Promise<{ readonly sent: number }> =>
    reportSender === undefined
      ? { sent: 0 }
      : sendTlsReports({
          ...parts,
          subject: parts.indexer.address,
          isSuppressed: async (address, { sender, stream }) => {
            const { suppressions } = await parts.ledger.lookUp({
              subject: parts.indexer.address(address),
              domain: parts.indexer.domain(address.domain),
              sender,
              stream,
              topic: "", // no standing is asked for
              now: clock(),
            });
            return suppressions.length > 0;
          },
          counts,
          https,
          refused,
          sender: reportSender,
          hostname: settings.hostname,
        });
  const timer = setInterval(() => void report(), reportEveryMs).unref();
  return {
    policies,
    report,
    note: (domain, route, acquired) => {
      // Without somebody to report for, there is nothing to count.
      if (reportSender !== undefined)
        noteSessions(counts, { domain, route, acquired, at: clock() });
    },
    close: () => {
      clearInterval(timer);
      counts.flush();
    },
  };
}
