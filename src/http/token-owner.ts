// A token made by a person ends with that person, and never outgrows their rights.
import { rightsOf } from "../identity/rights.ts";
import { covers } from "../identity/scope.ts";
import type { Token } from "../identity/token.ts";
import { userActor } from "../identity/user.ts";
import type { HttpParts } from "./parts.ts";

const ownerPrefix = userActor("");

/** False where its maker is gone, disabled, or has lost a right that the token has. */
export async function ownerStands(
  parts: Pick<HttpParts, "users" | "roles">,
  token: Token,
): Promise<boolean> {
  if (token.owner === undefined) return true;
  const user = await parts.users.find(token.owner.slice(ownerPrefix.length));
  if (user === undefined || user.disabledAt !== undefined) return false;
  const rights = rightsOf(user.roles, parts.roles);
  const senders = token.senders ?? [];
  const within =
    user.senders.length === 0 ||
    (senders.length > 0 && senders.every((sender) => user.senders.includes(sender)));
  return covers(rights.scopes, token.scopes) && within && (!rights.masked || token.masked === true);
}
