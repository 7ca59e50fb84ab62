// The verbs of approvals and campaigns: a decision and what follows from it are one commit.
import type { Act } from "../../queue/act.ts";
import type { Approval, Asked, Decided, NewApproval } from "../../queue/approval.ts";
import type { CampaignNote } from "../../queue/campaign.ts";
import {
  approvalKind,
  approvalPlace,
  refOf,
  toApproval,
  type ApprovalRow,
  type SealedApproval,
} from "./approval-rows.ts";
import type { WriterContext } from "./context.ts";
import type { ChangeVerbs } from "./queue-changes.ts";
import type { SuppressionVerbs } from "./suppressions.ts";
import type { SettingsChange } from "../../policy/in-force.ts";
import { createAdopt, createVouch, needsTwo } from "./settings-approval.ts";
import { createSettingsWriter, type SettingsWriter } from "./settings.ts";
import { recipientsMaxOf } from "../../policy/campaign.ts";
import { seal } from "../sealing.ts";
import { approvalEvent } from "./approval-event.ts";

export interface ApprovalVerbs {
  readonly askApproval: (approval: NewApproval, act: Act) => Asked;
  readonly decideApproval: (
    id: string,
    verdict: "approve" | "reject",
    act: Act,
    forWhom: string | undefined,
    was?: Pick<Approval, "askedBy" | "recipients">,
  ) => Decided;
  readonly spendApproval: (id: string, askedBy: string, act: Act) => boolean;
  readonly expireApprovals: (now: Date) => number;
  readonly adoptSettings: (
    changes: readonly SettingsChange[],
    asks: readonly NewApproval[],
    act: Act,
  ) => { readonly before: string; readonly after: string };
  readonly noteCampaign: (note: CampaignNote, act: Act) => void;
}

interface Doers {
  readonly held: Pick<ChangeVerbs, "heldDecide">;
  readonly suppressions: Pick<SuppressionVerbs, "unsuppress">;
}

export function createApprovalVerbs(context: WriterContext, doers: Doers): ApprovalVerbs {
  const { db, audit, keys } = context;
  const ask = createAsk(context);
  const select = db.prepare<[string], ApprovalRow>("SELECT * FROM approvals WHERE id = ?");
  const size = db
    .prepare<[string], number>("SELECT recipients FROM campaigns WHERE id = ?")
    .pluck();
  const settle = db.prepare<[string, string, number, string]>(
    "UPDATE approvals SET state = ?, decided_by = ?, decided_at = ? WHERE id = ? AND state = 'open'",
  );
  const spend = db.prepare<[string, string]>(
    "UPDATE approvals SET spent = 1 WHERE id = ? AND asked_by = ? AND state = 'approved' AND kind = 'export' AND spent = 0",
  );
  const overdue = db.prepare<[number], ApprovalRow>(
    "SELECT * FROM approvals WHERE state = 'open' AND expires_at <= ? LIMIT 1000",
  );
  const campaigns = createCampaignVerbs(context, ask, doers);
  const settings = createSettingsWriter(context);
  const vouch = createVouch(context);
  return {
    askApproval: ask,
    adoptSettings: createAdopt(context, settings, ask),
    noteCampaign: campaigns.note,
    decideApproval: (id, verdict, act, forWhom, was) => {
      const row = select.get(id);
      if (row?.state !== "open" || row.expires_at <= act.at.getTime()) return { kind: "not-open" };
      const isSame = was?.askedBy === row.asked_by && was.recipients === size.get(row.ref);
      if (was !== undefined && !isSame) return { kind: "not-open" };
      // Asked here too, under the lock: two answers of one person may be under way at once.
      if (verdict === "approve" && isOwn(row, act.actor, forWhom)) return { kind: "not-open" };
      if (verdict === "approve" && needsTwo(row)) return vouch(row, act, forWhom);
      const state = verdict === "approve" ? "approved" : "rejected";
      settle.run(state, act.actor, act.at.getTime(), id);
      const approval = toApproval({ ...row, state }, keys.seal);
      audit.append(approvalEvent(approval, state, act, forWhom));
      const reason = act.reason ?? `approval ${id} by ${act.actor}`;
      const released = carryOut(
        approval,
        state,
        { ...act, reason },
        { campaigns, doers, settings },
      );
      return { kind: "done", approval, released };
    },
    spendApproval: (id, askedBy, act) => {
      const row = select.get(id);
      if (row === undefined || row.expires_at <= act.at.getTime()) return false;
      if (spend.run(id, askedBy).changes === 0) return false;
      audit.append(approvalEvent(toApproval(row, keys.seal), "spent", act));
      return true;
    },
    expireApprovals: (now) => {
      const rows = overdue.all(now.getTime());
      for (const row of rows) {
        settle.run("expired", "gateway", now.getTime(), row.id);
        const approval = toApproval(row, keys.seal);
        const act = { actor: "gateway", at: now };
        audit.append(approvalEvent(approval, "expired", act));
        if (approval.act.kind === "campaign") campaigns.forget(approval.act.campaign);
      }
      return rows.length;
    },
  };
}

/** `forWhom`: those in whose place somebody decides, with spaces between. */
function isOwn(row: ApprovalRow, actor: string, forWhom: string | undefined): boolean {
  return (
    row.asked_by === actor || forWhom?.split(" ").every((who) => who === row.asked_by) === true
  );
}

