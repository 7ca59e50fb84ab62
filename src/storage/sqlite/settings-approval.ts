// What is peculiar to settings that people approve: asked for by the gateway, by two people, and only while the file says so.
import type { SettingsChange } from "../../policy/in-force.ts";
import type { Act } from "../../queue/act.ts";
import type { Decided, NewApproval } from "../../queue/approval.ts";
import { settingsAsker } from "../../queue/settings.ts";
import { approvalEvent } from "./approval-event.ts";
import { refOf, toApproval, type ApprovalRow } from "./approval-rows.ts";
import type { Ask } from "./approvals.ts";
import type { WriterContext } from "./context.ts";
import type { SettingsWriter } from "./settings.ts";

/** Nobody has spoken for it yet: whoever does first may be the one who wrote it. */
export function needsTwo(row: Pick<ApprovalRow, "kind" | "asked_by">): boolean {
  return row.kind === "settings" && row.asked_by === settingsAsker;
}

/** From now on it is this person's request, which somebody else approves. */
export function createVouch({
  db,
  audit,
  keys,
}: WriterContext): (row: ApprovalRow, act: Act, forWhom: string | undefined) => Decided {
  const take = db.prepare<[string, string]>("UPDATE approvals SET asked_by = ? WHERE id = ?");
  return (row, act, forWhom) => {
    take.run(act.actor, row.id);
    const approval = toApproval({ ...row, asked_by: act.actor }, keys.seal);
    audit.append(approvalEvent(approval, "vouched", act, forWhom));
    return { kind: "vouched", approval };
  };
}

export function createAdopt(
  { db, audit, keys }: WriterContext,
  settings: SettingsWriter,
  ask: Ask,
): (
  changes: readonly SettingsChange[],
  asks: readonly NewApproval[],
  act: Act,
) => { readonly before: string; readonly after: string } {
  const open = db.prepare<[], ApprovalRow>(
    "SELECT * FROM approvals WHERE state = 'open' AND kind = 'settings'",
  );
  const end = db.prepare<[string, number, string]>(
    "UPDATE approvals SET state = 'expired', decided_by = ?, decided_at = ? WHERE id = ?",
  );
  return (changes, asks, act) => {
    const before = settings.version();
    if (settings.isEmpty() && changes.length > 0) settings.putFirst(changes, act);
    else
      for (const change of changes) {
        // Approved since it was judged: the record stays, and is judged anew.
        if (settings.current(change.name) === change.before) settings.put(change, act);
      }
    const wanted = new Set(asks.map(refOf));
    for (const row of open.all()) {
      if (wanted.has(row.ref)) continue;
      end.run(act.actor, act.at.getTime(), row.id);
      audit.append(approvalEvent(toApproval(row, keys.seal), "superseded", act));
    }
    for (const each of asks) ask(each, act);
    return { before, after: settings.version() };
  };
}
