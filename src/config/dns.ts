// Settings of signing keys and of the DNS check-up, as the parts use them.
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

export function settleDns(file: GatewayFile): DnsConfig {
  const { dns } = file;
  return {
    servers: dns.servers,
    validating: dns.validating,
    timeoutMs: milliseconds(dns.timeout),
    sourceAddresses: dns.source_addresses,
    checkEveryMs: milliseconds(dns.check_every),
    onFailure: dns.on_failure ?? standardReaction(file),
  };
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
