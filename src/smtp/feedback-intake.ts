// What comes back by mail (bounces, complaints, mailto opt-outs), handed to whoever learns from it.
import { refused } from "../intake/answer.ts";
import type { Answer } from "../intake/answer.ts";
import { parseAddress, type Address } from "../mail/address.ts";
import { clientOf } from "../mail/party.ts";
import type { Reply } from "../mail/reply.ts";
import type { Receiver } from "./receiver.ts";

const recipientsMax = 10; // a report or an opt-out is about one address; some relays join two or three

/** The seam of the feedback listener. Nobody authenticates there, so neither sender nor content proves anything. */
export interface FeedbackIntake {
  /** Who `RCPT TO:<postmaster>` without a domain is (RFC 5321 §4.5.1). */
  readonly postmaster?: string;
  /** Whether the mailbox is one of the gateway's own: a return path, an opt-out mailbox. */
  readonly recipient: (address: Address) => Promise<boolean>;
  /** Resolves once what was learned is durable; rejects where it cannot be stored now. */
  readonly message: (mail: {
    readonly mailFrom: Address | null;
    readonly recipients: readonly Address[];
    readonly content: Buffer;
    readonly helo: string;
    readonly remoteAddress: string;
    /** What limits count by: the address, of IPv6 its /64. */
    readonly client: string;
  }) => Promise<void>;
}

const unknownMailbox: Reply = { code: 550, enhanced: "5.1.1", text: "no such mailbox here" };
const received: Reply = { code: 250, enhanced: "2.0.0", text: "received" };

export function createFeedbackReceiver(
  feedback: FeedbackIntake,
  toReply: (answer: Answer) => Reply,
): Receiver {
  return {
    tooLarge: (octetsMax) => toReply(refused("too-large", `at most ${octetsMax} octets`)),
    open: (peer, mail) => {
      const recipients = new Map<string, Address>();
      return Promise.resolve({
        kind: "open",
        reply: toReply({ kind: "sender-ok" }),
        exchange: {
          accepted: () => recipients.size,
          recipient: async (path) => {
            const isPostmaster = path.toLowerCase() === "postmaster";
            const address = parseAddress((isPostmaster ? feedback.postmaster : undefined) ?? path);
            if (address.kind === "bad") {
              return toReply(refused("bad-address", `it ${address.problem}`));
            }
            if (recipients.size >= recipientsMax) return toReply(refused("too-many-recipients"));
            if (!(await feedback.recipient(address.value))) return unknownMailbox;
            recipients.set(address.value.text, address.value);
            return toReply({ kind: "recipient-ok" });
          },
          message: async (content, { helo }) => {
            await feedback.message({
              mailFrom: mail.mailFrom,
              recipients: [...recipients.values()],
              content,
              helo,
              remoteAddress: peer.address,
              client: clientOf(peer.address),
            });
            return received;
          },
          flawed: (flaw) => {
            const reason = flaw === "no-room" ? "storage-full" : flaw;
            return Promise.resolve(toReply(refused(reason)));
          },
        },
      });
    },
  };
}
