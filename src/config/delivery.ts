// Section `delivery` settled: durations in seconds, files absolute, and what the schema cannot see.
import { isIP } from "node:net";
import { resolve } from "node:path";

import type { RouteConfig } from "./config.ts";
import type { ConfigProblem } from "./config-error.ts";
import { settlePattern } from "./domain-pattern.ts";
import { parseDuration } from "./duration.ts";
import { paceProblems } from "./pace-problems.ts";
import type { GatewayFile } from "./schema/gateway.ts";

const portMax = 65_535;

type FileDelivery = GatewayFile["delivery"];

export interface DeliveryConfig {
  readonly routes: readonly RouteConfig[];
  readonly tls: FileDelivery["tls"]["default"];
  readonly tlsDomains: FileDelivery["tls"]["domains"];
  readonly mtaSts: boolean;
  readonly tlsReports: { readonly send: boolean; readonly from?: string };
  readonly retryScheduleSeconds: readonly number[];
  readonly maxAgeSeconds: number;
  readonly retryDestinations: readonly {
    readonly domain: string;
    readonly scheduleSeconds?: readonly number[];
    readonly maxAgeSeconds?: number;
  }[];
  /** 0: none are sent. */
  readonly delayNoticeSeconds: number;
  readonly maxReportsPerHour: number;
  readonly allowPrivate: readonly string[];
  readonly mxPort: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerDestination: number;
  readonly maxMessagesPerConnection: number;
  readonly reportLanguage: "ja" | "en";
  /** Bounds of senders, streams and From domains, as written. */
  readonly pace: FileDelivery["pace"];
  /** Absolute paths; absent: the shipped files. */
  readonly shapingFile?: string;
  readonly repliesFile?: string;
  /** Folder for what delivery remembers over restarts. */
  readonly stateDir: string;
}

export function settleDelivery(
  file: GatewayFile,
  routes: readonly RouteConfig[],
  folder: string,
  problems: ConfigProblem[],
): DeliveryConfig {
  const { delivery } = file;
  problems.push(...paceProblems(file));
  checkValidating(file.dns.validating, problems);
  const { report_from: from, reports } = delivery.tls;
  const { shaping_file: shapingFile, replies_file: repliesFile, retry } = delivery;
  return {
    routes,
    tls: delivery.tls.default,
    tlsDomains: delivery.tls.domains.map(({ domain, policy }, index) => ({
      domain: settlePattern(domain, `delivery.tls.domains[${index}].domain`, problems),
      policy,
    })),
    mtaSts: delivery.tls.mta_sts,
    tlsReports: { send: reports, ...(from === undefined ? {} : { from }) },
    retryScheduleSeconds: retry.schedule.map(seconds),
    maxAgeSeconds: seconds(retry.max_age),
    retryDestinations: retry.destinations.map(({ domain, schedule, max_age: maxAge }, index) => ({
      domain: settlePattern(domain, `delivery.retry.destinations[${index}].domain`, problems),
      ...(schedule === undefined ? {} : { scheduleSeconds: schedule.map(seconds) }),
      ...(maxAge === undefined ? {} : { maxAgeSeconds: seconds(maxAge) }),
    })),
    delayNoticeSeconds: seconds(retry.delay_notice),
    maxReportsPerHour: delivery.max_reports_per_hour,
    allowPrivate: delivery.allow_private,
    mxPort: delivery.mx_port,
    maxConnections: delivery.max_connections,
    maxConnectionsPerDestination: delivery.max_connections_per_destination,
    maxMessagesPerConnection: delivery.max_messages_per_connection,
    reportLanguage: delivery.report_language,
    pace: delivery.pace,
    ...(shapingFile === undefined ? {} : { shapingFile: resolve(folder, shapingFile) }),
    ...(repliesFile === undefined ? {} : { repliesFile: resolve(folder, repliesFile) }),
    stateDir: resolve(folder, file.data_dir, "delivery"),
  };
}

/** DNSSEC's verdict is one bit of the answer: on any path but this machine's own, anybody could set it (RFC 7672 §2.1). */
function checkValidating(servers: readonly string[], problems: ConfigProblem[]): void {
  for (const [index, server] of servers.entries())
    if (!isOnThisMachine(server))
      problems.push({
        path: `dns.validating[${index}]`,
        found: JSON.stringify(server),
        problem: "is not on this machine",
        remedy: "Run a validating resolver here (Unbound, Knot Resolver) and name 127.0.0.1:PORT.",
      });
}

function isOnThisMachine(server: string): boolean {
  const match = /^(127(?:\.\d{1,3}){3}|\[?::1\]?)(?::(\d{1,5}))?$/.exec(server);
  if (match === null) return false;
  const address = (match[1] ?? "").replace(/^\[|\]$/g, "");
  return isIP(address) !== 0 && Number(match[2] ?? 53) <= portMax;
}

function seconds(text: string): number {
  return (parseDuration(text) ?? 0) / 1000; // The schema's pattern has let through durations only.
}
