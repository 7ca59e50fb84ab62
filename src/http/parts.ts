// What the HTTP server is given: stores and questions as values, settings as numbers.
import type { FastifyBaseLogger } from "fastify";

import type { AuditLog } from "../audit/log.ts";
import type { Indexer } from "../consent/address-index.ts";
import type { Ledger } from "../consent/ledger.ts";
import type { KeyStore } from "../dkim/key.ts";
import type { TxtResolver } from "../dkim/publish.ts";
import type { DoubleOptIn } from "../feedback/double-opt-in.ts";
import type { DnsWatch } from "../dns/watch.ts";
import type { OptOutDesk } from "../feedback/opt-out-desk.ts";
import type { AnswerStore } from "../identity/kept-answers.ts";
import type { SessionStore, UserStore } from "../identity/people-store.ts";
import type { PeopleSettings } from "../identity/people-settings.ts";
import type { BreachCheck } from "../identity/password-rules.ts";
import type { Role } from "../identity/rights.ts";
import type { CredentialStore, TokenStore } from "../identity/store.ts";
import type { Address } from "../mail/address.ts";
import type { Sender, Stream } from "../policy/stream.ts";
import type { ApprovalStore } from "../queue/approval.ts";
import type { FreezeStore } from "../queue/freeze.ts";
import type { QueueStore } from "../queue/store.ts";

export interface HttpSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Addresses or CIDR ranges whose X-Forwarded-For is believed; empty: nobody's. */
  readonly trustedProxies: readonly string[];
  /** Where people reach this server, without a final slash; https adds Strict-Transport-Security. */
  readonly publicUrl?: string;
  /** PEM: https by the server itself; absent: http, for a proxy in front. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** What /v1/explain takes, as SMTP does. */
  readonly maxMessageBytes: number;
  /** dkim.require_published. */
  readonly requirePublished: boolean;
  /** Changes of what has an entity tag need If-Match: 428 otherwise. */
  readonly requireIfMatch?: boolean;
}

export interface HttpParts {
  readonly ledger: Ledger;
  readonly queue: QueueStore;
  readonly audit: AuditLog;
  readonly credentials: CredentialStore;
  readonly tokens: TokenStore;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  /** What repeated writes are answered from. */
  readonly answers: AnswerStore;
  readonly freezes: FreezeStore;
  readonly approvals: ApprovalStore;
  /** How long a request waits for a second person. */
  readonly approvalExpiresSeconds: number;
  /** Every role, by name. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly people: PeopleSettings;
  /** Says whether a password is on a list of leaked ones. */
  readonly breached: BreachCheck;
  readonly keys: KeyStore;
  readonly indexer: Indexer;
  readonly resolver: TxtResolver;
  readonly senders: readonly Sender[];
  readonly streams: readonly Stream[];
  /** Judges a message as the stream would, sends and stores nothing: the JSON of `sekisho explain`. */
  readonly explain: (
    message: Buffer,
    about: { readonly stream: Stream; readonly to?: Address; readonly language: "ja" | "en" },
  ) => Promise<Readonly<Record<string, unknown>>>;
  /** Where the opt-out page and one-click POSTs go; absent: there is no /u/{token}. */
  readonly optOut?: OptOutDesk;
  /** What came back to the feedback listener since the start, and what it refused, for /metrics; absent: no listener. */
  readonly returns?: () => Readonly<Record<string, number>>;
  /** Asks for consent by mail and hosts /c/{token}; absent where no public URL is known. */
  readonly doubleOptIn?: DoubleOptIn;
  /** The DNS check-up; absent: nobody looks. */
  readonly dns?: {
    readonly look: DnsWatch["look"];
    readonly report: DnsWatch["report"];
    readonly holds: DnsWatch["holds"];
    readonly failing: DnsWatch["failing"];
    /** Some listener takes bounces and complaints in. */
    readonly hasFeedback: boolean;
  };
  /** Replies that clients got since the start, for /metrics: reason → count. */
  readonly replies?: () => Readonly<Record<string, number>>;
  /** Messages that a rule in shadow would have refused since the start, for /metrics: rule → count. */
  readonly observed?: () => Readonly<Record<string, number>>;
  /** Reloads of the configuration, for /metrics. */
  readonly reloads?: {
    readonly counts: () => Readonly<Record<string, number>>;
    readonly isCurrent: () => boolean;
  };
  readonly ready: () => Promise<Readiness>;
  /** Connections open now, for /metrics: name (`smtp`, `feedback`, `delivery` …) → count. */
  readonly connections: () => Readonly<Record<string, number>>;
  readonly log: FastifyBaseLogger;
  readonly clock: () => Date;
}

/** `detail` is shown to whoever asks /readyz: no addresses, paths or host names. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail?: string;
  }[];
}
