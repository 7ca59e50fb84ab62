// Reads from the log who said stop, when and how: for the mail tool that must be told too.
import type { AuditEvent, EventType } from "./event.ts";

export interface OptOut {
  readonly email: string;
  readonly sender: string;
  /** Empty: every topic of the sender. */
  readonly topic: string;
  readonly at: Date;
  /** `one-click`, `page`, `mailto`, `reply`, `complaint`, or who recorded it; a pause names its end. */
  readonly how: string;
}

/** Among these events; the filter of a search. */
export const optOutTypes = [
  "Unsubscribe",
  "Complaint",
  "Consent",
] as const satisfies readonly EventType[];

/** undefined: the event is none, or the person was erased. */
export function optOutOf(event: AuditEvent): OptOut | undefined {
  const { recipient: email, detail = {}, actor = "" } = event;
  if (email === undefined) return undefined;
  const common = { email, sender: event.sender ?? "", topic: text(detail["topic"]), at: event.at };
  const { type } = event;
  if (type === "Unsubscribe")
    return { ...common, how: withEnd(text(detail["method"]), detail["until"]) };
  if (type === "Complaint") return { ...common, how: "complaint" };
  const isStop = detail["change"] === "withdrawn" || detail["change"] === "paused";
  // What the person did here has a line of its own already.
  return type === "Consent" && isStop && actor !== "recipient"
    ? { ...common, how: withEnd(actor, detail["until"]) }
    : undefined;
}

function withEnd(how: string, until: unknown): string {
  return typeof until === "string" ? `${how}, paused until ${until}` : how;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
