// A delivery worker on a queue in memory, with everything around it that a test may want to change.
//
//   await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
//   const { messageId } = await office.send({ to: ["a@sink.test"] });
//   await office.queue.waitFor(() => office.queue.stateOf(`${messageId}-1`) === "delivered");
import { loadReplyClassifier } from "../../src/cli/reply-classifier.ts";
import { createIndexer } from "../../src/consent/address-index.ts";
import type { RecipientRecord } from "../../src/consent/ledger.ts";
import type { HeaderLines } from "../../src/delivery/compose.ts";
import {
  defaultTimeouts,
  type DeliverySettings,
  type RouteSetting,
} from "../../src/delivery/settings.ts";
import type { Signer } from "../../src/delivery/signer.ts";
import { startDelivery, type Delivery } from "../../src/delivery/worker.ts";
import type { TlsReportSender } from "../../src/delivery/tls/tls-reporter.ts";
import { createResolver, type Resolver } from "../../src/dns/resolver.ts";
import type { ValidatingResolver } from "../../src/dns/validating-resolver.ts";
import { parseAddress, type Address } from "../../src/mail/address.ts";
import type { Envelope, RecipientDsn } from "../../src/mail/envelope.ts";
import { createMessageId } from "../../src/mail/message-id.ts";
import type { MailClass, Stream } from "../../src/policy/stream.ts";
import type { Lease } from "../../src/queue/store.ts";
import { createMemoryQueue, type MemoryQueue } from "./memory-queue.ts";

export interface SendOptions {
  readonly to: readonly string[];
  readonly content?: string | Buffer;
  readonly from?: string | null;
  readonly envelope?: Partial<Envelope>;
  readonly dsn?: RecipientDsn;
  /**
   * As intake does it: the content stays at hand, and the attempts begin with the commit, which waits for a promise given
   * here. Only once the queue was looked at.
   */
  readonly atHand?: boolean | Promise<void>;
}

export interface DeliveryOffice extends AsyncDisposable {
  readonly delivery: Delivery;
  readonly queue: MemoryQueue;
  /** Puts a message into the queue and nudges the worker. */
  readonly send: (options: SendOptions) => Promise<{ readonly messageId: string }>;
  /** Moves the clock, and lets the worker look at the queue. */
  readonly advance: (milliseconds: number) => void;
  readonly now: () => Date;
  /** What the ledger answers; may be changed, and may throw. */
  record: (address: string) => RecipientRecord;
  /** Lines the worker logged. */
  readonly logged: readonly { readonly level: string; readonly message: string }[];
}

export type OfficeOptions = Partial<Omit<DeliverySettings, "timeouts">> & {
  readonly timeouts?: Partial<DeliverySettings["timeouts"]>;
  readonly resolver?: Pick<Resolver, "mx" | "a" | "aaaa" | "host" | "txt">;
  readonly validating?: ValidatingResolver;
  readonly tlsReports?: TlsReportSender;
  readonly signer?: Signer;
  readonly headers?: (lease: Lease) => HeaderLines;
  readonly returnPath?: (lease: Lease) => Address | undefined;
  readonly mailClass?: MailClass;
  /** Whether a stream is configured; default: each is. */
  readonly isConfigured?: () => boolean;
  readonly queue?: MemoryQueue;
};

const classifier = loadReplyClassifier();

export const indexer = createIndexer(Buffer.alloc(32, 7));

export function officeRoutes(port: number, domain = "*"): readonly RouteSetting[] {
  return [{ domain, via: { kind: "host", host: "127.0.0.1", port } }];
}

export const sampleContent = [
  "From: News <news@example.jp>",
  "To: a@sink.test",
  "Subject: Hello",
  "Message-ID: <sample@example.jp>",
  "Date: Wed, 25 Nov 2026 09:00:00 +0900",
  "",
  "Hello.",
  "..two dots",
  ".",
  "end",
  "",
].join("\r\n");

const signedByTest: Signer = {
  sign: () => Promise.resolve({ kind: "signed", header: "DKIM-Signature: v=1; d=example.jp\r\n" }),
};

