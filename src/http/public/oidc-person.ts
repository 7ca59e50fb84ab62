// Who somebody from the single sign-on provider is here: known by address at first, by subject from then on.
import type { OidcPerson } from "../../identity/oidc.ts";
import type { OidcSettings } from "../../identity/people-settings.ts";
import { newUser } from "../../identity/person.ts";
import { userActor, type User } from "../../identity/user.ts";
import { parseAddress } from "../../mail/address.ts";
import type { HttpParts } from "../parts.ts";

export type Admitted =
  | { readonly kind: "let-in"; readonly user: User }
  /** `why`: for the operator's log. `user`: the id of the person here, where one is known. */
  | { readonly kind: "not-let-in"; readonly why: string; readonly user?: string };

/** The person here, with the roles and the address that the provider gives them now, or why they are not let in. */
export async function admit(
  parts: HttpParts,
  settings: OidcSettings,
  person: OidcPerson,
  from: string,
): Promise<Admitted> {
  const address = parseAddress(person.email ?? "");
  if (address.kind === "bad")
    return notLetIn("the provider names no address of theirs that it has verified");
  if (person.roles.length === 0)
    return notLetIn(`no value of the claim ${settings.roleClaim} is in people.oidc.roles`);
  const unknown = person.roles.find((role) => !parts.roles.has(role));
  if (unknown !== undefined)
    return notLetIn(`people.oidc.roles names ${unknown}, which is no role here`);
  const now = parts.clock();
  const { issuer } = settings;
  const email = address.value.text;
  const emailIndex = parts.indexer.address(address.value);
  const bound = await parts.users.findBySubject(issuer, person.subject);
  const known = bound ?? (await parts.users.findByEmail(emailIndex));
  if (known === undefined && !settings.createUsers)
    return notLetIn("nobody has this address, and people.oidc.create_users is not set");
  if (known?.disabledAt !== undefined) return notLetIn("the person is disabled", known);
  if (bound === undefined && isSomebodyElse(known, issuer, person.subject))
    return notLetIn("the address is bound to another subject of the provider", known);
  const user = withoutInitialPassword(
    known ?? newUser({ email, emailIndex, roles: [], senders: [], now }),
  );
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
    const saved = await parts.users.save(next, change, act, "", known);
    if (saved === "exists") return notLetIn("their new address is another person's here", known);
    if (saved !== "saved") return notLetIn("somebody else changed them at the same moment", known);
  }
  return { kind: "let-in", user: next };
}

/** What somebody else handed out to begin with: to be changed it would have to be known, and after seven days it is good no longer. */
function withoutInitialPassword({ password, ...user }: User): User {
  return password === undefined || password.initial ? user : { ...user, password };
}

function notLetIn(why: string, user?: User): Admitted {
  return { kind: "not-let-in", why, ...(user === undefined ? {} : { user: user.id }) };
}

/**
 * Whether the address was given to another subject at this provider. A subject of another provider says nothing: two
 * providers may give the same one to two people (OpenID Connect Core 1.0 §5.7), and a new provider gives everybody a new one.
 */
function isSomebodyElse(known: User | undefined, issuer: string, subject: string): boolean {
  if (known?.oidcSubject === undefined) return false;
  return (known.oidcIssuer ?? issuer) === issuer && known.oidcSubject !== subject;
}
