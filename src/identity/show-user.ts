// A person as people and programs read them: the same from the command line and over HTTP.
import { hasSecondFactor, type User } from "./user.ts";

/** Without hashes and secrets: field by field. */
export function showUser(user: User): object {
  return {
    id: user.id,
    email: user.email,
    roles: user.roles,
    senders: user.senders,
    createdAt: user.createdAt,
    disabledAt: user.disabledAt ?? null,
    lastUsedAt: user.lastUsedAt ?? null,
    secondFactor: hasSecondFactor(user),
    mustChangePassword: user.password?.initial === true,
    singleSignOn: user.oidcSubject !== undefined,
    deputyOf: user.deputyOf,
  };
}
