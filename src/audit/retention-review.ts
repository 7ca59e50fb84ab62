// Which of one person's records the law no longer asks to keep, from events, last mails and the clocks of retention. Pure.
import type { RecordedConsentEvent } from "../consent/event.ts";
import { retention, type Retention } from "../consent/retention.ts";
import { standing, type MaxAges, type Standing } from "../consent/standing.ts";

export interface ReviewFacts {
  readonly consents: readonly RecordedConsentEvent[];
  /** The last mail that was delivered, by sender and topic; of a stream that is configured no more, by sender alone. */
  readonly lastSent: readonly {
    readonly sender: string;
    readonly topic: string | undefined;
    readonly at: Date;
  }[];
  /** Whether mail of this sender and topic falls under 特定商取引法. */
  readonly tokusho: (sender: string, topic: string) => boolean;
  /** Whether the topic carries mail that a refusal does not stop (law.md JP-16). */
  readonly contractual: (sender: string, topic: string) => boolean;
  readonly orderReceivedAt: (sender: string) => Date | undefined;
  readonly legalHold: boolean;
  /** How long the sender lets a grant count; absent: without end. */
  readonly maxAges?: (sender: string) => MaxAges | undefined;
}

export interface ReviewedRecord {
  readonly sender: string;
  readonly topic: string;
  readonly standing: Standing["kind"];
  readonly lastSentAt: Date | undefined;
  readonly retention: Retention;
}

export interface Review {
  readonly records: readonly ReviewedRecord[];
  /** Every record may go. */
  readonly isDue: boolean;
}

export function reviewRetention(facts: ReviewFacts, now: Date): Review {
  const records = [...new Set(facts.consents.map((event) => event.sender))].flatMap((sender) => {
    const ofSender = facts.consents.filter((event) => event.sender === sender);
    const topics = new Set(ofSender.flatMap((event) => event.topic ?? []));
    return [...topics].map((topic): ReviewedRecord => {
      const stands = standing(ofSender, topic, now, facts.maxAges?.(sender));
      const lastSentAt = latest(
        facts.lastSent
          .filter((sent) => sent.sender === sender && (sent.topic ?? topic) === topic)
          .map((sent) => sent.at),
      );
      return {
        sender,
        topic,
        standing: stands.kind,
        lastSentAt,
        retention: retention({
          lastSentAt,
          endedAt: endOf(stands, now, facts.contractual(sender, topic)),
          tokusho: facts.tokusho(sender, topic),
          orderReceivedAt: facts.orderReceivedAt(sender),
          legalHold: facts.legalHold,
        }),
      };
    });
  });
  return {
    records,
    // A person of whom only stops are known: the record keeps mail from going out, and costs nothing to keep.
    isDue:
      records.length > 0 &&
      records.every(({ retention: kept }) => kept.kind === "until" && kept.at <= now),
  };
}

/** When mail could be sent no more; undefined while it can, or will again. */
function endOf(stands: Standing, now: Date, contractual: boolean): Date | undefined {
  switch (stands.kind) {
    case "granted":
    case "ahead":
    case "paused":
      return undefined;
    case "withdrawn":
      return contractual && stands.beneath !== undefined
        ? endOf(stands.beneath, now, contractual)
        : stands.since;
    case "expired":
      return stands.since;
    case "none":
      return now;
  }
}

function latest(times: readonly Date[]): Date | undefined {
  return times.reduce<Date | undefined>(
    (last, at) => (last === undefined || at > last ? at : last),
    undefined,
  );
}
