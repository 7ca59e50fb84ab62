// A row of `sessions` and the session it stands for.
import type { Session } from "../../identity/session.ts";

export interface SessionRow {
  readonly hash: string;
  readonly user: string;
  readonly created_at: number;
  readonly last_seen_at: number;
  readonly proved_at: number;
  readonly remote: string;
}

export function toSession(row: SessionRow): Session {
  return {
    hash: row.hash,
    user: row.user,
    createdAt: new Date(row.created_at),
    lastSeenAt: new Date(row.last_seen_at),
    provedAt: new Date(row.proved_at),
    remote: row.remote,
  };
}
