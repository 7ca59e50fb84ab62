// Where signals arrive: asks what they teach and has it recorded, so that it holds at the next decision.
import type { AuditDraft } from "../audit/event.ts";
import type { AuditLog } from "../audit/log.ts";
import { patiently } from "../audit/patiently.ts";
import type { Ledger } from "../consent/ledger.ts";
import { createEarlierBounces } from "./earlier-bounces.ts";
import { createHourlyQuota } from "./hourly-quota.ts";
import { learn, refusesUs, type Lesson, type Signal } from "./learn.ts";

export interface Desk {
  /**
   * Resolves once all is durable; waits for a busy store as patiently.ts says. Rejects with the store's error, and may
   * then be called again: it is idempotent.
   */
  readonly teach: (signal: Signal) => Promise<Lesson>;
}

export interface DeskParts {
  readonly ledger: Pick<Ledger, "events" | "recordConsents" | "suppress">;
  readonly audit: Pick<AuditLog, "append" | "search">;
  /** Told of each alarm that a receiver refuses us, once it is recorded. */
  readonly raised?: (alarm: AuditDraft) => void;
}

export function createDesk({ ledger, audit, raised }: DeskParts): Desk {
  const earlierBounces = createEarlierBounces(audit);
  const isFirstAlarm = createHourlyQuota(1);
  // A campaign that a provider blocks comes back a thousand times and says one thing.
  const isNews = (event: AuditDraft): boolean =>
    !isRefusal(event) ||
    isFirstAlarm(`${event.sender ?? ""} ${String(event.detail?.["reason"])}`, event.at);
  return {
    teach: async (signal) => {
      const { subject, recipientId } = signal.about;
      const earlier = signal.kind === "bounce" ? await earlierBounces(subject, recipientId) : [];
      const lesson = learn(signal, earlier);
      if (signal.kind === "opt-out" && (await isSoAlready(ledger, lesson))) return nothing;
      // By index, which holds for a person who was erased too, and makes nobody readable again.
      if (lesson.suppressions.length > 0)
        await patiently(() =>
          ledger.suppress(lesson.suppressions.map((suppression) => ({ suppression }))),
        );
      if (lesson.consents.length > 0)
        await patiently(() =>
          ledger.recordConsents(lesson.consents.map((event) => ({ event, atOnce: true }))),
        );
      // Last: a signal whose line stands in the log has had its effect.
      const news = lesson.events.filter(isNews);
      await patiently(() => audit.append(news));
      for (const alarm of news.filter(isRefusal)) raised?.(alarm);
      return lesson;
    },
  };
}

function isRefusal({ type, detail }: AuditDraft): boolean {
  return type === "Alarm" && detail?.["what"] === refusesUs;
}

const nothing: Lesson = { suppressions: [], consents: [], events: [] };

/** A link used again and again says the same thing once: replays must not fill the ledger (threats.md row 89). */
async function isSoAlready(ledger: DeskParts["ledger"], lesson: Lesson): Promise<boolean> {
  const [wish] = lesson.consents;
  if (wish?.kind !== "withdrawn") return false;
  const events = await ledger.events(wish.subject);
  const ofSender = events.filter(
    (event) =>
      event.sender === wish.sender && (event.topic === wish.topic || event.kind === "granted"),
  );
  const last = ofSender.at(-1);
  if (last?.kind !== "withdrawn" || last.topic !== wish.topic) return false;
  // The last to be recorded need not be the last to have happened: a stop of an imported table may lie before a grant.
  return !ofSender.some(
    (event) => event.kind === "granted" && event.byPerson && event.at > last.at,
  );
}
