// Records one consent event by hand, and tells what the person's standing has become: above all where it is not what one meant.
import { eventProblems } from "../consent/basis.ts";
import type { ConsentEvent, RecordedConsentEvent } from "../consent/event.ts";
import type { NewConsent } from "../consent/ledger.ts";
import { standing, type Standing } from "../consent/standing.ts";
import { personalNumberFields } from "../exchange/personal-number.ts";
import type { Address } from "../mail/address.ts";
import { knownNames } from "./arguments.ts";
import type { OfficeForCommand } from "./office.ts";
import { print, Refused, tell } from "./output.ts";

/** Stores the event and prints it with what the person's standing has become. */
export async function recordConsent(
  office: OfficeForCommand,
  consent: NewConsent & { readonly address: Address },
): Promise<void> {
  const { address, event } = consent;
  refuseBad(event, office.clock());
  const { recorded } = await office.storage.ledger.recordConsents([consent]);
  const { subject, actor: _actor, ...rest } = event;
  const events = (await office.storage.ledger.events(subject)).filter(
    (stored) => stored.sender === event.sender,
  );
  const at = consent.atOnce === true ? timeStored(event, events) : event.at;
  const standings = standingsOf(office, event, events);
  const isOver = event.kind === "paused" && event.until <= office.clock();
  for (const { topic, now } of standings) tellContrary(event, topic, now, isOver);
  if (events.some((stored) => isOtherGrantOfThen(stored, event)))
    tell("another grant of the same time is on record: the one that permits less counts");
  const [only] = event.topic === null ? [] : standings;
  print({
    email: address.text,
    ...rest,
    at,
    recorded: recorded > 0,
    ...(only === undefined ? {} : { standing: only.now.kind }),
  });
}

function refuseBad(event: ConsentEvent, now: Date): void {
  const problems = eventProblems(event, now);
  for (const { column, problem, remedy } of problems) {
    tell(`${flagOf(column, event)} ${`${problem}; ${remedy}`.replaceAll("granted_at", "--at")}`);
  }
  const numbers = personalNumberFields(event.evidence);
  for (const column of numbers)
    tell(
      `${flagOf(column, event)} holds an Individual Number (My Number) or a card number; leave it out`,
    );
  if (problems.length + numbers.length > 0) throw new Refused("nothing was recorded");
}

/** What stops at once may have been given a later time: consent/ledger.ts. */
function timeStored(event: ConsentEvent, events: readonly RecordedConsentEvent[]): Date {
  const stored = events.findLast(
    ({ kind, topic, at }) => kind === event.kind && topic === event.topic && at >= event.at,
  );
  return stored?.at ?? event.at;
}

/** Of the event's topic or, where it is of all, of each that is configured or on record. */
function standingsOf(
  office: OfficeForCommand,
  { sender, topic: of }: ConsentEvent,
  events: readonly RecordedConsentEvent[],
): readonly { readonly topic: string; readonly now: Standing }[] {
  const configured = knownNames(office.config).senders.find(({ id }) => id === sender)?.topics;
  const all = [...(configured ?? []), ...events.flatMap(({ topic }) => topic ?? [])];
  const maxAges = office.senders.find(({ id }) => id === sender)?.maxAges;
  return [...new Set(of === null ? all : [of])].map((topic) => ({
    topic,
    now: standing(events, topic, office.clock(), maxAges),
  }));
}

function isOtherGrantOfThen(stored: ConsentEvent, event: ConsentEvent): boolean {
  return (
    stored.kind === "granted" &&
    event.kind === "granted" &&
    stored.topic === event.topic &&
    stored.at.getTime() === event.at.getTime() &&
    (stored.basis !== event.basis || stored.expiresAt?.getTime() !== event.expiresAt?.getTime())
  );
}

function tellContrary(event: ConsentEvent, topic: string, now: Standing, isOver: boolean): void {
  if (event.kind === "granted") {
    if (now.kind === "withdrawn" || now.kind === "paused")
      tell(
        `the person is still ${now.kind}: only a grant by the person's own act (--by-person) changes that`,
      );
  } else if (now.kind === "granted") {
    const why = isOver
      ? "the pause is over"
      : "the person's own act came after this stop; without --at it holds from now on";
    tell(`mail of topic ${topic} may still be sent: ${why}`);
  }
}

function flagOf(column: string, event: ConsentEvent): string {
  if (column === "granted_at") return "--at";
  if (column === "expires_at") return event.kind === "paused" ? "--until" : "--expires";
  if (["method", "source", "wording"].includes(column)) return `--${column}`;
  return column === "policy_version" ? "--policy-version" : `--evidence ${column}=`;
}
