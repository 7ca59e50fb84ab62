// Who can still let people in: the last one of them must not go.
import type { User } from "./user.ts";

/** Somebody who must not be the last to go: an enabled user with every right, for every sender. */
export function isAdministrator(user: User): boolean {
  return (
    user.disabledAt === undefined &&
    user.roles.includes("administrator") &&
    user.senders.length === 0
  );
}

export function isLastAdministrator(user: User, all: readonly User[]): boolean {
  return isAdministrator(user) && !all.some((each) => each.id !== user.id && isAdministrator(each));
}
