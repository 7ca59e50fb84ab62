// Roles: the one table of who may do what. The checks, docs/reference/rights.md and the test matrix are made from it.
import { bad, ok, type Parsed } from "../mail/parsed.ts";
import { isScope } from "./scope.ts";

export interface Role {
  readonly name: string;
  readonly summary: string;
  readonly scopes: readonly string[];
  /** Sees mail addresses as `t***@example.jp`, and no message. */
  readonly masked: boolean;
}

const standardRoles = {
  administrator: { summary: "everything, people and tokens included", scopes: ["*"] },
  approver: {
    summary: "the second pair of eyes: decides what others ask for, and held mail",
    scopes: [
      "approvals:write",
      "held:write",
      "messages:read",
      "queue:read",
      "senders:read",
      "streams:read",
      "explain:read",
      "freezes:read",
    ],
  },
  operator: {
    summary: "runs the MA tool: sees what became of mail and why, asks for campaigns, stops mail",
    scopes: [
      "messages:read",
      "held:read",
      "queue:read",
      "suppressions:read",
      "credentials:read",
      "dns:read",
      "senders:read",
      "streams:read",
      "explain:read",
      "approvals:read",
      "freezes:write",
    ],
  },
  "list-manager": {
    summary: "consents and suppressions; cannot send",
    scopes: [
      "consents:write",
      "suppressions:write",
      "senders:read",
      "streams:read",
      "approvals:read",
    ],
  },
  postmaster: {
    summary: "held and queued mail, suppressions, signing keys' state; keeps the mail flowing",
    scopes: [
      "held:write",
      "queue:write",
      "messages:read",
      "suppressions:write",
      "consents:read",
      "keys:read",
      "dns:read",
      "credentials:read",
      "senders:read",
      "streams:read",
      "explain:read",
      "approvals:read",
      "freezes:write",
    ],
  },
  auditor: {
    summary: "reads everything, addresses masked; changes nothing",
    scopes: [
      "suppressions:read",
      "consents:read",
      "keys:read",
      "dns:read",
      "messages:read",
      "held:read",
      "queue:read",
      "credentials:read",
      "senders:read",
      "streams:read",
      "explain:read",
      "audit:read",
      "users:read",
      "tokens:read",
      "approvals:read",
      "freezes:read",
      "exports:read",
    ],
    masked: true,
  },
  guest: {
    summary: "looks on: what became of mail, addresses masked; changes nothing",
    scopes: ["messages:read", "held:read", "queue:read", "senders:read", "streams:read"],
    masked: true,
  },
} as const satisfies Record<
  string,
  { readonly summary: string; readonly scopes: readonly string[]; readonly masked?: boolean }
>;

export interface CustomRole {
  readonly id: string;
  readonly summary: string;
  readonly scopes: readonly string[];
  readonly masked: boolean;
}

/** Every role there is, by name. A configured role of a standard name is refused: what a name means must not change. */
export function allRoles(custom: readonly CustomRole[] = []): Parsed<ReadonlyMap<string, Role>> {
  const roles = new Map<string, Role>(
    Object.entries(standardRoles).map(([name, role]) => [name, { masked: false, ...role, name }]),
  );
  for (const { id, ...role } of custom) {
    if (roles.has(id)) return bad(`${id} is a role already`);
    const wrong = role.scopes.find((scope) => !isScope(scope));
    if (wrong !== undefined)
      return bad(`${id} has the scope ${wrong}, which is not noun:read|write`);
    roles.set(id, { ...role, name: id });
  }
  return ok(roles);
}

/** What a person with several roles may do. Masked only where every role is. */
export function rightsOf(
  names: readonly string[],
  roles: ReadonlyMap<string, Role>,
): { readonly scopes: readonly string[]; readonly masked: boolean } {
  const held = names.flatMap((name) => roles.get(name) ?? []); // A role that is gone gives nothing.
  return {
    scopes: [...new Set(held.flatMap((role) => role.scopes))],
    masked: held.every((role) => role.masked),
  };
}
