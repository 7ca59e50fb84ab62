// Listeners with intake and a judge behind them, on stores in memory: the whole way in, with nothing behind it.
import { createIntake, type Intake } from "../../src/intake/intake.ts";
import type { Judge } from "../../src/intake/judge.ts";
import type { IntakeParts } from "../../src/intake/parts.ts";
import { parseDomain, type Domain } from "../../src/mail/domain.ts";
import type { Sender, Stream } from "../../src/policy/stream.ts";
import { createToReply } from "../../src/smtp/answer.ts";
import { createLoad, type Load, type LoadLimits } from "../../src/smtp/load.ts";
import { createLoginGuard, smtpLogins } from "../../src/identity/throttle.ts";
import {
  startListener,
  type Listener,
  type ListenerOptions,
  type ListenerParts,
} from "../../src/smtp/listener.ts";
import { createMemoryStores, type MemoryStores } from "./memory-stores.ts";
import { dial, type RawClient } from "./raw-client.ts";
import { makeSelfSigned, type TlsPair } from "./tls-pair.ts";

export function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed.kind === "bad") throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}

export function makeSender(change: Partial<Sender> = {}): Sender {
  return {
    id: "sample",
    legal: {
      names: ["株式会社サンプル商事"],
      addresses: ["〒999-9999 東京都架空区見本町1-2-3"],
      contacts: ["support@example.jp"],
      optOutHosts: ["u.example.jp"],
    },
    domains: [domain("example.jp")],
    strictOptIn: false,
    ...change,
  };
}

export function makeStream(change: Partial<Stream> = {}): Stream {
  return {
    id: "notices",
    sender: makeSender(),
    class: "transactional",
    topic: "notices",
    rules: [],
    onViolation: "refuse",
    observe: [],
    disabled: [],
    listUnsubscribe: "keep",
    ...change,
  };
}

/** A judge that passes everything at once: for tests of the dialogue, where nothing is to be read. */
const lenientJudge: Judge = {
  judge: () => Promise.resolve({ kind: "judged", findings: [], bodyHash: "0" }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

const silent = (): void => undefined;
const silentLog = { debug: silent, info: silent, warn: silent, error: silent };

export interface SmtpGateway extends AsyncDisposable {
  readonly listener: Listener;
  readonly stores: MemoryStores;
  readonly intake: Intake;
  readonly load: Load;
  readonly port: number;
  /** User name and secret of stream `notices`. */
  readonly login: { readonly username: string; readonly secret: string };
}

export interface GatewaySettings {
  readonly listener?: Partial<ListenerOptions>;
  readonly limits?: Partial<ListenerParts["limits"]>;
  readonly load?: Partial<LoadLimits>;
  readonly parts?: Partial<ListenerParts>;
  readonly intake?: Partial<IntakeParts>;
  readonly stores?: MemoryStores;
  readonly certificate?: TlsPair | "none";
}

/** `auth: none` from 127.0.0.0/8 for a transactional stream, TLS optional; anything can be set otherwise. */
export async function startSmtpGateway(settings: GatewaySettings = {}): Promise<SmtpGateway> {
  const stores = settings.stores ?? createMemoryStores();
  const secret = await stores.addCredential("tool", "notices");
  const toReply = createToReply("https://gw.example.jp");
  const intake = createIntake({
    ...stores,
    freezes: { list: () => Promise.resolve([]) },
    streams: [makeStream()],
    clock: () => new Date(),
    limits: { recipientsMax: 100, queuedRecipientsMax: 100_000, queuedBytesMax: 1e9 },
    messagesPerMinute: new Map(),
    judge: lenientJudge,
    log: silentLog,
    hostname: "gw.example.jp",
    gatewayHosts: ["gw.example.jp"],
    deduplicate: true,
    toReply,
    ...settings.intake,
  });
  const load = createLoad({
    connectionsMax: 100,
    connectionsPerAddressMax: 100,
    bytesInFlightMax: 100_000_000,
    ...settings.load,
  });
  const certificate =
    settings.certificate === "none"
      ? undefined
      : (settings.certificate ?? makeSelfSigned(["gw.example.jp", "127.0.0.1"]));
  const listener = await startListener(
    {
      host: "127.0.0.1",
      port: 0,
      tls: "optional",
      auth: "none",
      allow: ["127.0.0.0/8"],
      stream: "notices",
      role: "submission",
      ...settings.listener,
    },
    {
      hostname: "gw.example.jp",
      intake,
      toReply,
      load,
      loginGuard: createLoginGuard(smtpLogins, () => new Date()),
      log: silentLog,
      limits: {
        messageBytesMax: 1_000_000,
        commandMilliseconds: 20_000,
        transactionMilliseconds: 60_000,
        bareLf: "refuse",
        ...settings.limits,
      },
      ...(certificate === undefined ? {} : { certificate }),
      ...settings.parts,
    },
  );
  return {
    listener,
    stores,
    intake,
    load,
    port: listener.port,
    login: { username: "tool", secret },
    [Symbol.asyncDispose]: async () => {
      await listener.close(0);
      await intake[Symbol.asyncDispose]();
    },
  };
}

/** Greeted, MAIL and RCPT accepted, DATA answered 354. */
export async function openBody(port: number): Promise<RawClient> {
  const client = await dial(port);
  await client.command("EHLO tool.example");
  await beginBody(client);
  return client;
}

/** The same on a connection that is open and greeted. */
export async function beginBody(client: RawClient): Promise<void> {
  for (const line of ["MAIL FROM:<a@example.jp>", "RCPT TO:<b@example.net>"]) {
    const reply = await client.command(line);
    if (!reply.startsWith("250")) throw new Error(`${line}: ${reply}`);
  }
  const reply = await client.command("DATA");
  if (!reply.startsWith("354")) throw new Error(reply);
}

/** The token of AUTH PLAIN (RFC 4616). */
export function plainToken(username: string, secret: string): string {
  return Buffer.from(`\0${username}\0${secret}`).toString("base64");
}