export function startDeliveryOffice(options: OfficeOptions = {}): DeliveryOffice {
  const queue = options.queue ?? createMemoryQueue();
  let now = new Date("2026-11-25T00:00:00Z");
  const logged: { level: string; message: string }[] = [];
  const note =
    (level: string) =>
    (_fields: object, message: string): void => {
      logged.push({ level, message });
    };
  const {
    resolver,
    signer,
    headers,
    returnPath,
    validating,
    tlsReports,
    mailClass,
    isConfigured,
    timeouts,
    queue: _given,
    ...settings
  } = options;
  void _given;
  const office = {
    record: (): RecipientRecord => ({
      standing: { kind: "granted", basis: "consent", since: new Date("2026-01-01T00:00:00Z") },
      suppressions: [],
    }),
  } as { record: DeliveryOffice["record"] };
  const addresses = new Map<string, string>();
  const delivery = startDelivery({
    settings: {
      hostname: "gw.example.jp",
      routes: [{ domain: "*", via: { kind: "mx" } }],
      tls: "encrypt",
      retryScheduleSeconds: [300, 900, 3600],
      maxAgeSeconds: 345_600,
      allowPrivate: [],
      mxPort: 25,
      maxConnections: 20,
      maxConnectionsPerDestination: 5,
      maxMessagesPerConnection: 100,
      reportLanguage: "ja",
      ...settings,
      timeouts: { ...defaultTimeouts, ...timeouts },
    },
    // The worker uses no more of the interface than the memory queue has.
    queue: queue as unknown as Parameters<typeof startDelivery>[0]["queue"],
    ledger: {
      lookUp: async ({ subject }) => {
        await Promise.resolve();
        return office.record(addresses.get(subject) ?? "unknown");
      },
    },
    indexer,
    stream: (id) =>
      isConfigured?.() === false ? undefined : testStream(id, mailClass ?? "marketing"),
    signer: signer ?? signedByTest,
    resolver: resolver ?? createResolver({ servers: ["127.0.0.1:1"], timeoutMs: 100 }),
    classifier,
    ...(validating === undefined ? {} : { validating }),
    ...(tlsReports === undefined ? {} : { tlsReports }),
    ...(headers === undefined ? {} : { headers }),
    ...(returnPath === undefined ? {} : { returnPath }),
    owner: "test",
    clock: () => now,
    log: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
    random: () => 0.5,
  });
  return Object.assign(office, {
    delivery,
    queue,
    logged,
    now: () => now,
    advance: (milliseconds: number) => {
      now = new Date(now.getTime() + milliseconds);
      delivery.nudge();
    },
    send: async ({
      to,
      content = sampleContent,
      from = "bounce@example.jp",
      envelope,
      dsn,
      atHand = false,
    }: SendOptions) => {
      const messageId = createMessageId(now);
      const recipients = to.map((text, index) => {
        const address = toAddress(text);
        const subject = indexer.address(address);
        addresses.set(subject, text);
        return {
          recipientId: `${messageId}-${index + 1}`,
          address,
          subject,
          destination: address.domain,
          ...(dsn === undefined ? {} : { dsn }),
        };
      });
      const message = {
        messageId,
        stream: "newsletter",
        sender: "sample",
        envelope: {
          mailFrom: from === null ? null : toAddress(from),
          eightBit: false,
          smtpUtf8: false,
          ...envelope,
        },
        content: Buffer.from(content),
        fromDomain: toAddress("a@example.jp").domain,
        receivedAt: now,
        trace: { helo: "ma.example.jp", protocol: "ESMTPSA" },
      };
      if (atHand !== false)
        await delivery.handOver(message, recipients, async (claim) => {
          if (atHand !== true) await atHand;
          if (claim === undefined) throw new Error("delivery had no room for it");
          return queue.accept(message, recipients, [], claim);
        });
      else {
        await queue.accept(message, recipients, []);
        delivery.nudge();
      }
      return { messageId };
    },
    [Symbol.asyncDispose]: () => delivery.close(2),
  });
}

export function toAddress(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed.kind === "bad") throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}

function testStream(id: string, mailClass: MailClass): Stream {
  return {
    id,
    sender: {
      id: "sample",
      legal: { names: [], addresses: [], contacts: [], optOutHosts: [] },
      domains: [],
      strictOptIn: false,
    },
    class: mailClass,
    topic: "news",
    rules: ["jp"],
    onViolation: "refuse",
    observe: [],
    disabled: [],
    listUnsubscribe: "keep",
  };
}
