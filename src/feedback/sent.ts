// Who a recipient id stood for, from the record of what was sent.
import type { AuditLog } from "../audit/log.ts";
import type { Stream } from "../policy/stream.ts";
import type { SignalSubject } from "./learn.ts";

export interface SentDirectory {
  /** undefined where this gateway has no record of such a copy. */
  readonly find: (recipientId: string) => Promise<SignalSubject | undefined>;
}

const pageSize = 500;
const pagesMax = 20; // a message has at most some thousand recipients, each with a few events

export function createSentDirectory(
  audit: Pick<AuditLog, "search">,
  streams: readonly Stream[],
): SentDirectory {
  return {
    find: async (recipientId) => {
      const messageId = recipientId.slice(0, recipientId.lastIndexOf("-"));
      let cursor: string | undefined;
      for (let page = 0; page < pagesMax; page += 1) {
        const found = await audit.search({
          messageId,
          limit: pageSize,
          ...(cursor === undefined ? {} : { cursor }),
        });
        const event = found.items.find(
          (candidate) => candidate.recipientId === recipientId && candidate.subject !== undefined,
        );
        if (event?.subject !== undefined) {
          const stream = streams.find((candidate) => candidate.id === event.stream);
          const sender = event.sender ?? stream?.sender.id;
          return {
            subject: event.subject,
            messageId,
            recipientId,
            ...(sender === undefined ? {} : { sender }),
            ...(event.stream === undefined ? {} : { stream: event.stream }),
            ...(stream === undefined ? {} : { topic: stream.topic }),
          };
        }
        if (found.next === null) return undefined;
        cursor = found.next;
      }
      return undefined;
    },
  };
}
