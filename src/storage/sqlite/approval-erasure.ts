// What an erasure leaves of requests about a person: what was asked for and who decided, without address and reason.
import { seal } from "../sealing.ts";
import {
  approvalPlace,
  toApproval,
  type ApprovalRow,
  type SealedApproval,
} from "./approval-rows.ts";
import type { WriterContext } from "./context.ts";

/** Gives how many were changed; the caller sees to it that nothing of the old pages remains. */
export function createForgetApprovals({ db, keys }: WriterContext): (subject: Buffer) => number {
  // The log knows them by the person; the table has no index for that.
  const select = db.prepare<[Buffer], ApprovalRow>(
    `SELECT * FROM approvals WHERE kind = 'suppression-removal' AND id IN (
       SELECT rest ->> '$.detail.approval' FROM audit_events INDEXED BY audit_events_subject
       WHERE subject = ? AND type = 'Approval')`,
  );
  const update = db.prepare<[Buffer, string]>("UPDATE approvals SET sealed = ? WHERE id = ?");
  return (subject) => {
    let changed = 0;
    for (const row of select.all(subject)) {
      const { act, askedByPerson, reason } = toApproval(row, keys.seal);
      if (act.kind !== "suppression-removal") continue;
      if (act.address === undefined && reason === undefined) continue;
      const { address: _address, ...bare } = act;
      const secret: SealedApproval = {
        act: bare,
        ...(askedByPerson === undefined ? {} : { askedByPerson }),
      };
      const sealed = seal(keys.seal, approvalPlace(row.id), Buffer.from(JSON.stringify(secret)));
      update.run(sealed, row.id);
      changed += 1;
    }
    return changed;
  };
}
