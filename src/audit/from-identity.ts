// The audit events of credentials, tokens and signing keys: what changed, never a secret. Pure.
import type { AuditDraft } from "./event.ts";

export interface AdminAct {
  readonly actor: string;
  readonly reason?: string;
  readonly at: Date;
  /** Where the request came from: an IP address. */
  readonly from?: string;
}

export function credentialChanged(
  credential: { readonly username: string; readonly name: string; readonly stream: string },
  change: "create" | "rotate" | "revoke",
  act: AdminAct,
): AuditDraft {
  return {
    ...changed("Credential", act),
    stream: credential.stream,
    detail: { ...fromOf(act), change, username: credential.username, name: credential.name },
  };
}

/** `endedWith`: the token whose revocation ended this one, which it had made. */
export function tokenChanged(
  token: { readonly id: string; readonly name: string; readonly scopes: readonly string[] },
  change: "create" | "revoke",
  act: AdminAct,
  endedWith?: string,
): AuditDraft {
  const { id, name, scopes } = token;
  const detail = { ...fromOf(act), change, id, name, scopes: [...scopes], endedWith };
  return { ...changed("Token", act), detail };
}

/** `from` is absent for a new key. */
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
