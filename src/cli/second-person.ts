// Asks for a second person where a sender's settings say so, for acts at the command line.
import { randomUUID } from "node:crypto";

import { takesSecondPerson } from "../policy/second-person.ts";
import type { AskedAct } from "../queue/approval.ts";
import type { OfficeForCommand } from "./office.ts";
import { print, tell } from "./output.ts";

/** True where the act now waits for somebody else; false where it may be done at once. `sender` undefined: every sender. */
export async function asksSecondPerson(
  office: OfficeForCommand,
  act: Exclude<AskedAct, { readonly kind: "settings" }>,
  {
    always = false,
    ...about
  }: { readonly sender?: string; readonly reason?: string; readonly always?: boolean },
): Promise<boolean> {
  if (!always && !takesSecondPerson(office.senders, act.kind, about.sender)) return false;
  const at = office.clock();
  const until = new Date(at.getTime() + office.config.approval.expiresSeconds * 1000);
  const { actor } = office;
  const { id, expiresAt } = await office.storage.approvals.ask(
    { id: randomUUID(), act, askedBy: actor, askedAt: at, expiresAt: until, ...about },
    { actor, at, ...(about.reason === undefined ? {} : { reason: about.reason }) },
  );
  print({ approval: id, state: "open", expiresAt });
  tell(`It waits for a second person: sekisho approval approve ${id}, by somebody else.`);
  if (act.kind === "export") tell(`Then give the same command with --approval ${id}.`);
  return true;
}
