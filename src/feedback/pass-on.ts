// Mail that came back to our return path goes on to the MAIL FROM that the client used, for its own bounce handling.
import { createHash } from "node:crypto";

import type { Indexer } from "../consent/address-index.ts";
import type { Domain } from "../mail/domain.ts";
import { splitMessage } from "../mail/header.ts";
import { createMessageId } from "../mail/message-id.ts";
import type { QueueStore } from "../queue/store.ts";
import type { ReturnedMail } from "./receive.ts";
import type { SentCopy } from "./sent.ts";

export type PassOn = (mail: ReturnedMail, copy: SentCopy) => Promise<PassOnOutcome>;
type PassOnOutcome = "queued" | "nobody" | "loop" | "unfit";

export interface PassOnParts {
  readonly queue: Pick<QueueStore, "accept">;
  readonly indexer: Pick<Indexer, "address">;
  /** From domains of a sender: one of them signs. Empty where the sender is gone. */
  readonly domainsOf: (sender: string) => readonly Domain[];
  /** This gateway's name in Received fields, and the domains that its own return paths are at. */
  readonly hostname: string;
  readonly hosts: readonly string[];
  readonly clock: () => Date;
}

const contentMaxOctets = 5 * 1024 * 1024; // a report with the whole newsletter in it; more is no report
const hopsMax = 30; // as at the door of intake
const lineMaxOctets = 998; // RFC 5322 §2.1.1: what is longer would not be sent

/**
 * Queues the octets as they came, from the null sender, so that no answer can follow (RFC 3834 §2, threats.md row 53).
 * What passed this gateway once does not pass again. Rejects with the store's error; the same mail is queued once a day.
 */
export function createPassOn(parts: PassOnParts): PassOn {
  return async (mail, copy) => {
    const { mailFrom, stream, sender } = copy;
    const [firstDomain, ...others] = sender === undefined ? [] : parts.domainsOf(sender);
    if (mailFrom === undefined || stream === undefined || sender === undefined) return "nobody";
    if (firstDomain === undefined) return "nobody";
    const { content } = mail;
    if (parts.hosts.includes(mailFrom.domain) || hasPassed(content, parts.hostname)) return "loop";
    if (!isSendable(content)) return "unfit";
    const now = parts.clock();
    const messageId = createMessageId(now);
    const subject = parts.indexer.address(mailFrom);
    const recipientId = `${messageId}-1`;
    await parts.queue.accept(
      {
        messageId,
        stream,
        sender,
        envelope: {
          mailFrom: null,
          eightBit: content.some((octet) => octet > 127),
          smtpUtf8: false,
        },
        content,
        fromDomain: others.includes(mailFrom.domain) ? mailFrom.domain : firstDomain,
        receivedAt: now,
        trace: { helo: mail.helo, protocol: "ESMTP" },
        notification: true,
        fingerprint: createHash("sha256")
          .update(`returned ${copy.recipientId ?? ""}\0`)
          .update(content)
          .digest("hex"),
      },
      [{ recipientId, address: mailFrom, subject, destination: mailFrom.domain }],
      [
        {
          type: "Report",
          at: now,
          messageId,
          recipientId,
          stream,
          sender,
          subject,
          actor: "gateway",
          detail: { about: copy.recipientId, kind: "passed-on" },
        },
      ],
    );
    return "queued";
  };
}

function hasPassed(content: Buffer, hostname: string): boolean {
  const received = splitMessage(content).fields.filter(({ key }) => key === "received");
  const ours = `by ${hostname} `.toLowerCase();
  return (
    received.length > hopsMax ||
    received.some(({ value }) => value.replace(/\s+/g, " ").toLowerCase().includes(ours))
  );
}

function isSendable(content: Buffer): boolean {
  if (content.length > contentMaxOctets || splitMessage(content).malformed.length > 0) return false;
  if (content.includes(0)) return false;
  let start = 0;
  for (let end = content.indexOf(10); end !== -1; end = content.indexOf(10, start)) {
    if (end - 1 - start > lineMaxOctets) return false;
    start = end + 1;
  }
  return content.length - start <= lineMaxOctets;
}
