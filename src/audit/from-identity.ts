// The audit events of credentials, tokens and signing keys: what changed, never a secret. Pure.
import type { AuditDraft } from "./event.ts";

export interface AdminAct {
  readonly actor: string;
  readonly reason?: string;
  readonly at: Date;
  /** Where the request came from: an IP address. */
  readonly from?: string;
}

/** Of a rotation also until when the secret before it is good. */
export function credentialChanged(
  credential: {
    readonly username: string;
    readonly name: string;
    readonly stream: string;
    readonly expiresAt?: Date;
    readonly ranges: readonly string[];
    readonly secrets: readonly { readonly expiresAt?: Date }[];
  },
  change: "create" | "rotate" | "revoke",
  act: AdminAct,
): AuditDraft {
  const { username, name, stream, expiresAt, ranges, secrets } = credential;
  const old = secrets.find((secret) => secret.expiresAt !== undefined);
  return {
    ...changed("Credential", act),
    stream,
    detail: {
      ...fromOf(act),
      change,
      username,
      name,
      ...(ranges.length === 0 ? {} : { ranges: [...ranges] }),
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
      ...(old?.expiresAt === undefined ? {} : { oldSecretUntil: old.expiresAt.toISOString() }),
    },
  };
}

/**
 * What a token may do, for whom, and until when: where nothing is said, for all senders and without an end. `endedWith`: the
 * token whose revocation ended this one, which it had made.
 */
export function tokenChanged(
  token: {
    readonly id: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly senders?: readonly string[];
    readonly expiresAt?: Date;
    readonly owner?: string;
    readonly masked?: true;
  },
  change: "create" | "revoke",
  act: AdminAct,
  endedWith?: string,
): AuditDraft {
  const { id, name, scopes, senders, expiresAt, owner, masked } = token;
  return {
    ...changed("Token", act),
    detail: {
      ...fromOf(act),
      change,
      id,
      name,
      scopes: [...scopes],
      ...(senders === undefined ? {} : { senders: [...senders] }),
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
      ...(owner === undefined ? {} : { owner }),
      ...(masked === undefined ? {} : { masked }),
      ...(endedWith === undefined ? {} : { endedWith }),
    },
  };
}

/** `from` is absent for a new key: `from` and `to` are states here, and the IP address is `address`. */
export function keyChanged(
  key: { readonly domain: string; readonly selector: string; readonly algorithm: string },
  states: { readonly from?: string; readonly to: string },
  act: AdminAct,
): AuditDraft {
  return {
    ...changed("KeyChange", act),
    detail: {
      change: states.from === undefined ? "create" : "state",
      domain: key.domain,
      selector: key.selector,
      algorithm: key.algorithm,
      from: states.from,
      to: states.to,
      ...(act.from === undefined ? {} : { address: act.from }),
    },
  };
}

function fromOf(act: AdminAct): { readonly from?: string } {
  return act.from === undefined ? {} : { from: act.from };
}

function changed(type: "Credential" | "Token" | "KeyChange", act: AdminAct): AuditDraft {
  return {
    type,
    at: act.at,
    actor: act.actor,
    ...(act.reason === undefined ? {} : { personal: { reason: act.reason } }),
  };
}
