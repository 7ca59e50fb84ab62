// What a transaction, or the lack of a host, means for the recipient: delivered, tried again, or failed, and why.
import type { Domain } from "../mail/domain.ts";
import { formatReply, type Reply } from "../mail/reply.ts";
import type { NotConnected } from "./connect.ts";
import type { MailPhase, NoHost, Transaction } from "./outcome.ts";
import { replyRules, type ReplyClass, type ReplyRule } from "./reply-rules.ts";

export type { ReplyClass } from "./reply-rules.ts";

export interface Facts {
  readonly domain: Domain;
  /** Name of the host that spoke. */
  readonly host?: string;
}

/**
 * `reply` is the remote's own words where it spoke, else what we say in its place. `unknownUser`: the address does not
 * exist, said where only that can be meant: it teaches the ledger.
 */
export type Outcome =
  | { readonly kind: "delivered"; readonly reply: Reply }
  | {
      readonly kind: "deferred";
      readonly class: ReplyClass;
      readonly reply: Reply;
      readonly uncertain: boolean;
    }
  | {
      readonly kind: "failed";
      readonly class: ReplyClass;
      readonly reply: Reply;
      readonly unknownUser: boolean;
    }
  /** No attempt was made. */
  | { readonly kind: "busy" };

export function classify(result: Transaction | NoHost, facts: Facts): Outcome {
  switch (result.kind) {
    case "accepted":
      return { kind: "delivered", reply: result.reply };
    case "refused":
      return byReply(result.reply, result.phase, facts);
    case "unfit":
      return { kind: "failed", class: "unfit", reply: result.reply, unknownUser: false };
    case "lost":
      return {
        kind: "deferred",
        class: "connection",
        reply:
          result.reply !== undefined && result.reply.code >= 400 ? result.reply : lostReply(result),
        uncertain: result.uncertain,
      };
    case "no-route":
      return result.permanent
        ? { kind: "failed", class: "routing", reply: result.reply, unknownUser: false }
        : { kind: "deferred", class: "routing", reply: result.reply, uncertain: false };
    case "unreachable":
      return unreachable(result.failures);
    case "busy":
      return { kind: "busy" };
  }
}

/** The class by text first, code second (law.md §5.2); permanence by the first digit, which receivers get right. */
export function classOf(
  reply: Reply,
  phase: MailPhase,
  facts: Facts,
  rules: readonly ReplyRule[] = replyRules,
): ReplyClass {
  const words = formatReply(reply);
  const names = [facts.domain, ...(facts.host === undefined ? [] : [facts.host.toLowerCase()])];
  const rule = rules.find(
    (candidate) =>
      (candidate.phases === undefined || candidate.phases.includes(phase)) &&
      (candidate.at === undefined ||
        candidate.at.some((at) => names.some((name) => name === at || name.endsWith(`.${at}`)))) &&
      candidate.pattern.test(words),
  );
  return rule?.class ?? "other";
}

function byReply(reply: Reply, phase: MailPhase, facts: Facts): Outcome {
  const replyClass = classOf(reply, phase, facts);
  if (reply.code < 500)
    return {
      kind: "deferred",
      class: replyClass,
      // A 2xx or 3xx where it makes no sense is no "yes": tried again.
      reply:
        reply.code >= 400
          ? reply
          : { code: 451, enhanced: "4.5.0", text: `unexpected answer: ${formatReply(reply)}` },
      uncertain: false,
    };
  return {
    kind: "failed",
    class: replyClass,
    reply,
    unknownUser: replyClass === "user-unknown" && phase === "rcpt",
  };
}

function lostReply(lost: Extract<Transaction, { kind: "lost" }>): Reply {
  const where = lost.uncertain
    ? "behind the end of the message; it may have been delivered"
    : `at ${lost.phase}`;
  return {
    code: 451,
    enhanced: lost.loss === "protocol" ? "4.5.0" : "4.4.2",
    text: `${lost.problem}, ${where}`,
  };
}

/** The last host's failure stands for all; a host that answered says more than one that did not. */
function unreachable(failures: readonly NotConnected[]): Outcome {
  const failure = failures.findLast(({ phase }) => phase !== "connect") ?? failures.at(-1);
  const text = failure === undefined ? "no host" : `${failure.host}: ${failure.problem}`;
  const spoken = failure?.reply === undefined ? "" : ` (${formatReply(failure.reply)})`;
  const insecure = failure?.phase === "starttls" || failure?.phase === "handshake";
  const untrusted = failure?.tls !== undefined && failure.phase === "handshake";
  return {
    kind: "deferred",
    class: insecure ? "tls" : "connection",
    // RFC 3463 with law.md §5.2: not offered 4.7.4, failed 4.7.5.
    reply: {
      code: 451,
      enhanced: !insecure
        ? "4.4.1"
        : failure.phase === "starttls" && !untrusted
          ? "4.7.4"
          : "4.7.5",
      text: `${text}${spoken}`.slice(0, 512),
    },
    uncertain: false,
  };
}
