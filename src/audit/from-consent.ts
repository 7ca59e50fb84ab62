// The audit events of the ledger: what each change of consent, suppression and record leaves in the chain. Pure.
import type { AddressIndex } from "../consent/address-index.ts";
import type { ConsentEvent } from "../consent/event.ts";
import { formatScope, type Suppression } from "../consent/suppression.ts";
import type { AuditDraft } from "./event.ts";

/** `digest` covers the stored rows, so that `audit verify` finds a change in the ledger itself. */
export function consentRecorded(event: ConsentEvent, at: Date, digest: string): AuditDraft {
  return {
    type: "Consent",
    at,
    subject: event.subject,
    sender: event.sender,
    ...(event.messageId === undefined ? {} : { messageId: event.messageId }),
    actor: event.actor,
    detail: {
      change: event.kind,
      topic: event.topic,
      effectiveAt: event.at.toISOString(),
      ...(event.kind === "granted" ? { basis: event.basis, byPerson: event.byPerson } : {}),
      ...(event.kind === "granted" && event.expiresAt !== undefined
        ? { expiresAt: event.expiresAt.toISOString() }
        : {}),
      ...(event.kind === "paused" ? { until: event.until.toISOString() } : {}),
      rows: 1,
      digest,
    },
  };
}

/** One event for many rows of one call. */
export function consentsImported(import_: {
  readonly rows: number;
  readonly digest: string;
  readonly actor: string;
  readonly senders: readonly string[];
  readonly at: Date;
}): AuditDraft {
  const { rows, digest, actor, senders, at } = import_;
  const [only] = senders;
  return {
    type: "Import",
    at,
    ...(only !== undefined && senders.length === 1 ? { sender: only } : {}),
    actor,
    detail: { change: "consents", rows, digest, senders: [...senders] },
  };
}

/** `replaces` is the sequence of the event that made the suppression which this one takes the place of. */
export function suppressionAdded(
  suppression: Suppression,
  at: Date,
  proof: { readonly digest: string; readonly replaces?: number | undefined },
): AuditDraft {
  return {
    type: "Suppression",
    at,
    subject: suppression.subject,
    ...scopeFields(suppression),
    ...(suppression.messageId === undefined ? {} : { messageId: suppression.messageId }),
    actor: suppression.origin,
    detail: {
      change: "added",
      kind: suppression.kind,
      scope: formatScope(suppression.scope),
      ofDomain: suppression.ofDomain,
      ...(suppression.expiresAt === undefined
        ? {}
        : { expiresAt: suppression.expiresAt.toISOString() }),
      digest: proof.digest,
      replaces: proof.replaces,
    },
    ...(suppression.reason === undefined ? {} : { personal: { reason: suppression.reason } }),
  };
}

/** `removes` is the sequence of the event that made it. */
export function suppressionRemoved(
  suppression: Suppression,
  act: { readonly actor: string; readonly reason?: string },
  at: Date,
  removes: number,
): AuditDraft {
  return {
    type: "Suppression",
    at,
    subject: suppression.subject,
    ...scopeFields(suppression),
    actor: act.actor,
    detail: {
      change: "removed",
      kind: suppression.kind,
      scope: formatScope(suppression.scope),
      ofDomain: suppression.ofDomain,
      removes,
    },
    ...(act.reason === undefined ? {} : { personal: { reason: act.reason } }),
  };
}

/** `reason` must not name the person: nothing is left that could seal it. */
export function personErased(erasure: {
  readonly subject: AddressIndex;
  readonly actor: string;
  readonly reason?: string;
  readonly at: Date;
  readonly dropped: number;
}): AuditDraft {
  return {
    type: "Erasure",
    at: erasure.at,
    subject: erasure.subject,
    actor: erasure.actor,
    detail: { reason: erasure.reason, droppedRecipients: erasure.dropped },
  };
}

function scopeFields(suppression: Suppression): { sender?: string; stream?: string } {
  const { scope } = suppression;
  switch (scope.kind) {
    case "all":
      return {};
    case "sender":
      return { sender: scope.id };
    case "stream":
      return { stream: scope.id };
  }
}
