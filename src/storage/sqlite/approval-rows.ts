// Rows of `approvals` and `campaigns`, and what they stand for.
import { hash, type KeyObject } from "node:crypto";

import {
  approvalStates,
  type Approval,
  type AskedAct,
  type NewApproval,
} from "../../queue/approval.ts";
import type { Campaign } from "../../queue/campaign.ts";
import { unseal } from "../sealing.ts";

export interface ApprovalRow {
  readonly no: number;
  readonly id: string;
  readonly kind: string;
  readonly ref: string;
  readonly state: string;
  readonly sender: string | null;
  readonly asked_by: string;
  readonly asked_at: number;
  readonly expires_at: number;
  readonly decided_by: string | null;
  readonly decided_at: number | null;
  readonly sealed: Buffer;
  readonly recipients?: number | null;
}

export interface SealedApproval {
  readonly act: AskedAct;
  readonly askedByPerson?: string;
  readonly reason?: string;
}

export function approvalPlace(id: string): string {
  return `approval ${id}`;
}

export function approvalKind(approval: Pick<NewApproval, "act">): string {
  return approval.act.kind;
}

/** What makes two requests the same, without anybody's address. */
export function refOf({ act, askedBy }: Pick<NewApproval, "act" | "askedBy">): string {
  switch (act.kind) {
    case "release":
      return act.heldId;
    case "suppression-removal":
      return `${act.subject} ${JSON.stringify(act.scope)}`;
    case "export":
      return `${askedBy} ${act.what} ${act.query}`;
    case "campaign":
      return act.campaign;
    case "settings":
      return `${act.name} ${hash("sha256", act.after, "hex")}`;
  }
}

export function toApproval(row: ApprovalRow, key: KeyObject): Approval {
  const state = approvalStates.find((known) => known === row.state);
  if (state === undefined) throw new Error(`the approval ${row.id} has an unknown state`);
  const sealed = JSON.parse(
    unseal(key, approvalPlace(row.id), row.sealed).toString("utf8"),
  ) as SealedApproval;
  return {
    ...sealed,
    id: row.id,
    state,
    askedBy: row.asked_by,
    askedAt: new Date(row.asked_at),
    expiresAt: new Date(row.expires_at),
    ...(row.sender === null ? {} : { sender: row.sender }),
    ...(row.decided_by === null ? {} : { decidedBy: row.decided_by }),
    ...(row.decided_at === null ? {} : { decidedAt: new Date(row.decided_at) }),
    ...(typeof row.recipients === "number" ? { recipients: row.recipients } : {}),
  };
}

export interface CampaignRow {
  readonly id: string;
  readonly stream: string;
  readonly state: Campaign["state"];
  readonly name: string;
  readonly sketch: string;
  readonly hosts: string;
  readonly messages: number;
  readonly recipients: number;
  readonly recipients_max: number | null;
  readonly first_seen_at: number;
}

// Both JSON columns are written by approvals.ts beside this file, from typed values.
export function toCampaign(row: CampaignRow): Campaign {
  return {
    id: row.id,
    stream: row.stream,
    state: row.state,
    name: row.name,
    sketch: JSON.parse(row.sketch) as readonly string[],
    hosts: JSON.parse(row.hosts) as readonly string[],
    messages: row.messages,
    recipients: row.recipients,
    ...(row.recipients_max === null ? {} : { recipientsMax: row.recipients_max }),
    firstSeenAt: new Date(row.first_seen_at),
  };
}
