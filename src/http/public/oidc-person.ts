// Who somebody from the single sign-on provider is here: known by address at first, by subject from then on.
import type { OidcPerson } from "../../identity/oidc.ts";
import type { OidcSettings } from "../../identity/people-settings.ts";
import { newUser } from "../../identity/person.ts";
import { userActor, type User } from "../../identity/user.ts";
import { parseAddress } from "../../mail/address.ts";
import type { HttpParts } from "../parts.ts";

/** The person here, with the roles and the address that the provider gives them now; undefined: not let in. */
export async function admit(
  parts: HttpParts,
  settings: OidcSettings,
  person: OidcPerson,
  from: string,
): Promise<User | undefined> {
  const address = parseAddress(person.email ?? "");
  if (address.kind === "bad" || person.roles.length === 0) return undefined;
  if (!person.roles.every((role) => parts.roles.has(role))) return undefined;
  const now = parts.clock();
  const { issuer } = settings;
  const email = address.value.text;
  const emailIndex = parts.indexer.address(address.value);
  const bound = await parts.users.findBySubject(issuer, person.subject);
  const known = bound ?? (await parts.users.findByEmail(emailIndex));
  if (known === undefined && !settings.createUsers) return undefined;
  if (known?.disabledAt !== undefined) return undefined;
  if (bound === undefined && isSomebodyElse(known, issuer, person.subject)) return undefined;
  const user = known ?? newUser({ email, emailIndex, roles: [], senders: [], now });
  const next: User = {
    ...user,
    ...(user.emailIndex === emailIndex ? {} : { email, emailIndex }),
    roles: person.roles,
    oidcSubject: person.subject,
    oidcIssuer: issuer,
  };
  const same = bound?.emailIndex === emailIndex && bound.roles.toString() === next.roles.toString();
  if (!same) {
    const act = { actor: userActor(user.id), at: now, from };
    const change = known === undefined ? "create" : "single-sign-on";
    // Somebody else has the new address, or changed them at the same moment: the next login sees it.
    if ((await parts.users.save(next, change, act, "", known)) !== "saved") return undefined;
  }
  return next;
}

/**
 * Whether the address was given to another subject at this provider. A subject of another provider says nothing: two
 * providers may give the same one to two people (OpenID Connect Core 1.0 §5.7), and a new provider gives everybody a new one.
 */
function isSomebodyElse(known: User | undefined, issuer: string, subject: string): boolean {
  if (known?.oidcSubject === undefined) return false;
  return (known.oidcIssuer ?? issuer) === issuer && known.oidcSubject !== subject;
}
