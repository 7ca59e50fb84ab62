// Delivery on real storage and with real signatures, between a DNS stub and receivers of many moods, for journeys that end in
// a balance.
//
//   await using world = await openBalanceWorld({ receivers: { "good.test": {}, "bare.test": { startTls: "absent" } } });
//   await world.send(["a@good.test", "a@bare.test"]);
//   await world.run();                                    // until nothing is due any more
//   await world.runFor(3_600_000);                        // … and what falls due within an hour
//   expect(await world.balance()).toEqual({ accepted: 2, delivered: 1, waiting: 1, …nothing });
//
// Each receiver has a loopback address of its own. example.jp, where reports go, has a well-behaved one at 127.0.8.1.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "vitest";

import { loadReplyClassifier } from "../../src/cli/reply-classifier.ts";
import {
  defaultTimeouts,
  type DeliverySettings,
  type Timeouts,
} from "../../src/delivery/settings.ts";
import { startDelivery, type Delivery } from "../../src/delivery/worker.ts";
import { createResolver } from "../../src/dns/resolver.ts";
import { createValidatingResolver } from "../../src/dns/validating-resolver.ts";
import { createMessageId } from "../../src/mail/message-id.ts";
import type { Stream } from "../../src/policy/stream.ts";
import type { QueueEntry } from "../../src/queue/store.ts";
import { startDnsStub, type DnsStub, type Zones } from "./dns-stub.ts";
import { startFakeMx, type FakeMx, type FakeMxScript } from "./fake-mx.ts";
import { startPolicyServer, type PolicyServer } from "./policy-server.ts";
import { openSigningOffice } from "./signing-office.ts";
import { accept, indexer, noon, openSqliteStore, submission } from "./storage-facts.ts";
import { makeAuthority, type TestAuthority } from "./tls-pair.ts";

export interface WorldOptions {
  /** By domain. Its one MX record, `mx.<domain>`, leads there. */
  readonly receivers: Readonly<Record<string, FakeMxScript>>;
  /** Put over the zones that follow from `receivers`; `port` is where all of them listen. */
  readonly zones?: (port: number) => Zones;
  /** MTA-STS policies by domain. */
  readonly policies?: Readonly<Record<string, string>>;
  /** Where there is one, its certificates are good; policy servers have theirs from it. */
  readonly authority?: TestAuthority;
  /** With a validating resolver DANE is looked for. */
  readonly validating?: boolean;
  readonly settings?: Partial<Omit<DeliverySettings, "timeouts">>;
  readonly timeouts?: Partial<Timeouts>;
}

/** All that was accepted is in one of the first three. */
export interface Balance {
  readonly accepted: number;
  readonly delivered: number;
  /** Failed, expired or dropped: the sender was told. */
  readonly failed: number;
  readonly waiting: number;
  /** Recipients that receivers have a copy for, by their own ledgers. */
  readonly taken: number;
  /** Copies that a receiver has twice; at most one for each uncertain attempt. */
  readonly doubled: number;
  /** Attempts of which nobody knows the end, by the log. */
  readonly uncertain: number;
}

export const nothing: Balance = {
  accepted: 0,
  delivered: 0,
  failed: 0,
  waiting: 0,
  taken: 0,
  doubled: 0,
  uncertain: 0,
};

export interface BalanceWorld extends AsyncDisposable {
  readonly dns: DnsStub;
  readonly web: PolicyServer;
  readonly receivers: Readonly<Record<string, FakeMx>>;
  /** One message for each of them, so that each has its own fate. No address twice. */
  readonly send: (to: readonly string[]) => Promise<void>;
  /** Until nothing is under way and nothing is due. */
  readonly run: () => Promise<void>;
  /** Moves the clock from one due time to the next, for so many milliseconds, and runs at each. */
  readonly runFor: (milliseconds: number) => Promise<void>;
  /** Another process on the same data. */
  readonly restart: () => Promise<void>;
  /** The remote's words, or ours, at the last attempt for this recipient. */
  readonly lastReply: (recipient: string) => Promise<string>;
  /** Counts, after it has seen that queue, log and the receivers' ledgers agree, and that nothing came in clear text. */
  readonly balance: () => Promise<Balance>;
}

