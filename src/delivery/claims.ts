// New messages whose recipients go straight to their lanes: leased by the commit that stores them, the content at hand.
//
// A recipient that is stored as waiting costs a second transaction to lease it, and its content a read and a decipherment.
// Where there is room the first transaction leases it too. What the queue promises stays as it is: a process that dies
// leaves leases, which `recover` gives back. What one recipient gets is prepared while that transaction is under way.
import { freeOctets } from "../mail/free-octets.ts";
import type { Claim, Lease, NewMessage, NewRecipient, QueueStore } from "../queue/store.ts";
import type { HeadStart } from "./head-start.ts";
import type { AtHand } from "./prepare.ts";

export type Accepted = Awaited<ReturnType<QueueStore["accept"]>>;

/** What an attempt has at hand, and how long. */
export interface Kept extends AtHand {
  /** To be called once, when the recipient's attempt is over or was given back. */
  readonly end: () => void;
}

export interface Claims {
  /**
   * Stores a message by `store` and begins the attempts of its recipients where there is room for that; else they wait
   * in the queue for their turn. Rejects where `store` does. The content is handed over: nobody reads it afterwards.
   */
  readonly handOver: (
    message: NewMessage,
    recipients: readonly NewRecipient[],
    store: (claim: Claim | undefined) => Promise<Accepted>,
  ) => Promise<Accepted>;
}

export interface ClaimsParts {
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: () => Date;
  /** Whether these may go at once: nothing stops them or waits in the queue that they would go before. */
  readonly isOpen: (leases: readonly Lease[]) => boolean;
  readonly begin: (lease: Lease, kept: Kept) => void;
  readonly headStart: Pick<HeadStart, "begin" | "forget">;
  /** The queue has more than it had. */
  readonly nudge: () => void;
}

const recipientsMax = 2000; // about 1 KB each beside the content
const octetsMax = 48 * 1024 * 1024; // content in memory until its last recipient's attempt ends

export function createClaims(parts: ClaimsParts): Claims {
  let recipientsKept = 0;
  let octetsKept = 0;
  return {
    handOver: async (message, recipients, store) => {
      const { content, held } = message;
      const leases = recipients.map((recipient) => leaseOf(message, recipient));
      const fits =
        held === undefined &&
        recipientsKept + recipients.length <= recipientsMax &&
        octetsKept + content.length <= octetsMax &&
        parts.isOpen(leases);
      if (!fits) {
        const result = await store(undefined);
        parts.nudge();
        return result;
      }
      let left = recipients.length;
      const isShared = left > 1;
      recipientsKept += left;
      octetsKept += content.length;
      const end = (): void => {
        left -= 1;
        recipientsKept -= 1;
        if (left > 0) return;
        if (!isShared) for (const { recipientId } of leases) parts.headStart.forget(recipientId);
        octetsKept -= content.length;
        freeOctets(content);
      };
      const leaseUntil = new Date(parts.clock().getTime() + parts.leaseMs);
      let stored = false;
      try {
        const storing = store({ owner: parts.owner, leaseUntil });
        // What several get is prepared once for all of them, by the first who asks.
        if (!isShared)
          for (const lease of leases) parts.headStart.begin(lease, { content, isShared });
        const result = await storing;
        stored = result.kind === "stored";
        if (stored) for (const lease of leases) parts.begin(lease, { content, isShared, end });
        return result;
      } finally {
        if (!stored) for (let n = recipients.length; n > 0; n -= 1) end();
      }
    },
  };
}

/** What the queue would hand out for this recipient. */
function leaseOf(message: NewMessage, recipient: NewRecipient): Lease {
  const { messageId, stream, sender, envelope, fromDomain, receivedAt, trace, purpose } = message;
  const { recipientId, address, subject, destination, dsn } = recipient;
  return {
    recipientId,
    messageId,
    address,
    subject,
    destination,
    attempts: 0,
    stream,
    sender,
    envelope,
    fromDomain,
    receivedAt,
    trace,
    ...(purpose && { purpose }),
    notification: message.notification === true,
    uncertain: false,
    ...(dsn === undefined ? {} : { dsn }),
  };
}
