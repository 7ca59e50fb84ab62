// Settings of signing keys and of the DNS check-up, as the parts use them.
import { Resolver } from "node:dns";
import { isIP } from "node:net";

import { timerMaxMs } from "../mail/timer-limit.ts";
import type { ConfigProblem } from "./config-error.ts";
import type { GatewayFile } from "./schema/gateway.ts";
import { parseDuration } from "./duration.ts";

export interface DkimConfig {
  readonly requirePublished: boolean;
  readonly verifyShare: number;
  /** Undefined: rotation is begun by people only. */
  readonly rotateEveryMs?: number;
  readonly retireAfterMs: number;
}

export interface DnsConfig {
  readonly servers: readonly string[];
  /** Validating resolvers on this machine; empty: no DANE. */
  readonly validating: readonly string[];
  readonly timeoutMs: number;
  /** Empty: the machine's own public addresses. */
  readonly sourceAddresses: readonly string[];
  readonly checkEveryMs: number;
  readonly onFailure: "hold" | "warn" | "off";
}

export function settleDkim(file: GatewayFile): DkimConfig {
  const { dkim } = file;
  return {
    requirePublished: dkim.require_published,
    verifyShare: dkim.verify_share,
    ...(dkim.rotate_every === undefined ? {} : { rotateEveryMs: milliseconds(dkim.rotate_every) }),
    retireAfterMs: milliseconds(dkim.retire_after),
  };
}

export function settleDns(file: GatewayFile, problems: ConfigProblem[]): DnsConfig {
  const { dns } = file;
  checkAddresses(dns, problems);
  return {
    servers: dns.servers,
    validating: dns.validating,
    timeoutMs: Math.min(milliseconds(dns.timeout), timerMaxMs),
    sourceAddresses: dns.source_addresses,
    checkEveryMs: milliseconds(dns.check_every),
    onFailure: dns.on_failure ?? standardReaction(file),
  };
}

function checkAddresses(dns: GatewayFile["dns"], problems: ConfigProblem[]): void {
  for (const [index, server] of dns.servers.entries())
    if (!isNameServer(server))
      problems.push({
        path: `dns.servers[${index}]`,
        found: JSON.stringify(server),
        problem: "is no address of a name server",
        remedy:
          "Write an IP address, with a port or without: 192.0.2.53, 127.0.0.1:5353, [::1]:53.",
      });
  for (const [index, address] of dns.source_addresses.entries())
    if (isIP(address) === 0)
      problems.push({
        path: `dns.source_addresses[${index}]`,
        found: JSON.stringify(address),
        problem: "is no IP address",
        remedy: "Write one address from which mail leaves, such as 192.0.2.10.",
      });
}

/** Whether the resolver that will be handed it takes it: its reading is the one that counts. */
function isNameServer(text: string): boolean {
  try {
    new Resolver().setServers([text]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Public mail is held. A gateway that tries things out has no zone that could be right: it only warns, and in a closed
 * network the public DNS is not asked at all unless name servers are named for it.
 */
function standardReaction(file: GatewayFile): DnsConfig["onFailure"] {
  if (!file.dkim.require_published) return file.dns.servers.length > 0 ? "warn" : "off";
  return isTrial(file) ? "warn" : "hold";
}

/** No mail gets out: every route ends on this machine or in a test network. */
function isTrial({ hostname, delivery }: GatewayFile): boolean {
  return (
    /^localhost(?:\.|$)/i.test(hostname) ||
    delivery.routes.every(({ via }) =>
      via === "mx"
        ? delivery.allow_private.length > 0
        : /^smtp:\/\/(?:127\.|localhost\b|\[::1\])/i.test(via),
    )
  );
}

function milliseconds(text: string): number {
  return parseDuration(text) ?? 0; // The schema's pattern has let through durations only.
}
