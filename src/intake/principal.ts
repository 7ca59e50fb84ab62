// Who submits mail: a credential, or an address range that stands for one; each is bound to exactly one stream.
import { parseRanges } from "../identity/address-range.ts";
import { verifySecret } from "../identity/credential.ts";
import type { CredentialStore } from "../identity/store.ts";
import type { Stream } from "../policy/stream.ts";

export type Principal =
  | { readonly kind: "credential"; readonly username: string; readonly stream: Stream }
  | { readonly kind: "range"; readonly stream: Stream };

/** The actor of audit events, and what rate limits count by. */
export function actorOf(principal: Principal): string {
  return principal.kind === "credential"
    ? `credential:${principal.username}`
    : `range:${principal.stream.id}`;
}

export interface AuthenticationParts {
  readonly credentials: CredentialStore;
  readonly streams: ReadonlyMap<string, Stream>;
  readonly clock: () => Date;
}

/** `refused` names the credential where there is one: for the audit log, never for the client. */
export type Authentication =
  | { readonly kind: "authenticated"; readonly principal: Principal }
  | { readonly kind: "refused"; readonly known?: string };

/**
 * Who stands behind user name and secret. An unknown name costs the same look-up and comparison as a wrong secret
 * (threats.md row 22). Throws where the store cannot be read.
 */
export async function authenticate(
  parts: AuthenticationParts,
  attempt: { readonly username: string; readonly secret: string; readonly address: string },
): Promise<Authentication> {
  const now = parts.clock();
  const credential = await parts.credentials.find(attempt.username);
  const good = verifySecret(credential, attempt.secret, now);
  if (credential === undefined) return { kind: "refused" };
  const { username } = credential;
  // undefined: the stream was taken out of the configuration.
  const stream = parts.streams.get(credential.stream);
  if (!good || stream === undefined || !mayComeFrom(credential.ranges, attempt.address)) {
    return { kind: "refused", known: username };
  }
  parts.credentials.touch(username, now).catch(() => undefined); // Best effort: no reason to turn a tool away.
  return { kind: "authenticated", principal: { kind: "credential", username, stream } };
}

/**
 * The principal as it stands now: a credential that was revoked or has expired while its connection stayed open is
 * none any more. Asked at each MAIL.
 */
export async function renew(
  parts: AuthenticationParts,
  principal: Principal,
): Promise<Principal | undefined> {
  if (principal.kind === "range") return principal;
  const credential = await parts.credentials.find(principal.username);
  const now = parts.clock();
  if (credential === undefined || credential.revokedAt !== undefined) return undefined;
  if (credential.expiresAt !== undefined && credential.expiresAt <= now) return undefined;
  const stream = parts.streams.get(credential.stream);
  return stream === undefined ? undefined : { ...principal, stream };
}

function mayComeFrom(ranges: readonly string[], address: string): boolean {
  if (ranges.length === 0) return true;
  const parsed = parseRanges(ranges);
  return parsed.kind === "ok" && parsed.value.contains(address); // A range that cannot be read lets nobody in.
}
