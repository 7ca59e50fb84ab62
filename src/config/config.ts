// The configuration as the parts use it: durations in milliseconds, domains parsed, paths absolute, references resolved.
import type { Domain } from "../mail/domain.ts";
import type { FeedbackConfig } from "./feedback.ts";
import type { PeopleConfig } from "./people.ts";
import type { DeliveryConfig } from "./delivery.ts";
import type { DkimConfig, DnsConfig } from "./dns.ts";
import type { GatewayFile } from "./schema/gateway.ts";

type FileListener = GatewayFile["smtp"]["listeners"][number];

export interface ListenerConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: FileListener["tls"];
  readonly auth: FileListener["auth"];
  readonly allow: readonly string[];
  readonly stream?: string;
  readonly role: FileListener["role"];
}

export interface SenderConfig {
  readonly id: string;
  readonly legal: {
    readonly names: readonly string[];
    readonly addresses: readonly string[];
    readonly contacts: readonly string[];
    readonly optOutHosts: readonly string[];
    readonly pages: GatewayFile["senders"][number]["legal"]["pages"];
  };
  readonly domains: readonly Domain[];
  readonly parkedDomains: readonly Domain[];
  readonly replyDomains: readonly Domain[];
  /** Registered names of the other senders. */
  readonly otherNames: readonly string[];
  /** Acts that need a second person. */
  readonly approvals: GatewayFile["senders"][number]["approvals"];
  readonly strictOptIn: boolean;
  /** Milliseconds for which a grant counts, by its basis. */
  readonly maxAges: Readonly<
    Partial<Record<keyof GatewayFile["senders"][number]["max_age"], number>>
  >;
}

export interface StreamConfig {
  readonly id: string;
  readonly sender: SenderConfig;
  readonly class: GatewayFile["streams"][number]["class"];
  readonly topic: string;
  readonly rules: readonly string[];
  readonly onViolation: GatewayFile["streams"][number]["on_violation"];
  readonly observe: readonly string[];
  readonly disabled: readonly string[];
  readonly listUnsubscribe: GatewayFile["streams"][number]["list_unsubscribe"];
  readonly placeholder: boolean;
  /** Set where the gateway puts settings into force; never by the file. */
  readonly awaitsApproval?: boolean;
  /** 0: no limit. */
  readonly maxMessagesPerMinute: number;
}

export interface RouteConfig {
  /** `*`, `*.example.jp` or a domain. */
  readonly domain: string;
  readonly via:
    | { readonly kind: "mx" }
    | { readonly kind: "host"; readonly host: string; readonly port: number };
}

export interface Config {
  /** Absolute path of the file it was read from. */
  readonly file: string;
  /** As the operator wrote it, with environment and defaults: what a reload compares. */
  readonly written: GatewayFile;
  readonly hostname: string;
  readonly dataDir: string;
  readonly keysDir: string;
  readonly masterKeyFile: string;
  /** Program and arguments; empty: none. */
  readonly masterKeyCommand: readonly string[];
  readonly storageUrl: string;
  readonly logLevel: GatewayFile["log"]["level"];
  readonly smtp: {
    readonly listeners: readonly ListenerConfig[];
    readonly tls?: { readonly certFile: string; readonly keyFile: string };
    readonly commandTimeoutMs: number;
    readonly transactionTimeoutMs: number;
    readonly maxMessageBytes: number;
    readonly maxRecipients: number;
    readonly maxConnections: number;
    readonly maxConnectionsPerAddress: number;
    readonly maxBytesInFlight: number;
    readonly bareLf: GatewayFile["smtp"]["bare_lf"];
    readonly deduplicate: boolean;
  };
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Without a slash at its end. */
    readonly publicUrl?: string;
    readonly tls?: { readonly certFile: string; readonly keyFile: string };
    readonly trustedProxies: readonly string[];
    readonly requireIfMatch: boolean;
  };
  readonly people: PeopleConfig;
  readonly approval: {
    readonly expiresSeconds: number;
    /** Lower case. */
    readonly campaignHeaders: readonly string[];
  };
  readonly senders: readonly SenderConfig[];
  readonly streams: readonly StreamConfig[];
  /** How senders' pages are read. */
  readonly pages: {
    readonly timeoutMs: number;
    readonly waitMs: number;
    readonly maxAgeMs: number;
    readonly maxStaleMs: number;
    readonly allowPrivate: readonly string[];
  };
  readonly delivery: DeliveryConfig;
  readonly feedback: FeedbackConfig;
  readonly dkim: DkimConfig;
  readonly dns: DnsConfig;
}
