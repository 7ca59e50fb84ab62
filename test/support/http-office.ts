// The HTTP application on real stores in a directory of its own, with a clock to turn and a zone to write.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";

import { pino } from "pino";

import { createIndexer, type Indexer } from "../../src/consent/address-index.ts";
import type { TxtAnswer } from "../../src/dkim/publish.ts";
import type { App } from "../../src/http/app.ts";
import type { HttpParts, HttpSettings } from "../../src/http/parts.ts";
import { createApp } from "../../src/http/server.ts";
import { createToken } from "../../src/identity/issue.ts";
import { standardPasswordRules } from "../../src/identity/password-rules.ts";
import { allRoles } from "../../src/identity/rights.ts";
import { newUser } from "../../src/identity/person.ts";
import { createSession, csrfToken, standardSessionLimits } from "../../src/identity/session.ts";
import type { User } from "../../src/identity/user.ts";
import { parseDomain, type Domain } from "../../src/mail/domain.ts";
import type { Sender, Stream } from "../../src/policy/stream.ts";
import { openStorage, type OpenSettings, type Storage } from "../../src/storage/open.ts";

export interface HttpOffice extends AsyncDisposable {
  readonly app: App;
  readonly parts: HttpParts;
  readonly settings: HttpSettings;
  readonly storage: Storage;
  readonly indexer: Indexer;
  /** Where its files are. */
  readonly directory: string;
  /** TXT records by name; what is not there does not exist. */
  readonly zone: Map<string, readonly string[]>;
  /** Moves the clock, in seconds. */
  readonly pass: (seconds: number) => void;
  /** Makes a token with these scopes; gives the Authorization header. */
  readonly bearer: (
    scopes: readonly string[],
    expiresInSeconds?: number,
  ) => Promise<{ readonly authorization: string }>;
  /** Makes a person with these roles, logged in; gives the headers of their browser. */
  readonly person: (
    roles: readonly string[],
    change?: Partial<User>,
  ) => Promise<{ readonly user: User; readonly headers: PersonHeaders }>;
  /** All log lines so far. */
  readonly logged: () => string;
}

