// Opens the gateway's memory behind the interfaces that its users declare; which engine it is stays in here.
import type { AuditLog } from "../audit/log.ts";
import type { Ledger } from "../consent/ledger.ts";
import type { KeyStore } from "../dkim/key.ts";
import type { AnswerStore } from "../identity/kept-answers.ts";
import type { SessionStore, UserStore } from "../identity/people-store.ts";
import type { CredentialStore, TokenStore } from "../identity/store.ts";
import type { ApprovalStore } from "../queue/approval.ts";
import type { CampaignStore } from "../queue/campaign.ts";
import type { FreezeStore } from "../queue/freeze.ts";
import type { SettingsStore } from "../queue/settings.ts";
import type { QueueStore } from "../queue/store.ts";
import type { MasterKeySecrets } from "./sealing.ts";
import { openSqlite } from "./sqlite/open.ts";

export interface OpenSettings {
  /** `sqlite:FILE`, relative to `dataDir`. */
  readonly url: string;
  readonly dataDir: string;
  readonly keysDir: string;
  readonly secrets: MasterKeySecrets;
  /** gateway: the one long-running process on this data directory · office: any number beside it (the CLI). */
  readonly role: "gateway" | "office";
  /** Gives times of recording; a test's own. */
  readonly clock?: () => Date;
}

export interface Storage extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly queue: QueueStore;
  readonly audit: AuditLog;
  readonly credentials: CredentialStore;
  readonly tokens: TokenStore;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly freezes: FreezeStore;
  readonly answers: AnswerStore;
  readonly settings: SettingsStore;
  readonly approvals: ApprovalStore;
  readonly campaigns: CampaignStore;
  readonly keys: KeyStore;
  /** `problem` says in words why writes fail or soon will (`full`: the disk is nearly so); reads may still work. */
  readonly health: () => Promise<{
    readonly ok: boolean;
    readonly full?: true;
    readonly problem?: string;
  }>;
  /** Resolves where nothing will be written again until the process starts anew: a failed fsync, a writer that died. */
  readonly lost: Promise<Error>;
}

/**
 * Opens or makes the store and brings its schema up to date. Throws where it would not be safe to run: not durable, a
 * network file system, a newer schema, another gateway on the same data, keys that others can read, another master key
 * than its own (OtherMasterKey).
 */
export async function openStorage(settings: OpenSettings): Promise<Storage> {
  const { url } = settings;
  if (!url.startsWith("sqlite:") || url.length === "sqlite:".length)
    throw new Error(`storage.url must be sqlite:FILE, but is ${url.replace(/:\/\/.*/, "://…")}`);
  return openSqlite(url.slice("sqlite:".length), settings);
}
