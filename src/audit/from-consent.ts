// The audit events of the ledger: what each change of consent, suppression and record leaves in the chain. Pure.
import type { AddressIndex } from "../consent/address-index.ts";
import type { ConsentEvent } from "../consent/event.ts";
import { formatScope, type Suppression } from "../consent/suppression.ts";
import type { AuditDraft } from "./event.ts";

export function consentRecorded(event: ConsentEvent, at: Date): AuditDraft {
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
    },
  };
}

/** The one mail that asks a person for consent was taken into the queue. */
export function consentAsked(request: {
  readonly subject: AddressIndex;
  readonly sender: string;
  readonly topic: string;
  readonly messageId: string;
  readonly at: Date;
}): AuditDraft {
  const { topic, ...about } = request;
  return { type: "Consent", ...about, detail: { change: "asked", topic } };
}

/** One event for many rows of one call. */
export function consentsImported(import_: {
  readonly rows: number;
  readonly actor: string;
  readonly senders: readonly string[];
  readonly at: Date;
}): AuditDraft {
  const { rows, actor, senders, at } = import_;
  const [only] = senders;
  return {
    type: "Import",
    at,
    ...(only !== undefined && senders.length === 1 ? { sender: only } : {}),
    actor,
    detail: { change: "consents", rows, senders: [...senders] },
  };
}

export function suppressionAdded(suppression: Suppression, at: Date): AuditDraft {
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
    },
    ...(suppression.reason === undefined ? {} : { personal: { reason: suppression.reason } }),
  };
}

export function suppressionRemoved(
  suppression: Suppression,
  act: { readonly actor: string; readonly reason?: string },
  at: Date,
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
