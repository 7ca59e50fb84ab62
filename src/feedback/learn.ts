// What one signal teaches: suppressions, consent events, an alarm, or nothing but a line in the log. Pure.
import type { AuditDraft } from "../audit/event.ts";
import type { AddressIndex } from "../consent/address-index.ts";
import type { ConsentEvent } from "../consent/event.ts";
import type { Suppression, SuppressionScope } from "../consent/suppression.ts";
import { printable } from "../mail/reply.ts";
import type { BounceReason } from "./bounce-reason.ts";
import type { Excerpt } from "./reading.ts";

/** Whom a signal is about, proved by a token or return path of our own. */
export interface SignalSubject {
  readonly subject: AddressIndex;
  readonly messageId?: string;
  readonly recipientId?: string;
  /** Absent where the token names none that is still known: the wish then holds for all of them. */
  readonly sender?: string;
  readonly stream?: string;
  readonly topic?: string;
}

export type Signal = { readonly about: SignalSubject; readonly at: Date } & (
  | {
      readonly kind: "bounce";
      readonly reason: BounceReason;
      /** The class tells of a dead address. */
      readonly permanent: boolean;
      /** The reporter has given up. */
      readonly final: boolean;
      readonly status?: string;
      readonly diagnostic: string;
    }
  | { readonly kind: "complaint"; readonly feedbackType: string }
  | {
      readonly kind: "opt-out";
      readonly wish: "topic" | "all" | { readonly pausedUntil: Date };
      /** one-click (RFC 8058), page, mailto, reply. */
      readonly method: string;
      /** What the person wrote, for evidence. */
      readonly wording?: string;
    }
  | { readonly kind: "auto-reply" }
  /** A person must read it; nothing is learned. */
  | { readonly kind: "unclear"; readonly why: string; readonly excerpt?: Excerpt }
);

/** An earlier bounce of the same person that counted. */
export interface EarlierBounce {
  readonly at: Date;
  readonly reason: BounceReason;
}

export interface Lesson {
  readonly suppressions: readonly Suppression[];
  readonly consents: readonly ConsentEvent[];
  readonly events: readonly AuditDraft[];
}

/** How many bounces of a class, over how long, stop an address, and for how long. */
interface Threshold {
  readonly count: number;
  readonly overDays: number;
  readonly forDays: number | undefined;
}

const dayMs = 86_400_000;

/**
 * Classes that say something of the address. All others (policy, spam, rate, authentication, network, system, expired,
 * content …) never suppress, however often they come: they speak of us, of the message, or of the moment.
 */
const thresholds: Readonly<Partial<Record<BounceReason, Threshold>>> = {
  "user-unknown": { count: 1, overDays: 0, forDays: undefined },
  moved: { count: 1, overDays: 0, forDays: undefined },
  // A domain may lapse by mistake and come back: three times, not on one day.
  "host-unknown": { count: 3, overDays: 3, forDays: 180 },
  "mailbox-full": { count: 5, overDays: 14, forDays: 60 },
  suspended: { count: 5, overDays: 14, forDays: 90 },
};
/** Whether earlier failures decide what one of this class teaches. */
export function isCounted(reason: BounceReason): boolean {
  return (thresholds[reason]?.count ?? 0) > 1;
}

const memoryDays = 90; // earlier bounces count this long

/** What an Alarm of such a class says. */
export const refusesUs = "a receiver refuses us";

/** Classes that an operator must look at: receivers refuse us, not one person. */
export const alarmingReasons: ReadonlySet<BounceReason> = new Set<BounceReason>([
  "policy",
  "spam",
  "rate",
  "authentication",
  "no-relay",
]);

/** ARF types that are a person's complaint; auth-failure and dmarc are reports on us, not-spam is its contrary (RFC 5965 §7.3, RFC 6591). */
const complaintTypes = new Set([
  "abuse",
  "fraud",
  "virus",
  "other",
  "opt-out",
  "opt-out-list",
  "miscategorized",
]);

export function learn(signal: Signal, earlier: readonly EarlierBounce[]): Lesson {
  switch (signal.kind) {
    case "bounce":
      return learnBounce(signal, earlier);
    case "complaint":
      return learnComplaint(signal);
    case "opt-out":
      return learnOptOut(signal);
    case "auto-reply":
      return { suppressions: [], consents: [], events: [event(signal, "AutoReply", {})] };
    case "unclear":
      return {
        suppressions: [],
        consents: [],
        events: [
          {
            ...event(signal, "Alarm", { what: "a person must read this", why: signal.why }),
            ...(signal.excerpt === undefined ? {} : { personal: { ...signal.excerpt } }),
          },
        ],
      };
  }
}