/** What was asked for, done or not done. Gives the number of messages that go on. */
function carryOut(
  { act: asked, sender = "" }: Approval,
  state: "approved" | "rejected",
  act: Act & { readonly reason: string },
  {
    campaigns,
    doers,
    settings,
  }: {
    readonly campaigns: CampaignVerbs;
    readonly doers: Doers;
    readonly settings: SettingsWriter;
  },
): number {
  switch (asked.kind) {
    case "campaign":
      return campaigns.decide(asked.campaign, state, act);
    case "release":
      return state === "approved" && doers.held.heldDecide(asked.heldId, "release", act) ? 1 : 0;
    case "suppression-removal":
      if (state === "approved")
        doers.suppressions.unsuppress(asked.subject, asked.scope, act, act.at.getTime());
      return 0;
    case "settings":
      if (state === "approved") {
        const { name, before, after } = asked;
        settings.put({ name, sender, after, ...(before === null ? {} : { before }) }, act);
      }
      return 0;
    case "export":
      return 0;
  }
}

export type Ask = ApprovalVerbs["askApproval"];

function createAsk({ db, audit, keys }: WriterContext): Ask {
  // One whose time is over stands until it is swept, and nobody can decide it any more.
  const open = db.prepare<[string, string, number], Pick<ApprovalRow, "id" | "expires_at">>(
    "SELECT id, expires_at FROM approvals WHERE state = 'open' AND kind = ? AND ref = ? AND expires_at > ?",
  );
  const insert = db.prepare(
    `INSERT INTO approvals (id, kind, ref, state, sender, asked_by, asked_at, expires_at, sealed)
     VALUES (?, ?, ?, 'open', ?, ?, ?, ?, ?)`,
  );
  return (approval, act) => {
    const [kind, ref] = [approvalKind(approval), refOf(approval)];
    const standing = open.get(kind, ref, act.at.getTime());
    if (standing !== undefined)
      return { id: standing.id, expiresAt: new Date(standing.expires_at) };
    const { askedByPerson, reason } = approval;
    const sealed: SealedApproval = {
      act: approval.act,
      ...(askedByPerson === undefined ? {} : { askedByPerson }),
      ...(reason === undefined ? {} : { reason }),
    };
    insert.run(
      approval.id,
      kind,
      ref,
      approval.sender ?? null,
      approval.askedBy,
      approval.askedAt.getTime(),
      approval.expiresAt.getTime(),
      seal(keys.seal, approvalPlace(approval.id), Buffer.from(JSON.stringify(sealed))),
    );
    audit.append(approvalEvent({ ...approval, state: "open" }, "asked", act));
    return { id: approval.id, expiresAt: approval.expiresAt };
  };
}

interface CampaignVerbs {
  readonly note: ApprovalVerbs["noteCampaign"];
  readonly decide: (
    id: string,
    state: "approved" | "rejected",
    act: Act & { readonly reason: string },
  ) => number;
  /** Nobody decided: the next message of it asks anew. What is held stays held. */
  readonly forget: (id: string) => void;
}

function createCampaignVerbs({ db }: WriterContext, ask: Ask, { held }: Doers): CampaignVerbs {
  const begin = db.prepare(
    `INSERT INTO campaigns (id, stream, state, name, sketch, hosts, messages, recipients, first_seen_at, last_seen_at)
     VALUES (?, ?, 'waiting', ?, ?, ?, 0, 0, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = 'waiting', hosts = excluded.hosts`,
  );
  const count = db.prepare<[number, number, string]>(
    "UPDATE campaigns SET messages = messages + 1, recipients = recipients + ?, last_seen_at = ? WHERE id = ?",
  );
  const link = db.prepare<[string, string]>(
    "INSERT OR IGNORE INTO campaign_messages (campaign, message_id) VALUES (?, ?)",
  );
  const linked = db
    .prepare<[string], string>("SELECT message_id FROM campaign_messages WHERE campaign = ?")
    .pluck();
  const unlink = db.prepare<[string]>("DELETE FROM campaign_messages WHERE campaign = ?");
  const settle = db.prepare<[string, number | null, string]>(
    "UPDATE campaigns SET state = ?, recipients_max = ? WHERE id = ?",
  );
  const sizes = db
    .prepare<[string], number>(
      `SELECT recipients FROM campaigns WHERE state = 'approved'
         AND stream = (SELECT stream FROM campaigns WHERE id = ?)
       ORDER BY last_seen_at DESC LIMIT 20`,
    )
    .pluck();
  const seen = db
    .prepare<[string], number>("SELECT recipients FROM campaigns WHERE id = ?")
    .pluck();
  const remove = db.prepare<[string]>("DELETE FROM campaigns WHERE id = ?");
  return {
    note: (note, act) => {
      const now = act.at.getTime();
      const { begin: fresh } = note;
      if (fresh !== undefined) {
        const { sample } = fresh;
        const columns = [JSON.stringify(fresh.sketch), JSON.stringify(sample.hosts), now, now];
        begin.run(note.campaign, note.stream, fresh.name, ...columns);
        ask(
          {
            id: fresh.approval,
            sender: fresh.sender,
            askedBy: act.actor,
            askedAt: act.at,
            expiresAt: fresh.expiresAt,
            act: { kind: "campaign", campaign: note.campaign, ...sample },
          },
          act,
        );
      }
      count.run(note.recipients, now, note.campaign);
      if (note.held) link.run(note.campaign, note.messageId);
    },
    decide: (id, state, act) => {
      settle.run(state, recipientsMaxOf(sizes.all(id), seen.get(id) ?? 0) ?? null, id);
      let released = 0;
      for (const messageId of linked.all(id))
        if (held.heldDecide(messageId, state === "approved" ? "release" : "reject", act))
          released += 1;
      unlink.run(id);
      return state === "approved" ? released : 0;
    },
    forget: (id) => {
      unlink.run(id);
      remove.run(id);
    },
  };
}
