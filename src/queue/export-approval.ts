// The approval of one bulk export: good for the words it was asked for, by whom, and once.
import type { Act } from "./act.ts";
import type { ApprovalStore } from "./approval.ts";

/** What is asked for, the same whatever the order of its parts. */
export function exportWords(query: object): string {
  const parts = Object.entries(query).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(Object.fromEntries(parts));
}

/** False where it is none for this export, was used, or is over. */
export async function spendExport(
  approvals: Pick<ApprovalStore, "find" | "spend">,
  id: string,
  wanted: { readonly what: string; readonly query: string },
  act: Act,
): Promise<boolean> {
  const found = await approvals.find(id);
  if (found?.act.kind !== "export") return false;
  const isSame = found.act.what === wanted.what && found.act.query === wanted.query;
  return isSame && approvals.spend(id, act.actor, act);
}