function learnBounce(
  signal: Extract<Signal, { kind: "bounce" }>,
  earlier: readonly EarlierBounce[],
): Lesson {
  const { reason, final, status } = signal;
  const threshold = final ? thresholds[reason] : undefined;
  const counted = [...earlier.filter((bounce) => counts(bounce, signal)), { at: signal.at }];
  const first = Math.min(...counted.map((bounce) => bounce.at.getTime()));
  const reached =
    threshold !== undefined &&
    counted.length >= threshold.count &&
    signal.at.getTime() - first >= threshold.overDays * dayMs;
  const returned = event(signal, "Returned", {
    reason,
    final,
    status,
    suppressed: reached,
    count: counted.length,
  });
  const alarm = alarmingReasons.has(reason)
    ? [event(signal, "Alarm", { what: refusesUs, reason, status })]
    : [];
  return {
    suppressions: reached
      ? [suppression(signal, "hard-bounce", { kind: "all" }, reason, threshold.forDays)]
      : [],
    consents: [],
    // The remote's words may name the person: they are sealed.
    events: [{ ...returned, personal: { diagnostic: printable(signal.diagnostic) } }, ...alarm],
  };
}

function counts(bounce: EarlierBounce, signal: Extract<Signal, { kind: "bounce" }>): boolean {
  const age = signal.at.getTime() - bounce.at.getTime();
  return bounce.reason === signal.reason && age >= 0 && age <= memoryDays * dayMs;
}

function learnComplaint(signal: Extract<Signal, { kind: "complaint" }>): Lesson {
  const isComplaint = complaintTypes.has(signal.feedbackType);
  const { sender } = signal.about;
  return {
    suppressions: isComplaint
      ? [suppression(signal, "complaint", scopeOf(sender), signal.feedbackType, undefined)]
      : [],
    consents:
      isComplaint && sender !== undefined ? [withdrawn(signal, sender, null, "complaint")] : [],
    events: [
      event(signal, isComplaint ? "Complaint" : "Alarm", {
        feedbackType: signal.feedbackType,
        ...(isComplaint ? {} : { what: "a report on our authentication or a mistaken complaint" }),
      }),
    ],
  };
}

function learnOptOut(signal: Extract<Signal, { kind: "opt-out" }>): Lesson {
  const { sender, topic } = signal.about;
  const { wish } = signal;
  const events = [
    event(signal, "Unsubscribe", {
      method: signal.method,
      topic: wish === "all" ? null : (topic ?? null),
      wish: typeof wish === "string" ? wish : "pause",
      ...(typeof wish === "string" ? {} : { until: wish.pausedUntil.toISOString() }),
    }),
  ];
  // A link whose sender is no longer in the configuration still carries a wish: it then holds everywhere.
  if (sender === undefined)
    return {
      suppressions: [suppression(signal, "unsubscribe", { kind: "all" }, signal.method, undefined)],
      consents: [],
      events,
    };
  if (typeof wish !== "string") {
    const {
      sender: _sender,
      topic: _topic,
      kind: _kind,
      ...common
    } = withdrawn(signal, sender, null, signal.method, signal.wording);
    return {
      suppressions: [],
      consents: [
        { ...common, kind: "paused", sender, topic: topic ?? null, until: wish.pausedUntil },
      ],
      events,
    };
  }
  const all = wish === "all" || topic === undefined;
  return {
    suppressions: all
      ? [suppression(signal, "unsubscribe", scopeOf(sender), signal.method, undefined)]
      : [],
    consents: [withdrawn(signal, sender, all ? null : topic, signal.method, signal.wording)],
    events,
  };
}

function withdrawn(
  signal: Signal,
  sender: string,
  topic: string | null,
  method: string,
  wording?: string,
): Extract<ConsentEvent, { kind: "withdrawn" }> {
  const { subject, messageId } = signal.about;
  return {
    kind: "withdrawn",
    subject,
    sender,
    topic,
    at: signal.at,
    evidence: { method, ...(wording === undefined ? {} : { wording: printable(wording) }) },
    actor: "recipient",
    ...(messageId === undefined ? {} : { messageId }),
  };
}

function suppression(
  signal: Signal,
  kind: Suppression["kind"],
  scope: SuppressionScope,
  reason: string,
  forDays: number | undefined,
): Suppression {
  const { subject, messageId } = signal.about;
  return {
    subject,
    ofDomain: false,
    kind,
    scope,
    origin: kind === "unsubscribe" ? "recipient" : kind === "complaint" ? "complaint" : "bounce",
    reason,
    createdAt: signal.at,
    ...(forDays === undefined
      ? {}
      : { expiresAt: new Date(signal.at.getTime() + forDays * dayMs) }),
    ...(messageId === undefined ? {} : { messageId }),
  };
}

function scopeOf(sender: string | undefined): SuppressionScope {
  return sender === undefined ? { kind: "all" } : { kind: "sender", id: sender };
}

function event(
  signal: Signal,
  type: AuditDraft["type"],
  detail: NonNullable<AuditDraft["detail"]>,
): AuditDraft {
  const { subject, messageId, recipientId, sender, stream } = signal.about;
  return {
    type,
    at: signal.at,
    subject,
    ...(messageId === undefined ? {} : { messageId }),
    ...(recipientId === undefined ? {} : { recipientId }),
    ...(sender === undefined ? {} : { sender }),
    ...(stream === undefined ? {} : { stream }),
    actor: signal.kind === "opt-out" ? "recipient" : "gateway",
    detail,
  };
}