const stream: Stream = {
  id: "newsletter",
  sender: {
    id: "sample",
    legal: { names: [], addresses: [], contacts: [], optOutHosts: [] },
    domains: [],
    strictOptIn: false,
  },
  class: "transactional", // consent has journeys of its own
  topic: "news",
  rules: [],
  onViolation: "refuse",
  observe: [],
  disabled: [],
  listUnsubscribe: "keep",
};
const home = "example.jp";
const quietDeadlineMs = 20_000;

export async function openBalanceWorld(options: WorldOptions): Promise<BalanceWorld> {
  await using stack = new AsyncDisposableStack();
  const authority = options.authority ?? makeAuthority();
  const { receivers, port } = await startReceivers({ [home]: {}, ...options.receivers }, stack);
  const policies = options.policies ?? {};
  const web = stack.use(
    await startPolicyServer(
      authority.issue(Object.keys(policies).map((domain) => `mta-sts.${domain}`)),
    ),
  );
  web.answer = (response) => {
    const host = response.req.headers.host ?? "";
    const text = policies[host.replace(/^mta-sts\.|:\d+$/g, "")];
    response.writeHead(200, { "Content-Type": "text/plain" }).end(text);
  };
  const domains = Object.keys(receivers);
  const dns = stack.use(
    await startDnsStub({ ...zonesOf(domains, Object.keys(policies)), ...options.zones?.(port) }),
  );
  const store = stack.use(await openSqliteStore());
  const { storage } = store;
  const signing = await openSigningOffice(["rsa"]);
  const stateDir = mkdtempSync(join(tmpdir(), "sekisho-balance-"));
  stack.defer(() => {
    rmSync(stateDir, { recursive: true });
  });
  let now = noon(10);
  const start = (): Delivery =>
    startDelivery({
      settings: {
        hostname: "gw.example.jp",
        routes: [{ domain: "*", via: { kind: "mx" } }],
        tls: "encrypt",
        mtaSts: true,
        httpsPort: web.port,
        authorities: [authority.cert],
        stateDir,
        retryScheduleSeconds: [60, 300],
        maxAgeSeconds: 3600,
        allowPrivate: ["127.0.0.0/8"],
        mxPort: port,
        maxConnections: 20,
        maxConnectionsPerDestination: 10,
        maxMessagesPerConnection: 20,
        reportLanguage: "ja",
        ...options.settings,
        timeouts: { ...defaultTimeouts, ...options.timeouts },
      },
      queue: storage.queue,
      ledger: storage.ledger,
      indexer,
      stream: () => stream,
      signer: signing.signer,
      resolver: createResolver({ servers: [dns.server], timeoutMs: 500 }),
      ...(options.validating === true
        ? { validating: createValidatingResolver({ servers: [dns.server], timeoutMs: 500 }) }
        : {}),
      classifier: loadReplyClassifier(),
      owner: "gateway",
      clock: () => now,
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    });
  let delivery = start();
  stack.defer(() => delivery.close(1));
  const accepted = new Map<string, string>(); // recipient → message

  const isQuiet = async (): Promise<boolean> => {
    const { running, waiting } = delivery.counts();
    const due = await storage.queue.nextDue();
    const { states } = await storage.queue.counts();
    return running + waiting + states.leased === 0 && (due === undefined || due > now);
  };
  const run = async (): Promise<void> => {
    delivery.nudge();
    await expect.poll(isQuiet, { timeout: quietDeadlineMs, interval: 20 }).toBe(true);
  };
  const entries = async (): Promise<readonly QueueEntry[]> =>
    (await storage.queue.list({ limit: 1000 })).items;
  const open = stack.move();
  return {
    dns,
    web,
    receivers,
    run,
    send: async (to) => {
      for (const who of to) {
        expect(accepted.has(who), `${who} twice`).toBe(false);
        const messageId = createMessageId(now);
        const text =
          `From: News <news@${home}>\r\nSubject: hello\r\nMessage-ID: <${messageId}@${home}>\r\n` +
          "Date: Sat, 10 Jan 2026 12:00:00 +0000\r\n\r\nhello\r\n.dotted\r\n";
        await accept(storage, submission([who], { messageId, text, receivedAt: now }));
        accepted.set(who, messageId);
      }
    },
    runFor: async (milliseconds) => {
      const end = now.getTime() + milliseconds;
      for (;;) {
        await run();
        const due = await storage.queue.nextDue();
        if (due === undefined || due.getTime() > end) break;
        now = due;
      }
      now = new Date(end);
    },
    restart: async () => {
      await delivery.close(1);
      delivery = start();
    },
    lastReply: async (recipient) => {
      const entry = (await entries()).find(
        ({ messageId }) => messageId === accepted.get(recipient),
      );
      return entry?.lastReply ?? "";
    },
    balance: async () => {
      const mine = new Set(accepted.values());
      const all = await entries();
      const count = (states: readonly string[], ofMine: boolean): number =>
        all.filter(
          ({ messageId, state }) => states.includes(state) && mine.has(messageId) === ofMine,
        ).length;
      const log = await storage.audit.counts();
      const failedStates = ["failed", "expired", "dropped"];
      const copies = copiesAt(Object.values(receivers), accepted);
      const { items: troubles } = await storage.audit.search({
        types: ["TransientFailure", "Bounce"],
        limit: 1000,
      });
      const result = {
        accepted: accepted.size,
        delivered: count(["delivered"], true),
        failed: count(failedStates, true),
        waiting: count(["waiting", "leased", "paused"], true),
        taken: copies.size,
        doubled: [...copies.values()].reduce((sum, number) => sum + number - 1, 0),
        uncertain: troubles.filter(({ detail }) => detail?.["uncertain"] === true).length,
      };
      // The queue's counts, the log and the receivers' own ledgers tell one story.
      expect(result.delivered + result.failed + result.waiting).toBe(result.accepted);
      expect(log.Reception).toBe(result.accepted);
      expect(log.Delivery ?? 0).toBe(result.delivered + count(["delivered"], false));
      expect((log.Bounce ?? 0) + (log.Expiration ?? 0) + (log.Dropped ?? 0)).toBe(result.failed);
      expect(result.taken).toBeGreaterThanOrEqual(result.delivered);
      expect(result.taken + result.doubled).toBeLessThanOrEqual(
        result.delivered + result.uncertain,
      );
      expect(receivers[home]?.deliveries.length).toBe(log.Report ?? 0); // each sender was told of each failure
      expect((await storage.audit.verify()).kind).toBe("intact");
      for (const mx of Object.values(receivers)) expect(mx.clearText()).not.toContain("MAIL");
      return result;
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** All on one port, as mail exchangers are: at 127.0.8.1, 127.0.8.2 and so on. */
async function startReceivers(
  scripts: Readonly<Record<string, FakeMxScript>>,
  stack: AsyncDisposableStack,
): Promise<{ readonly receivers: Readonly<Record<string, FakeMx>>; readonly port: number }> {
  const receivers: Record<string, FakeMx> = {};
  let port = 0;
  for (const [index, [domain, script]] of Object.entries(scripts).entries()) {
    const place = { address: addressOf(index), hostname: `mx.${domain}`, port };
    const mx = stack.use(await startFakeMx({ ...script, ...place }));
    receivers[domain] = mx;
    port = mx.port;
  }
  return { receivers, port };
}

export function addressOf(index: number): string {
  return `127.0.8.${index + 1}`;
}

function zonesOf(domains: readonly string[], withPolicy: readonly string[]): Zones {
  const zones: Zones = {};
  for (const [index, domain] of domains.entries()) {
    zones[domain] = { MX: [{ preference: 10, exchange: `mx.${domain}` }] };
    zones[`mx.${domain}`] = { A: [addressOf(index)] };
  }
  for (const domain of withPolicy) {
    zones[`_mta-sts.${domain}`] = { TXT: ["v=STSv1; id=1;"] };
    zones[`mta-sts.${domain}`] = { A: ["127.0.0.1"] };
  }
  return zones;
}

/** How often each accepted recipient's mail was taken. */
function copiesAt(
  receivers: readonly FakeMx[],
  accepted: ReadonlyMap<string, string>,
): ReadonlyMap<string, number> {
  const copies = new Map<string, number>();
  for (const { deliveries } of receivers)
    for (const { recipients } of deliveries)
      for (const who of recipients)
        if (accepted.has(who)) copies.set(who, (copies.get(who) ?? 0) + 1);
  return copies;
}

function ignore(): void {
  // Nobody reads it; what matters is in the audit log.
}
