// MAIL: may this principal use this reverse-path, and is there room for a message now.
import type { Address } from "../mail/address.ts";
import type { Stream } from "../policy/stream.ts";
import { refused, type Answer } from "./answer.ts";

export interface BeginFacts {
  readonly stream: Stream;
  /** null is `<>`. */
  readonly mailFrom: Address | null;
  /** Why receivers would refuse the sender's mail; undefined: they would not, as far as is known. */
  readonly notReady?: string | undefined;
  /** An operator has stopped this stream. */
  readonly frozen: boolean;
  /** A message may come now by the stream's rate. */
  readonly withinRate: boolean;
  /** Queue and audit log take more. */
  readonly room: "room" | "full" | "unavailable";
}

/**
 * MAIL FROM must be of one of the sender's domains, exactly: a subdomain is listed by itself or not allowed.
 *
 * `<>` (RFC 5321 §4.5.5) says that nobody wants to hear of a failure. An automatic answer by a transactional stream may
 * say that (RFC 3834 §3.3); whoever sends advertising must be told, so that he stops writing to addresses that are gone.
 * The From field is checked behind DATA either way, so `<>` is no way round the sender's domains.
 */
export function decideBegin(facts: BeginFacts): Answer {
  if (facts.room === "full") return refused("storage-full");
  if (facts.room === "unavailable") return refused("internal-error");
  if (facts.notReady !== undefined) return refused("sender-not-ready", facts.notReady);
  if (facts.stream.awaitsApproval === true)
    return refused("settings-waiting", `stream ${facts.stream.id}`);
  if (facts.frozen) return refused("frozen", `stream ${facts.stream.id}`);
  if (!facts.withinRate) return refused("rate-limited", `stream ${facts.stream.id}`);
  if (facts.mailFrom === null) {
    return facts.stream.class === "transactional"
      ? { kind: "sender-ok" }
      : refused("sender-not-permitted", "the null reverse-path is for transactional streams only");
  }
  return facts.stream.sender.domains.includes(facts.mailFrom.domain)
    ? { kind: "sender-ok" }
    : refused("sender-not-permitted", `MAIL FROM is of ${facts.mailFrom.domain}`);
}