export async function openHttpOffice(
  change: {
    readonly settings?: Partial<HttpSettings>;
    /** Other parts in the place of the standard ones. */
    readonly parts?: Partial<HttpParts> | ((standard: StandardParts) => Partial<HttpParts>);
    /** Whose the stores are: a gateway waits for the database's lock for 200 ms, an office for 10 s. Default office. */
    readonly role?: OpenSettings["role"];
  } = {},
): Promise<HttpOffice> {
  const directory = await mkdtemp(join(tmpdir(), "sekisho-http-"));
  let now = new Date("2026-11-25T00:00:00Z").getTime();
  const clock = (): Date => new Date(now);
  const secrets = {
    index: randomBytes(32),
    seal: randomBytes(32),
    content: randomBytes(32),
    dkim: randomBytes(32),
    fingerprint: "0123abcd",
  };
  const storage = await openStorage({
    url: "sqlite:sekisho.db",
    dataDir: join(directory, "data"),
    keysDir: join(directory, "keys"),
    secrets,
    role: change.role ?? "office",
    clock,
  });
  const lines: string[] = [];
  const log = pino(
    { level: "debug" },
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(chunk.toString());
        done();
      },
    }),
  );
  const zone = new Map<string, readonly string[]>();
  const indexer = createIndexer(secrets.index);
  const standard = standardParts(storage, indexer, zone);
  const others = typeof change.parts === "function" ? change.parts(standard) : change.parts;
  const parts: HttpParts = { ...standard, log, clock, ...others };
  const settings: HttpSettings = {
    host: "127.0.0.1",
    port: 0,
    trustedProxies: [],
    maxMessageBytes: 1_000_000,
    requirePublished: true,
    ...change.settings,
  };
  const app = await createApp(settings, parts);
  return {
    app,
    parts,
    settings,
    storage,
    indexer,
    directory,
    zone,
    pass: (seconds) => {
      now += seconds * 1000;
    },
    bearer: async (scopes, expiresInSeconds) => {
      const expiresAt =
        expiresInSeconds === undefined
          ? {}
          : { expiresAt: new Date(now + expiresInSeconds * 1000) };
      const made = createToken({ name: "test", scopes, now: clock(), ...expiresAt });
      await storage.tokens.save(made.token, "create", { actor: "test", at: clock() });
      return { authorization: `Bearer ${made.text}` };
    },
    person: (roles, change) => makePerson(storage, clock(), roles, change),
    logged: () => lines.join(""),
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await storage[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

export interface PersonHeaders {
  readonly cookie: string;
  readonly "x-csrf-token": string;
  readonly [name: string]: string;
}

let people = 0;

async function makePerson(
  storage: Storage,
  now: Date,
  roles: readonly string[],
  change: Partial<User> = {},
): Promise<{ readonly user: User; readonly headers: PersonHeaders }> {
  people += 1;
  const user: User = {
    ...newUser({
      email: `person${people}@example.jp`,
      emailIndex: people.toString(16).padStart(32, "0"),
      roles,
      senders: [],
      now,
    }),
    ...change,
  };
  const act = { actor: "test", at: now };
  await storage.users.save(user, "create", act);
  const { session, secret } = createSession(user.id, "127.0.0.1", now);
  await storage.sessions.begin(session, 10, act, "test");
  return {
    user,
    headers: { cookie: `__Host-sekisho=${secret}`, "x-csrf-token": csrfToken(secret) },
  };
}

type StandardParts = Omit<HttpParts, "log" | "clock">;

/** Stores, names, and answers of parts that have nothing to say in these tests. */
function standardParts(
  storage: Storage,
  indexer: Indexer,
  zone: ReadonlyMap<string, readonly string[]>,
): StandardParts {
  const { ledger, queue, audit, credentials, tokens, keys } = storage;
  return {
    ledger,
    queue,
    audit,
    credentials,
    tokens,
    users: storage.users,
    sessions: storage.sessions,
    answers: storage.answers,
    freezes: storage.freezes,
    approvals: storage.approvals,
    approvalExpiresSeconds: 3 * 86_400,
    roles: standardRoles(),
    people: {
      password: standardPasswordRules,
      passwordMaxAgeDays: 0,
      secondFactor: "optional",
      session: standardSessionLimits,
      banner: "Everything done here is recorded.",
    },
    breached: () => Promise.resolve(false),
    keys,
    indexer,
    senders: [sender],
    streams: [stream],
    resolver: {
      txt: (name): Promise<TxtAnswer> => {
        const records = zone.get(name);
        return Promise.resolve(
          records === undefined ? { kind: "nxdomain" } : { kind: "records", records },
        );
      },
    },
    explain: (message, about) =>
      Promise.resolve({
        file: "message",
        decision: "accept",
        reason: null,
        bytes: message.length,
        stream: about.stream.id,
        findings: [],
      }),
    ready: () => Promise.resolve({ ready: true, checks: [{ name: "storage", ok: true }] }),
    connections: () => ({ smtp: 1 }),
  };
}

/** For `parts`: every sender demands a second person for these. */
export function demandApprovals(
  { senders, streams }: StandardParts,
  approvals: NonNullable<Sender["approvals"]>,
): Pick<HttpParts, "senders" | "streams"> {
  return {
    senders: senders.map((each) => ({ ...each, approvals })),
    streams: streams.map((each) => ({ ...each, sender: { ...each.sender, approvals } })),
  };
}

export function standardRoles(): HttpParts["roles"] {
  const roles = allRoles();
  if (roles.kind === "bad") throw new Error(roles.problem);
  return roles.value;
}

function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed.kind === "bad") throw new Error(parsed.problem);
  return parsed.value;
}

const sender: Sender = {
  id: "sample",
  legal: {
    names: ["株式会社サンプル商事"],
    addresses: ["〒999-9999 東京都架空区見本町1-2-3"],
    contacts: ["support@example.jp"],
    optOutHosts: ["u.example.jp"],
  },
  domains: [domain("example.jp")],
  strictOptIn: false,
};
const stream: Stream = {
  id: "newsletter",
  sender,
  class: "marketing",
  topic: "news",
  rules: ["jp"],
  onViolation: "refuse",
  observe: [],
  disabled: [],
  listUnsubscribe: "add",
};
