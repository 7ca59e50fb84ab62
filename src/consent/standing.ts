// What the events add up to at one moment: may we send, on which basis, until when. Pure.
import { erasureMethod, type Basis, type ConsentEvent } from "./event.ts";

/** What the events say, were there no withdrawal. */
export type Grounds =
  | { readonly kind: "none" }
  | { readonly kind: "granted"; readonly basis: Basis; readonly since: Date; readonly until?: Date }
  | { readonly kind: "paused"; readonly until: Date; readonly scope: "topic" | "sender" }
  | { readonly kind: "expired"; readonly basis: Basis; readonly since: Date }
  /** There is a grant, but it was dated by a clock that was ahead of this one: it counts from then on. */
  | { readonly kind: "ahead"; readonly from: Date };

export type Standing =
  | Grounds
  | {
      readonly kind: "withdrawn";
      readonly since: Date;
      readonly scope: "topic" | "sender";
      /** How the person said so (`one-click`, `mailto`, `reply` …), where the ledger knows it. */
      readonly how?: string;
      /** For mail that a refusal does not stop (law.md JP-16). Absent after an erasure: no grant of before counts. */
      readonly beneath?: Grounds;
    };

/** A standing as it is shown: what lies beneath a stop is for decisions alone. */
export type ShownStanding =
  | Exclude<Standing, { readonly kind: "withdrawn" }>
  | Omit<Extract<Standing, { readonly kind: "withdrawn" }>, "beneath">;

/** The longest time, in milliseconds, for which a grant on a basis counts; a basis without one has none. */
export type MaxAges = Readonly<Partial<Record<Basis, number>>>;

type Of<Kind extends ConsentEvent["kind"]> = Extract<ConsentEvent, { readonly kind: Kind }>;

/**
 * The standing of one person for one sender and topic at `now`. `events` are that person's events for that sender in
 * any order; those of other topics are ignored, those of all topics (`topic: null`) count.
 *
 * A stop (withdrawal or pause) holds until a later grant by the person's own act, a pause at most until its date; no
 * import or operator's grant lifts one, however late its date (law.md JP-14, JP-15, JP-18). Among grants the newest
 * counts. At the same instant a stop wins over a grant, and a withdrawal over a pause. What stops counts at once, even
 * if its date lies ahead (an opt-out has no period of grace, and clocks differ); what permits counts from its date on,
 * for as long as the sender lets its basis last (`maxAges`). None is recorded that lies ahead by more than clocks
 * differ: where one does and nothing else permits, a clock is wrong, and the standing is `ahead`, neither yes nor no.
 */
export function standing(
  events: readonly ConsentEvent[],
  topic: string,
  now: Date,
  maxAges: MaxAges = {},
): Standing {
  const grants: Of<"granted">[] = [];
  const ahead: Of<"granted">[] = [];
  const expiries: Of<"expired">[] = [];
  const withdrawals: Of<"withdrawn">[] = [];
  const pauses: Of<"paused">[] = [];
  for (const event of events) {
    if (event.topic !== topic && event.topic !== null) continue;
    switch (event.kind) {
      case "granted":
        (event.at <= now ? grants : ahead).push(event);
        break;
      case "expired":
        if (event.at <= now) expiries.push(event);
        break;
      case "withdrawn":
        withdrawals.push(event);
        break;
      case "paused":
        if (event.until > now) pauses.push(event);
        break;
    }
  }
  const ownAct = latest(grants.filter((grant) => grant.byPerson));
  const grounds =
    paused(pauses.filter((event) => outlasts(event, ownAct))) ??
    begun(granted(grants, expiries, now, maxAges), ahead);
  return (
    withdrawn(
      withdrawals.filter((event) => outlasts(event, ownAct)),
      grounds,
    ) ?? grounds
  );
}

export function shown(standing: Standing): ShownStanding {
  if (standing.kind !== "withdrawn") return standing;
  const { beneath: _beneath, ...rest } = standing;
  return rest;
}

