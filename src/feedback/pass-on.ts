// Mail that came back to our return path goes on to the MAIL FROM that the client used, for its own bounce handling.
import { createHash } from "node:crypto";

import type { Indexer } from "../consent/address-index.ts";
import type { Domain } from "../mail/domain.ts";
import { headOf, type HeaderField } from "../mail/header.ts";
import { createMessageId } from "../mail/message-id.ts";
import type { QueueStore } from "../queue/store.ts";
import { addressesIn } from "./complaint.ts";
import { decodeWords } from "./decode-text.ts";
import { daemonAddress, passedOnMail } from "./passed-on-mail.ts";
import type { ReturnedMail } from "./receive.ts";
import type { Reading } from "./reading.ts";
import type { SentCopy } from "./sent.ts";

export interface PassOn {
  /**
   * Whether it must not go on, and a person must look at it: no report, from somebody, and in From a domain of a sender of
   * ours, which does not write to return paths.
   */
  readonly withholds: (mail: ReturnedMail, reading: Reading) => boolean;
  /** Rejects with the store's error; the same mail is queued once a day. */
  readonly queue: (mail: ReturnedMail, copy: SentCopy) => Promise<PassOnOutcome>;
}
type PassOnOutcome = "queued" | "nobody" | "loop";

export interface PassOnParts {
  readonly queue: Pick<QueueStore, "accept">;
  readonly indexer: Pick<Indexer, "address">;
  /** From domains of a sender: one of them signs. Empty where the sender is gone. */
  readonly domainsOf: (sender: string) => readonly Domain[];
  /** From domains of all senders. */
  readonly domains: () => readonly Domain[];
  /** This gateway's name in Received fields, and the domains that its own return paths are at. */
  readonly hostname: string;
  readonly hosts: readonly string[];
  readonly language: "ja" | "en";
  readonly clock: () => Date;
}

const hopsMax = 30; // as at the door of intake

/**
 * Queues the octets as they came, inside a mail of our own: what a stranger wrote is never signed as a sender's. It goes
 * from the null sender, so that no answer can follow (RFC 3834 §2, threats.md row 53), and what passed this gateway once
 * does not pass again.
 */
export function createPassOn(parts: PassOnParts): PassOn {
  return {
    withholds: ({ mailFrom, content }, { returned, signs }) =>
      mailFrom !== null &&
      !signs.report &&
      returned.kind !== "complaint" &&
      fromDomains(headOf(content).fields).some((domain) =>
        parts.domains().some((ours) => domain === ours || domain.endsWith(`.${ours}`)),
      ),
    queue: async (mail, copy) => {
      const { mailFrom, stream, sender, recipientId: about = "" } = copy;
      const [firstDomain, ...others] = sender === undefined ? [] : parts.domainsOf(sender);
      if (mailFrom === undefined || stream === undefined || sender === undefined) return "nobody";
      if (firstDomain === undefined) return "nobody";
      if (parts.hosts.includes(mailFrom.domain) || hasPassed(mail.content, parts.hostname))
        return "loop";
      const now = parts.clock();
      const messageId = createMessageId(now);
      const subject = parts.indexer.address(mailFrom);
      const recipientId = `${messageId}-1`;
      const { hostname, language } = parts;
      const { content, eightBit } = passedOnMail({
        content: mail.content,
        to: mailFrom,
        messageId,
        hostname,
        recipientId: about,
        language,
      });
      await parts.queue.accept(
        {
          messageId,
          stream,
          sender,
          envelope: { mailFrom: null, eightBit, smtpUtf8: false },
          content,
          // As with a delivery report: a domain of the sender it goes to, which is sure to have a key.
          fromDomain: others.includes(mailFrom.domain) ? mailFrom.domain : firstDomain,
          receivedAt: now,
          trace: { helo: hostname, protocol: "LOCAL" },
          notification: true,
          fingerprint: createHash("sha256")
            .update(`returned ${about}\0`)
            .update(mail.content)
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
    },
  };
}

/** Of every address in every From, names included: two clients may show two of them. */
function fromDomains(fields: readonly HeaderField[]): readonly string[] {
  return fields
    .filter(({ key }) => key === "from")
    .flatMap(({ value }) => addressesIn(decodeWords(value)))
    .map((address) => address.slice(address.lastIndexOf("@") + 1).toLowerCase());
}

/** By the trace on top; or a report of ours, or a mail passed on, whose trace some server took off. */
function hasPassed(content: Buffer, hostname: string): boolean {
  const { fields } = headOf(content);
  const received = fields.filter(({ key }) => key === "received");
  const ours = `by ${hostname} `.toLowerCase();
  const daemon = daemonAddress(hostname).toLowerCase();
  return (
    received.length > hopsMax ||
    received.some(({ value }) => value.replace(/\s+/g, " ").toLowerCase().includes(ours)) ||
    fields.some(({ key, value }) => key === "from" && value.toLowerCase().includes(`<${daemon}>`))
  );
}
