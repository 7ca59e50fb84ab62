// What leaves with each copy so that its answer finds back: the signed return path and the List-Unsubscribe fields.
import type { Tokens } from "../consent/token.ts";
import { fillOptOutLink } from "../content/opt-out-placeholder.ts";
import { type Address, parseAddress } from "../mail/address.ts";
import type { Domain } from "../mail/domain.ts";
import type { Stream } from "../policy/stream.ts";
import type { Lease } from "../queue/store.ts";
import { optOutLink } from "./opt-out-link.ts";
import { type ListUnsubscribeLines, listUnsubscribeLines } from "./list-unsubscribe.ts";
import type { ReturnPath } from "./return-path.ts";

export interface OutgoingParts {
  readonly returnPath: ReturnPath;
  readonly tokens: Pick<Tokens, "issue">;
  readonly stream: (id: string) => Stream | undefined;
  /** Where the feedback listener takes a sender's mail; absent: bounces go to the client's own MAIL FROM, opt-outs by mail nowhere. */
  readonly mailHost?: (sender: string) => Domain | undefined;
  /** Base of opt-out links, without a final slash; absent: there are none. */
  readonly publicUrl?: string;
  readonly clock: () => Date;
}

/** As delivery asks for it. */
export interface Outgoing {
  readonly returnPath: (lease: Lease) => Address | undefined;
  readonly headers: (lease: Lease) => ListUnsubscribeLines;
  /** The recipient's own opt-out link in the template's place; undefined where the stream does not ask for it. */
  readonly body: (lease: Lease) => LinkedBody | undefined;
}

interface LinkedBody {
  readonly key: string;
  readonly apply: (content: Buffer) => Buffer;
}

export function createOutgoing(parts: OutgoingParts): Outgoing {
  const mailbox = (lease: Lease, purpose: "bounce" | "unsubscribe"): Address | undefined => {
    const host = parts.mailHost?.(lease.sender);
    if (host === undefined) return undefined;
    // The day of receipt, not of the attempt: every attempt then carries the same bytes, and one signature serves.
    const at = purpose === "unsubscribe" ? lease.receivedAt : parts.clock();
    const local = parts.returnPath.issue(lease.recipientId, purpose, at);
    const address = parseAddress(`${local}@${host}`);
    return address.kind === "ok" ? address.value : undefined;
  };
  const linkOf = (lease: Lease, stream: Stream): string | undefined => {
    if (parts.publicUrl === undefined) return undefined;
    const token = parts.tokens.issue({
      subject: lease.subject,
      sender: stream.sender.id,
      topic: stream.topic,
      messageId: lease.messageId,
    });
    return optOutLink(parts.publicUrl, token);
  };
  return {
    returnPath: (lease) => mailbox(lease, "bounce"),
    body: (lease) => {
      const stream = parts.stream(lease.stream);
      const link = stream?.placeholder === true ? linkOf(lease, stream) : undefined;
      return link === undefined
        ? undefined
        : { key: link, apply: (content) => fillOptOutLink(content, link) };
    },
    headers: (lease) => {
      const stream = parts.stream(lease.stream);
      if (stream === undefined || stream.listUnsubscribe === "keep") return { add: [], remove: [] };
      const url = linkOf(lease, stream);
      const optOut = mailbox(lease, "unsubscribe");
      return listUnsubscribeLines({
        policy: stream.listUnsubscribe,
        ...(url === undefined ? {} : { url }),
        ...(optOut === undefined ? {} : { mailbox: optOut.text }),
      });
    },
  };
}