/** Whether no grant by the person's own act came after the stop. */
function outlasts(stop: ConsentEvent, ownAct: ConsentEvent | undefined): boolean {
  return ownAct === undefined || !(ownAct.at > stop.at);
}

/** The wider scope is told where both hold; `since` is when that scope's stop began. */
function withdrawn(events: readonly Of<"withdrawn">[], beneath: Grounds): Standing | undefined {
  const ofSender = events.filter((event) => event.topic === null);
  const widest = ofSender.length > 0 ? ofSender : events;
  if (widest.length === 0) return undefined;
  const first = widest.reduce((a, b) => (b.at < a.at ? b : a));
  const how = first.evidence.method;
  return {
    kind: "withdrawn",
    since: first.at,
    scope: ofSender.length > 0 ? "sender" : "topic",
    ...(how === undefined ? {} : { how }),
    ...(events.some(isErasure) ? {} : { beneath }),
  };
}

function isErasure(event: ConsentEvent): boolean {
  return event.evidence.method === erasureMethod;
}

/** The pause that ends last decides; the wider scope is told where two end together. */
function paused(events: readonly Of<"paused">[]): Grounds | undefined {
  if (events.length === 0) return undefined;
  const until = events.map((event) => event.until).reduce((a, b) => (b > a ? b : a));
  const ofSender = events.some(
    (event) => event.topic === null && event.until.getTime() === until.getTime(),
  );
  return { kind: "paused", until, scope: ofSender ? "sender" : "topic" };
}

function granted(
  grants: readonly Of<"granted">[],
  expiries: readonly Of<"expired">[],
  now: Date,
  maxAges: MaxAges,
): Grounds {
  const newestAt = latest(grants)?.at;
  if (newestAt === undefined) return { kind: "none" };
  // Of several at one instant (tables with dates alone, corrections) the most cautious reading counts.
  const newest = grants
    .filter((grant) => grant.at.getTime() === newestAt.getTime())
    .reduce((a, b) => (moreCautious(b, a) ? b : a));
  const ends = expiries.filter((event) => event.at >= newest.at).map((event) => event.at);
  const until = endOf(newest, maxAges);
  if (until !== undefined && until <= now) ends.push(until);
  if (ends.length > 0) {
    const since = ends.reduce((a, b) => (b < a ? b : a));
    return { kind: "expired", basis: newest.basis, since };
  }
  return until === undefined
    ? { kind: "granted", basis: newest.basis, since: newest.at }
    : { kind: "granted", basis: newest.basis, since: newest.at, until };
}

function begun(grounds: Grounds, ahead: readonly Of<"granted">[]): Grounds {
  if (grounds.kind === "granted") return grounds;
  const [next] = ahead.toSorted((left, right) => left.at.getTime() - right.at.getTime());
  return next === undefined ? grounds : { kind: "ahead", from: next.at };
}

/** Its own end or that of its basis, whichever comes first. */
function endOf(grant: Of<"granted">, maxAges: MaxAges): Date | undefined {
  const maxAge = maxAges[grant.basis];
  if (maxAge === undefined) return grant.expiresAt;
  const aged = new Date(grant.at.getTime() + maxAge);
  return grant.expiresAt !== undefined && grant.expiresAt < aged ? grant.expiresAt : aged;
}

/** Ends earlier or, ending together, rests on a basis other than consent: then it permits less. */
function moreCautious(a: Of<"granted">, b: Of<"granted">): boolean {
  const endA = a.expiresAt?.getTime() ?? Infinity;
  const endB = b.expiresAt?.getTime() ?? Infinity;
  if (endA !== endB) return endA < endB;
  const rank = (grant: Of<"granted">): string => `${grant.basis === "consent"} ${grant.basis}`;
  return rank(a) < rank(b);
}

function latest<Event extends ConsentEvent>(events: readonly Event[]): Event | undefined {
  return events.reduce<Event | undefined>(
    (best, event) => (best === undefined || event.at > best.at ? event : best),
    undefined,
  );
}
