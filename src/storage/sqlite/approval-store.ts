// Approvals and campaigns on SQLite.
import type { KeyObject } from "node:crypto";

import type { Database } from "better-sqlite3";

import type { Page } from "../../consent/ledger.ts";
import type { Act } from "../../queue/act.ts";
import type { Approval, ApprovalStore, Asked, Decided, NewApproval } from "../../queue/approval.ts";
import type { Campaign, CampaignNote, CampaignStore } from "../../queue/campaign.ts";
import { toApproval, toCampaign, type ApprovalRow, type CampaignRow } from "./approval-rows.ts";
import type { WriterClient } from "./client.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { reading } from "./database.ts";

// The campaign's name and size come from its own row: they grow while the request waits.
const select = `SELECT a.*, (SELECT c.recipients FROM campaigns c WHERE a.kind = 'campaign' AND c.id = a.ref) AS recipients
  FROM approvals a`;

export class SqliteApprovals implements ApprovalStore {
  readonly #db: Database;
  readonly #writer: WriterClient;
  readonly #key: KeyObject;

  constructor(db: Database, writer: WriterClient, key: KeyObject) {
    this.#db = db;
    this.#writer = writer;
    this.#key = key;
  }

  async find(id: string): Promise<Approval | undefined> {
    return reading(() => {
      const row = this.#db.prepare<[string], ApprovalRow>(`${select} WHERE a.id = ?`).get(id);
      return row === undefined ? undefined : toApproval(row, this.#key);
    });
  }

  async list(filter: Parameters<ApprovalStore["list"]>[0]): Promise<Page<Approval>> {
    return reading(() => {
      const [after] = decodeCursor(filter.cursor, 1) ?? [0];
      const rows = this.#db
        .prepare<[number, string | null, number], ApprovalRow>(
          `${select} WHERE a.no > ? AND a.state = coalesce(?, a.state) ORDER BY a.no LIMIT ?`,
        )
        .all(after ?? 0, filter.state ?? null, filter.limit);
      const last = rows.at(-1);
      return {
        items: rows.map((row) => toApproval(row, this.#key)),
        next: last === undefined || rows.length < filter.limit ? null : encodeCursor([last.no]),
      };
    });
  }

  ask(approval: NewApproval, act: Act): Promise<Asked> {
    return this.#writer.post("askApproval", [approval, act]);
  }

  decide(
    id: string,
    verdict: "approve" | "reject",
    act: Act,
    forWhom?: string,
    was?: Pick<Approval, "askedBy" | "recipients">,
  ): Promise<Decided> {
    return this.#writer.post(
      "decideApproval",
      was === undefined
        ? [id, verdict, act, forWhom]
        : [
            id,
            verdict,
            act,
            forWhom,
            {
              askedBy: was.askedBy,
              ...(was.recipients === undefined ? {} : { recipients: was.recipients }),
            },
          ],
    );
  }

  spend(id: string, askedBy: string, act: Act): Promise<boolean> {
    return this.#writer.post("spendApproval", [id, askedBy, act]);
  }

  expire(now: Date): Promise<number> {
    return this.#writer.post("expireApprovals", [now]);
  }
}

export class SqliteCampaigns implements CampaignStore {
  readonly #db: Database;
  readonly #writer: WriterClient;

  constructor(db: Database, writer: WriterClient) {
    this.#db = db;
    this.#writer = writer;
  }

  async recent(stream: string, limit: number): Promise<readonly Campaign[]> {
    return reading(() =>
      this.#db
        .prepare<[string, number], CampaignRow>(
          "SELECT * FROM campaigns WHERE stream = ? ORDER BY last_seen_at DESC LIMIT ?",
        )
        .all(stream, limit)
        .map((row) => toCampaign(row)),
    );
  }

  async note(note: CampaignNote, act: Act): Promise<void> {
    await this.#writer.post("noteCampaign", [note, act]);
  }
}
