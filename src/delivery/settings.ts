// What an operator may set about delivery, as the parts here take it.
import type { Domain } from "../mail/domain.ts";
import { matchDomain } from "./match-domain.ts";
import type { Shaping, SourceShape } from "./pace/shaping.ts";

/** encrypt: TLS always, any certificate. verify: a certificate that is valid for the host's name too. Never clear text. */
export type TlsPolicy = "encrypt" | "verify";

export interface RouteSetting {
  /** `*`, `*.example.jp` or a domain; the first match wins. */
  readonly domain: string;
  readonly via:
    | { readonly kind: "mx" }
    | { readonly kind: "host"; readonly host: string; readonly port: number };
}

/** Milliseconds. A phase's time covers the whole reply, so that one line now and then does not stretch it. */
export interface Timeouts {
  readonly connect: number;
  readonly greeting: number;
  /** EHLO, STARTTLS, MAIL, RCPT, RSET. */
  readonly command: number;
  readonly handshake: number;
  /** Everything from the dial to the second EHLO, for one host. */
  readonly setup: number;
  /** From DATA to 354. */
  readonly dataStart: number;
  /** One block of 64 KiB into the socket. */
  readonly block: number;
  readonly finalDot: number;
  /** Everything between MAIL and the answer to the final dot. */
  readonly total: number;
  /** A connection kept for the next message. */
  readonly idle: number;
}

/**
 * RFC 5321 §4.5.3.2 scaled down, but for the final dot: giving up there makes copies (§4.5.3.2.6), so it keeps its ten
 * minutes. The total caps what a slow peer can hold (threats.md row 44).
 */
export const defaultTimeouts: Timeouts = {
  connect: 30_000,
  greeting: 60_000,
  command: 120_000,
  handshake: 30_000,
  setup: 120_000,
  dataStart: 120_000,
  block: 180_000,
  finalDot: 600_000,
  total: 900_000,
  idle: 20_000, // less than the shortest idle limit receivers are known for
};

export interface DeliverySettings {
  /** Name in EHLO, Received and Message-ID. */
  readonly hostname: string;
  readonly routes: readonly RouteSetting[];
  readonly tls: TlsPolicy;
  /** The operator's own policy for single domains, patterns as in routes; the first match wins. */
  readonly tlsDomains?: readonly { readonly domain: string; readonly policy: TlsPolicy }[];
  /** Whether MTA-STS policies are fetched and kept to (RFC 8461). */
  readonly mtaSts?: boolean;
  /** Where the servers of MTA-STS policies and TLS reports listen; 443 if absent. */
  readonly httpsPort?: number;
  /** Folder for what must outlast a restart: MTA-STS policies, counts for TLS reports. undefined: memory only. */
  readonly stateDir?: string;
  /** PEM certificates of authorities trusted beside the runtime's own. */
  readonly authorities?: readonly string[];
  readonly retryScheduleSeconds: readonly number[];
  readonly maxAgeSeconds: number;
  /** Other plans for single domains, patterns as in routes; the first match wins. */
  readonly retryDestinations?: readonly {
    readonly domain: string;
    readonly scheduleSeconds?: readonly number[];
    readonly maxAgeSeconds?: number;
  }[];
  /** From reception until the sender is told, once, that a copy still waits; absent or 0: never. */
  readonly delayNoticeSeconds?: number;
  /** Delivery reports to one sender in an hour; absent: no bound. */
  readonly maxReportsPerHour?: number;
  /** CIDR ranges that delivery by MX may dial although they are not public. */
  readonly allowPrivate: readonly string[];
  /** This machine's own addresses: delivery by MX never dials them, unless allowed above. */
  readonly ownAddresses?: readonly string[];
  readonly mxPort: number;
  /** The paces of receivers (config/shaping.yaml). */
  readonly shaping?: Shaping;
  /** The operator's own bounds for senders, streams and From domains. */
  readonly sources?: readonly SourceShape[];
  readonly maxConnections: number;
  readonly maxConnectionsPerDestination: number;
  readonly maxMessagesPerConnection: number;
  readonly reportLanguage: "ja" | "en";
  readonly timeouts?: Timeouts;
}

/** The route of a recipient's domain; undefined where no route matches. */
export function matchRoute(
  routes: readonly RouteSetting[],
  domain: Domain,
): RouteSetting | undefined {
  return routes.find((route) => matchDomain(route.domain, domain));
}
