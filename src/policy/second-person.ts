// Whether an act takes a second person, by what the senders that it is about demand (law.md S68, S76).
import type { ApprovalKind, Sender } from "./stream.ts";

/**
 * `about`: the sender's id; undefined where the act is about every sender. A sender that is not in the configuration counts
 * as every one: nobody knows what it demanded, and a made-up name must not get round those that there are.
 */
export function takesSecondPerson(
  senders: readonly Pick<Sender, "id" | "approvals">[],
  kind: ApprovalKind,
  about: string | undefined,
): boolean {
  const named = senders.filter(({ id }) => id === about);
  return (named.length === 0 ? senders : named).some(
    ({ approvals }) => approvals?.includes(kind) === true,
  );
}
