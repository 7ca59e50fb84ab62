// What failed for one person before, from the audit log: at our own attempts, and by mail that came back.
import type { AuditEvent } from "../audit/event.ts";
import type { AuditLog } from "../audit/log.ts";
import type { AddressIndex } from "../consent/address-index.ts";
import { isBounceReason } from "./bounce-reason.ts";
import type { EarlierBounce } from "./learn.ts";

const eventsMax = 50; // more than any threshold asks for

/** Newest first. `except`: the copy it is asked for; a relay that reports one copy twice tells of one bounce. */
export type EarlierBounces = (
  subject: AddressIndex,
  except: string | undefined,
) => Promise<readonly EarlierBounce[]>;

export function createEarlierBounces(audit: Pick<AuditLog, "search">): EarlierBounces {
  return async (subject, except) => {
    const { items } = await audit.search({
      types: ["Returned", "Bounce", "Expiration"],
      subject,
      newestFirst: true,
      limit: eventsMax,
    });
    return items.flatMap((event) => {
      const isSame = except !== undefined && event.recipientId === except;
      const reason = isSame ? undefined : reasonOf(event);
      return reason === undefined || !isBounceReason(reason) ? [] : [{ at: event.at, reason }];
    });
  };
}

function reasonOf(event: AuditEvent): string | undefined {
  const { reason, class: outcomeClass, final } = event.detail ?? {};
  if (event.type !== "Returned") {
    // For good it is a domain that is not there; what only expired was a name server that did not answer.
    if (outcomeClass === "routing") return event.type === "Bounce" ? "host-unknown" : undefined;
    return typeof outcomeClass === "string" ? outcomeClass : undefined;
  }
  return final === true && typeof reason === "string" ? reason : undefined;
}
