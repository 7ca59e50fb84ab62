// A store in a folder of its own, and short makers of what is kept in it: for the conformance suites and storage attacks.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { AuditDraft } from "../../src/audit/event.ts";
import { createIndexer } from "../../src/consent/address-index.ts";
import type { Evidence } from "../../src/consent/event.ts";
import type { NewConsent, RecordQuery } from "../../src/consent/ledger.ts";
import type { Suppression, SuppressionKind } from "../../src/consent/suppression.ts";
import { parseAddress, type Address } from "../../src/mail/address.ts";
import { createMessageId } from "../../src/mail/message-id.ts";
import type { NewMessage, NewRecipient } from "../../src/queue/store.ts";
import { openStorage, type OpenSettings, type Storage } from "../../src/storage/open.ts";

const secrets = {
  index: Buffer.alloc(32, 1),
  seal: Buffer.alloc(32, 2),
  content: Buffer.alloc(32, 3),
  dkim: Buffer.alloc(32, 4),
  fingerprint: "0123abcd",
};
export const indexer = createIndexer(secrets.index);

/** Noon on a day of January 2026, plus milliseconds. */
export const noon = (milliseconds = 0): Date => new Date(Date.UTC(2026, 0, 10, 12) + milliseconds);

/** A folder that is removed at disposal. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "sekisho-storage-"));
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export function settingsFor(folder: string, role: OpenSettings["role"] = "gateway"): OpenSettings {
  return {
    url: "sqlite:sekisho.db",
    dataDir: folder,
    keysDir: join(folder, "keys"),
    secrets,
    role,
    clock: () => noon(),
  };
}

/** What a conformance suite works with. `second` opens the same data once more, as another process would. */
export interface OpenedStore extends AsyncDisposable {
  readonly storage: Storage;
  readonly second: () => Promise<Storage>;
}

export async function openSqliteStore(): Promise<OpenedStore> {
  const folder = temporaryFolder();
  const storage = await openStorage(settingsFor(folder.path));
  return {
    storage,
    second: () => openStorage(settingsFor(folder.path, "office")),
    [Symbol.asyncDispose]: async () => {
      await storage[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed.kind === "bad") throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}

type Granted = Extract<NewConsent["event"], { readonly kind: "granted" }>;

export function granted(
  text: string,
  more: Partial<Omit<Granted, "kind">> & { readonly evidence?: Evidence } = {},
): NewConsent {
  const who = address(text);
  return {
    address: who,
    event: {
      kind: "granted",
      subject: indexer.address(who),
      sender: "sample",
      topic: "news",
      basis: "consent",
      byPerson: true,
      at: noon(),
      evidence: {},
      actor: "cli:test",
      ...more,
    },
  };
}

export function withdrawn(text: string, topic: string | null, at: Date): NewConsent {
  const who = address(text);
  const subject = indexer.address(who);
  return {
    address: who,
    event: {
      kind: "withdrawn",
      subject,
      sender: "sample",
      topic,
      at,
      evidence: {},
      actor: "recipient",
    },
  };
}

export function suppression(
  text: string,
  kind: SuppressionKind,
  more: Partial<Suppression> = {},
): { readonly target: Address; readonly suppression: Suppression } {
  const target = address(text);
  return {
    target,
    suppression: {
      subject: indexer.address(target),
      ofDomain: false,
      kind,
      scope: { kind: "all" },
      origin: "cli:test",
      createdAt: noon(),
      ...more,
    },
  };
}

export function query(text: string, more: Partial<RecordQuery> = {}): RecordQuery {
  const who = address(text);
  return {
    subject: indexer.address(who),
    domain: indexer.domain(who.domain),
    sender: "sample",
    stream: "newsletter",
    topic: "news",
    now: noon(1),
    ...more,
  };
}

export interface Submission {
  readonly message: NewMessage;
  readonly recipients: readonly NewRecipient[];
  readonly events: readonly AuditDraft[];
}

/** A message to these people, as intake would hand it over. */
export function submission(
  to: readonly string[],
  more: Partial<NewMessage> & { readonly text?: string } = {},
): Submission {
  const { text, ...rest } = more;
  const messageId = more.messageId ?? createMessageId(more.receivedAt ?? noon());
  const from = address("news@example.jp");
  const message: NewMessage = {
    messageId,
    stream: "newsletter",
    sender: "sample",
    envelope: { mailFrom: from, eightBit: true, smtpUtf8: false },
    content: Buffer.from(text ?? "Subject: hello\r\n\r\nhello\r\n"),
    fromDomain: from.domain,
    receivedAt: noon(),
    trace: { helo: "ma.example.jp", protocol: "ESMTPSA" },
    ...rest,
  };
  const recipients = to.map((one, index): NewRecipient => {
    const who = address(one);
    return {
      recipientId: `${messageId}-${index + 1}`,
      address: who,
      subject: indexer.address(who),
      destination: who.domain,
    };
  });
  const { stream, sender, receivedAt } = message;
  return {
    message,
    recipients,
    events: [
      { type: "Reception", at: receivedAt, messageId, stream, sender, actor: "credential:ma" },
    ],
  };
}

export async function accept(storage: Storage, given: Submission): Promise<string> {
  const answer = await storage.queue.accept(given.message, given.recipients, given.events);
  if (answer.kind !== "stored") throw new Error("the message was taken for a duplicate");
  return given.message.messageId;
}
