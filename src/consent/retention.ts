// How long the record of one consent must be kept after the last mail that rested on it (law.md JP-33, JP-52). Pure.

export interface RetentionFacts {
  /** The last mail of this sender and topic to this person; undefined where none was ever sent. */
  readonly lastSentAt: Date | undefined;
  /** When the sender decided to send no more to this person: withdrawal, expiry, or an end set by the operator. */
  readonly endedAt: Date | undefined;
  /** The sender's advertising falls under 特定商取引法 (mail order to consumers). */
  readonly tokusho: boolean;
  /** When the sender received an order under 特定電子メール法 7条; undefined where there is none. */
  readonly orderReceivedAt: Date | undefined;
  /** Set by the operator for a dispute: nothing goes before it is taken back. */
  readonly legalHold: boolean;
}

/** keep: it must stay, without a date yet · until: it may go at that time, and not before. `law` says why. */
export type Retention =
  | { readonly kind: "keep"; readonly law: string }
  | { readonly kind: "until"; readonly at: Date; readonly law: string };

/**
 * The latest of all clocks that run. While mail may still be sent none has started: the record stays.
 */
export function retention(facts: RetentionFacts): Retention {
  if (facts.legalHold) return { kind: "keep", law: "legal hold" };
  if (facts.endedAt === undefined)
    return { kind: "keep", law: "施行規則 4条2項: mail may still be sent" };
  const { lastSentAt, endedAt } = facts;
  if (lastSentAt === undefined) {
    return { kind: "until", at: endedAt, law: "施行規則 4条2項: never sent" };
  }
  const clocks: Clock[] = [
    { kind: "until", at: endedAt, law: "施行規則 4条2項: mail may be sent until then" },
    {
      kind: "until",
      at: addMonths(lastSentAt, 1),
      law: "施行規則 4条2項: 1 month after the last mail",
    },
  ];
  if (facts.orderReceivedAt !== undefined) {
    // The rule's two cases differ in which date begins the year; counting from the later one satisfies both.
    const begin = facts.orderReceivedAt > lastSentAt ? facts.orderReceivedAt : lastSentAt;
    const law = "施行規則 4条2項: 1 year, after an order";
    clocks.push({ kind: "until", at: addMonths(begin, 12), law });
  }
  if (facts.tokusho) {
    const law = "特定商取引法施行規則 30条2項: 3 years after the last mail";
    clocks.push({ kind: "until", at: addMonths(lastSentAt, 36), law });
  }
  return clocks.reduce((latest, clock) => (clock.at > latest.at ? clock : latest));
}

type Clock = Extract<Retention, { readonly kind: "until" }>;

/** 民法 143条2項: the period ends on the day of the same number, or on the month's last where it has none such. In UTC. */
function addMonths(from: Date, months: number): Date {
  const day = from.getUTCDate();
  const to = new Date(from);
  to.setUTCDate(1);
  to.setUTCMonth(to.getUTCMonth() + months);
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(day, last));
  return to;
}
