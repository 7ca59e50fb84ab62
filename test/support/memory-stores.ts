// Small stores in memory behind the interfaces that intake asks: for dialogues where storage is not what is tested, and
// for faults that a real store shows only with a broken disk.
import type { AuditDraft } from "../../src/audit/event.ts";
import type { AuditLog } from "../../src/audit/log.ts";
import { createIndexer, type AddressIndex, type Indexer } from "../../src/consent/address-index.ts";
import type { Ledger } from "../../src/consent/ledger.ts";
import type { Standing } from "../../src/consent/standing.ts";
import type { Suppression } from "../../src/consent/suppression.ts";
import { createSecret, hashSecret, type Credential } from "../../src/identity/credential.ts";
import type { CredentialStore } from "../../src/identity/store.ts";
import { parseAddress, type Address } from "../../src/mail/address.ts";
import type { KnownMessage, NewMessage, NewRecipient, QueueStore } from "../../src/queue/store.ts";

interface StoredMessage {
  readonly message: NewMessage;
  readonly recipients: readonly NewRecipient[];
}

export interface MemoryStores {
  readonly indexer: Indexer;
  readonly ledger: Pick<Ledger, "lookUp">;
  readonly queue: Pick<QueueStore, "accept" | "known" | "counts">;
  readonly audit: Pick<AuditLog, "append">;
  readonly credentials: CredentialStore;
  /** What was accepted, oldest first. */
  readonly stored: StoredMessage[];
  readonly events: AuditDraft[];
  readonly grant: (address: string, standing?: Standing) => void;
  readonly suppress: (address: string, kind: Suppression["kind"]) => void;
  readonly addCredential: (
    username: string,
    stream: string,
    change?: Partial<Credential>,
  ) => Promise<string>;
}

export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed.kind === "bad") throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}

export function createMemoryStores(): MemoryStores {
  const indexer = createIndexer(Buffer.alloc(32, 7));
  const standings = new Map<AddressIndex, Standing>();
  const suppressions = new Map<AddressIndex, Suppression[]>();
  const credentials = new Map<string, Credential>();
  const fingerprints = new Map<string, KnownMessage>();
  const stored: StoredMessage[] = [];
  const events: AuditDraft[] = [];
  return {
    indexer,
    stored,
    events,
    ledger: {
      lookUp: ({ subject }) =>
        Promise.resolve({
          standing: standings.get(subject) ?? { kind: "none" },
          suppressions: suppressions.get(subject) ?? [],
        }),
    },
    queue: {
      known: (marks) => Promise.resolve(marks.map((mark) => fingerprints.has(mark))),
      accept: (message, recipients, drafts) => {
        const marks = [message, ...recipients].flatMap(({ fingerprint }) => fingerprint ?? []);
        const [earlier] = marks.flatMap((mark) => fingerprints.get(mark) ?? []);
        if (earlier !== undefined) {
          return Promise.resolve({ kind: "duplicate", ...earlier });
        }
        const { messageId, held } = message;
        for (const mark of marks)
          fingerprints.set(mark, { messageId, ...(held === undefined ? {} : { held }) });
        stored.push({ message, recipients });
        events.push(...drafts);
        return Promise.resolve({ kind: "stored" });
      },
      counts: () => {
        const waiting = stored.reduce((sum, each) => sum + each.recipients.length, 0);
        return Promise.resolve({
          states: {
            held: 0,
            waiting,
            paused: 0,
            leased: 0,
            delivered: 0,
            failed: 0,
            expired: 0,
            dropped: 0,
          },
          contentBytes: stored.reduce((sum, each) => sum + each.message.content.length, 0),
        });
      },
    },
    audit: {
      append: (drafts) => {
        events.push(...drafts);
        return Promise.resolve();
      },
    },
    credentials: {
      find: (username) => Promise.resolve(credentials.get(username)),
      list: () => Promise.resolve([...credentials.values()]),
      save: (credential) => {
        credentials.set(credential.username, credential);
        return Promise.resolve("saved");
      },
      touch: () => Promise.resolve(),
    },
    grant: (text, standing = { kind: "granted", basis: "consent", since: new Date(0) }) => {
      standings.set(indexer.address(address(text)), standing);
    },
    suppress: (text, kind) => {
      const subject = indexer.address(address(text));
      const suppression: Suppression = {
        subject,
        ofDomain: false,
        kind,
        scope: { kind: "all" },
        origin: "test",
        createdAt: new Date(0),
      };
      suppressions.set(subject, [suppression]);
    },
    addCredential: (username, stream, change = {}) => {
      const secret = createSecret();
      credentials.set(username, {
        username,
        name: username,
        stream,
        createdAt: new Date(0),
        secrets: [{ hash: hashSecret(secret) }],
        ranges: [],
        ...change,
      });
      return Promise.resolve(secret);
    },
  };
}
