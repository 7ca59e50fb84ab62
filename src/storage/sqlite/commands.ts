// Every verb of the writer under one name: what the posting side may ask for.
import type { AuditDraft } from "../../audit/event.ts";
import { createAnswerVerbs, type AnswerVerbs } from "./answers.ts";
import { createApprovalVerbs, type ApprovalVerbs } from "./approvals.ts";
import type { WriterContext } from "./context.ts";
import { createFreezeVerbs, type FreezeVerbs } from "./freezes.ts";
import { createIdentityVerbs, type IdentityVerbs } from "./identity.ts";
import { createKeyVerbs, type KeyVerbs } from "./keys.ts";
import { createLanes } from "./lanes.ts";
import { createLedgerVerbs, type LedgerVerbs } from "./ledger.ts";
import { createNodeVerbs, type NodeVerbs } from "./nodes.ts";
import { createChangeVerbs, type ChangeVerbs } from "./queue-changes.ts";
import { createLease, createLeaseThese } from "./queue-lease.ts";
import { createSettleVerbs, type SettleVerbs } from "./queue-settle.ts";
import { createAccept, type Accept } from "./queue.ts";
import { createRecipientEnder } from "./recipient-end.ts";
import { createUserVerbs, type UserVerbs } from "./users.ts";
import { createSuppressionVerbs, type SuppressionVerbs } from "./suppressions.ts";

export interface Commands
  extends
    LedgerVerbs,
    SuppressionVerbs,
    SettleVerbs,
    ChangeVerbs,
    NodeVerbs,
    IdentityVerbs,
    KeyVerbs,
    UserVerbs,
    ApprovalVerbs,
    AnswerVerbs,
    FreezeVerbs {
  readonly accept: Accept;
  readonly lease: ReturnType<typeof createLease>;
  readonly leaseThese: ReturnType<typeof createLeaseThese>;
  readonly append: (events: readonly AuditDraft[]) => void;
}

export type CommandName = keyof Commands;

export function createCommands(context: WriterContext): Commands {
  const lanes = createLanes(context.db);
  const recipients = createRecipientEnder(context);
  const suppressions = createSuppressionVerbs(context);
  const held = createChangeVerbs(context, lanes, recipients);
  const accept = createAccept(context, lanes);
  return {
    ...createLedgerVerbs(context, recipients),
    ...suppressions,
    ...createSettleVerbs({ context, lanes, recipients, accept, suppressions }),
    ...held,
    ...createApprovalVerbs(context, { held, suppressions }),
    ...createAnswerVerbs(context),
    ...createIdentityVerbs(context),
    ...createUserVerbs(context),
    ...createFreezeVerbs(context),
    ...createKeyVerbs(context),
    ...createNodeVerbs(context),
    accept,
    lease: createLease(context, lanes, recipients),
    leaseThese: createLeaseThese(context, recipients),
    append: (events) => {
      for (const event of events) context.audit.append(event);
    },
  };
}
