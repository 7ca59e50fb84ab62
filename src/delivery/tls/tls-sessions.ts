// Turns what happened on the way to a connection into counted TLS sessions (RFC 8460 §4.3).
import type { Connection, Host, NotConnected } from "../connect.ts";
import type { Acquired } from "../pool.ts";
import type { Route } from "../route.ts";
import type { Session, TlsCounts } from "./tls-counts.ts";
import { resultOfCertificate, resultOfFailure, type ResultType } from "./tls-result.ts";

export interface Found {
  readonly domain: string;
  readonly route: Route;
  readonly acquired: Acquired | undefined;
  readonly at: Date;
}

export function noteSessions(counts: TlsCounts, found: Found): void {
  const { route, acquired } = found;
  if (route.kind === "no-route" || (route.kind === "hosts" && route.via === "smarthost")) return;
  for (const { host, result } of route.tls?.failures ?? [])
    counts.note({
      ...base(found, undefined),
      failure: result,
      ...(host === undefined ? {} : { host }),
    });
  if (route.kind !== "hosts" || acquired === undefined || acquired.kind === "busy") return;
  const hostOf = (name: string): Host | undefined => route.hosts.find((host) => host.name === name);
  for (const failure of acquired.failures) noteFailure(counts, found, failure, hostOf);
  if (acquired.kind === "connected" && !acquired.reused)
    noteSuccess(counts, found, acquired.connection);
}

function noteFailure(
  counts: TlsCounts,
  found: Found,
  failure: NotConnected,
  hostOf: (name: string) => Host | undefined,
): void {
  const result = resultOfFailure(failure);
  if (result === undefined) return;
  counts.note({ ...base(found, hostOf(failure.host)), failure: result, host: failure.host });
}

function noteSuccess(counts: TlsCounts, found: Found, connection: Connection): void {
  const session = base(found, connection.host);
  const failure = testedFailure(session, found.route, connection);
  counts.note({
    ...session,
    ...(failure === undefined
      ? {}
      : { failure, host: connection.host.name, address: connection.address }),
  });
}

/** A policy in testing mode asks for what it would ask in enforce mode, in reports only (RFC 8461 §5). */
function testedFailure(
  session: Session,
  route: Route,
  connection: Connection,
): ResultType | undefined {
  const tested =
    session.policy === "sts" && route.kind === "hosts" && route.tls?.sts?.mode === "testing";
  return tested && connection.tls.invalid !== undefined
    ? resultOfCertificate(connection.tls.invalid)
    : undefined;
}

function base({ domain, route, at }: Found, host: Host | undefined): Session {
  if (host?.demand.kind === "dane")
    return {
      domain,
      at,
      policy: "tlsa",
      // Name servers turn their order with each answer.
      policyLines: host.demand.records
        .map(
          ({ usage, selector, matchingType, data }) =>
            `${usage} ${selector} ${matchingType} ${data.toString("hex")}`,
        )
        .toSorted(),
      mxHosts: [host.name],
    };
  const sts = route.kind === "no-route" ? undefined : route.tls?.sts;
  return sts === undefined
    ? { domain, at, policy: "no-policy-found", policyLines: [], mxHosts: [] }
    : { domain, at, policy: "sts", policyLines: sts.lines, mxHosts: sts.mx };
}
