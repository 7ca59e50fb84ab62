// Who received what in a window of time: what a report of an incident asks first (個人情報保護法 26条).
import { setImmediate as nextTurn } from "node:timers/promises";

import type { AuditEvent } from "./event.ts";
import type { AuditLog } from "./log.ts";

const pageSize = 500;

export interface Received {
  readonly at: Date;
  readonly messageId: string;
  readonly stream: string;
  readonly sender: string;
  /** null: unknown, or erased since. */
  readonly recipient: string | null;
}

export interface ReceivedSummary {
  readonly deliveries: number;
  readonly messages: number;
  /** Different people, those erased since included. From 1,000 on a report to 個人情報保護委員会 may be due (規則 7条). */
  readonly people: number;
}

export interface ReceivedWindow {
  readonly stream: string;
  readonly since: Date;
  readonly until: Date;
}

const countedMax = 5_000_000; // people and messages remembered for the summary: about 300 MB at the most

/** Yields each delivery, oldest first, and returns the summary. */
export async function* listReceived(
  audit: Pick<AuditLog, "search">,
  window: ReceivedWindow,
): AsyncGenerator<Received, ReceivedSummary> {
  const people = new Set<string>();
  const messages = new Set<string>();
  let deliveries = 0;
  for await (const event of everyEvent(audit, { ...window, types: ["Delivery"] })) {
    deliveries += 1;
    if (people.size < countedMax) people.add(event.subject ?? event.recipient ?? "");
    if (messages.size < countedMax) messages.add(event.messageId ?? "");
    yield {
      at: event.at,
      messageId: event.messageId ?? "",
      stream: event.stream ?? window.stream,
      sender: event.sender ?? "",
      recipient: event.recipient ?? null,
    };
  }
  return { deliveries, messages: messages.size, people: people.size };
}

/** Every event of a filter, page by page: never more than a page in memory. */
export async function* everyEvent(
  audit: Pick<AuditLog, "search">,
  filter: Omit<Parameters<AuditLog["search"]>[0], "limit" | "cursor">,
): AsyncGenerator<AuditEvent, void> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<AuditLog["search"]>> = await audit.search({
      ...filter,
      limit: pageSize,
      ...(cursor === null ? {} : { cursor }),
    });
    yield* page.items;
    cursor = page.next;
    if (cursor !== null) await nextTurn(); // a search may be synchronous: others have their turn between two pages
  } while (cursor !== null);
}
