// What a transaction, or the lack of a host, means for the recipient: delivered, tried again, or failed, and why.
import type { BounceReason } from "../feedback/bounce-reason.ts";
import type { ReplyClass, ReplyClassifier } from "../feedback/reply-class.ts";
import type { PaceAction, SmtpPhase } from "../feedback/reply-rules.ts";
import type { Domain } from "../mail/domain.ts";
import { formatReply, type Reply } from "../mail/reply.ts";
import type { ConnectPhase, NotConnected } from "./connect.ts";
import type { MailPhase, NoHost, Transaction } from "./outcome.ts";

/**
 * What a remote said (config/replies.yaml), or what we found out without its words. `routing` speaks of the recipient's
 * domain, `no-route` of us: it teaches nothing, and an operator is told (feedback/block-alarms.ts).
 */
export type OutcomeClass = BounceReason | "tls" | "connection" | "routing" | "no-route" | "unfit";

export interface Facts {
  readonly domain: Domain;
  /** Name of the host that spoke. */
  readonly host?: string;
}

/**
 * `reply` is the remote's own words where it spoke, else what we say in its place. `unknownUser`: the address does not
 * exist, said where only that can be meant: it teaches the ledger. `pace`: what it asks of the destination's pace.
 */
export type Outcome =
  | { readonly kind: "delivered"; readonly reply: Reply }
  | {
      readonly kind: "deferred";
      readonly class: OutcomeClass;
      readonly reply: Reply;
      readonly uncertain: boolean;
      readonly pace: PaceAction;
    }
  | {
      readonly kind: "failed";
      readonly class: OutcomeClass;
      readonly reply: Reply;
      readonly unknownUser: boolean;
      readonly pace: PaceAction;
    }
  /** No attempt was made. */
  | { readonly kind: "busy" };

/** `classifier` is the table of config/replies.yaml: the same one that reads bounces and answers `explain-reply`. */
export function classify(
  result: Transaction | NoHost,
  facts: Facts,
  classifier: ReplyClassifier,
): Outcome {
  switch (result.kind) {
    case "accepted":
      return { kind: "delivered", reply: result.reply };
    case "refused":
      return byReply(result.reply, result.phase, facts, classifier);
    case "unfit":
      return {
        kind: "failed",
        class: "unfit",
        reply: result.reply,
        unknownUser: false,
        pace: "none",
      };
    case "lost":
      return {
        kind: "deferred",
        class: "connection",
        reply:
          result.reply !== undefined && result.reply.code >= 400 ? result.reply : lostReply(result),
        uncertain: result.uncertain,
        pace: "slow",
      };
    case "no-route":
      return result.permanent
        ? {
            kind: "failed",
            class: result.ofDomain ? "routing" : "no-route",
            reply: result.reply,
            unknownUser: false,
            pace: "none",
          }
        : {
            kind: "deferred",
            class: "routing",
            reply: result.reply,
            uncertain: false,
            pace: "none",
          };
    case "insecure":
      return {
        kind: "deferred",
        class: "tls",
        reply: result.reply,
        uncertain: false,
        pace: "none",
      };
    case "unreachable":
      return unreachable(result.failures, facts, classifier);
    case "busy":
      return { kind: "busy" };
  }
}

/** Permanence goes by the first digit, which receivers get right; Gmail's `421 5.7.32` is temporary (law.md §5.2). */
function byReply(
  reply: Reply,
  phase: MailPhase,
  facts: Facts,
  classifier: ReplyClassifier,
): Outcome {
  const meaning = meaningOf(reply, smtpPhase(phase), facts, classifier);
  const pace = meaning.pace === "none" && reply.code === 421 ? "slow" : meaning.pace;
  if (reply.code < 500)
    return {
      kind: "deferred",
      class: meaning.reason,
      // A 2xx or 3xx where it makes no sense is no "yes": tried again.
      reply:
        reply.code >= 400
          ? reply
          : { code: 451, enhanced: "4.5.0", text: `unexpected answer: ${formatReply(reply)}` },
      uncertain: false,
      pace,
    };
  return {
    kind: "failed",
    class: meaning.reason,
    reply,
    unknownUser: meaning.reason === "user-unknown" && meaning.permanent && phase === "rcpt",
    pace,
  };
}

function meaningOf(
  reply: Reply,
  phase: SmtpPhase,
  facts: Facts,
  classifier: ReplyClassifier,
): ReplyClass {
  return classifier.classify({
    text: formatReply(reply),
    code: reply.code,
    ...(reply.enhanced === undefined ? {} : { enhanced: reply.enhanced }),
    phase,
    hosts: [facts.domain, ...(facts.host === undefined ? [] : [facts.host])],
  });
}

function smtpPhase(phase: MailPhase | ConnectPhase): SmtpPhase {
  switch (phase) {
    case "mail":
    case "rcpt":
    case "data":
      return phase;
    case "body":
    case "final-dot":
      return "data";
    case "connect":
    case "greeting":
      return "connect";
    case "ehlo":
    case "starttls":
    case "handshake":
      return "helo";
  }
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
function unreachable(
  failures: readonly NotConnected[],
  facts: Facts,
  classifier: ReplyClassifier,
): Outcome {
  const failure = failures.findLast(({ phase }) => phase !== "connect") ?? failures.at(-1);
  const text = failure === undefined ? "no host" : `${failure.host}: ${failure.problem}`;
  const spoken = failure?.reply === undefined ? "" : ` (${formatReply(failure.reply)})`;
  const insecure = failure?.phase === "starttls" || failure?.phase === "handshake";
  const untrusted = failure?.tls !== undefined && failure.phase === "handshake";
  const meaning =
    failure?.reply === undefined || insecure
      ? undefined
      : meaningOf(
          failure.reply,
          smtpPhase(failure.phase),
          { ...facts, host: failure.host },
          classifier,
        );
  return {
    kind: "deferred",
    class: insecure ? "tls" : (meaning?.reason ?? "connection"),
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
    pace: meaning === undefined || meaning.pace === "none" ? "slow" : meaning.pace,
  };
}
