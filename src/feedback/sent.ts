// Who a recipient id stood for, from the record of what was sent.
import type { AuditEvent } from "../audit/event.ts";
import type { AuditLog } from "../audit/log.ts";
import { type Address, parseAddress } from "../mail/address.ts";
import type { Stream } from "../policy/stream.ts";
import type { SignalSubject } from "./learn.ts";

/**
 * A copy that was sent; its sender only where it still has a stream, as with opt-out links: an id that stands for nobody
 * would keep nothing back.
 * `mailFrom` is the client's own, where a return path of ours left in its place.
 */
export interface SentCopy extends SignalSubject {
  readonly mailFrom?: Address;
}

export interface SentDirectory {
  /** undefined where this gateway has no record of such a copy. */
  readonly find: (recipientId: string) => Promise<SentCopy | undefined>;
}

const eventsMax = 200; // of one copy: two attempts an hour for four days

export function createSentDirectory(
  audit: Pick<AuditLog, "search">,
  streams: () => readonly Stream[],
): SentDirectory {
  return {
    find: async (recipientId) => {
      const messageId = recipientId.slice(0, recipientId.lastIndexOf("-"));
      const { items } = await audit.search({ messageId, recipientId, limit: eventsMax });
      const event = items.find((candidate) => candidate.subject !== undefined);
      if (event?.subject === undefined) return undefined;
      const stream = streams().find((candidate) => candidate.id === event.stream);
      const named = event.sender ?? stream?.sender.id;
      const sender = streams().some((each) => each.sender.id === named) ? named : undefined;
      const mailFrom = mailFromIn(items);
      return {
        subject: event.subject,
        messageId,
        recipientId,
        ...(sender === undefined ? {} : { sender }),
        ...(event.stream === undefined ? {} : { stream: event.stream }),
        ...(stream === undefined ? {} : { topic: stream.topic }),
        ...(mailFrom === undefined ? {} : { mailFrom }),
      };
    },
  };
}

function mailFromIn(events: readonly AuditEvent[]): Address | undefined {
  const text = events
    .map((event) => event.personal?.["mailFrom"])
    .findLast((found) => found !== undefined);
  const address = text === undefined ? undefined : parseAddress(text);
  return address?.kind === "ok" ? address.value : undefined;
}
