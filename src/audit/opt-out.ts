// Reads from log and ledger who said stop, when and how: for the mail tool that must be told too.
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Ledger } from "../consent/ledger.ts";
import type { SuppressionKind } from "../consent/suppression.ts";
import type { Stream } from "../policy/stream.ts";
import type { AuditEvent, EventType } from "./event.ts";
import type { AuditFilter, AuditLog } from "./log.ts";
import { everyEvent } from "./received.ts";

export interface OptOut {
  /** `*@domain` where a whole domain is suppressed. */
  readonly email: string;
  /** Empty: every sender. */
  readonly sender: string;
  /** Empty: every topic of the sender. */
  readonly topic: string;
  readonly at: Date;
  /** `one-click`, `page`, `mailto`, `reply`, `complaint`, or who recorded it; what ends names its end. */
  readonly how: string;
}

export interface OptOutSources {
  readonly audit: Pick<AuditLog, "search">;
  readonly ledger: Pick<Ledger, "stopsOf">;
  readonly streams: readonly Pick<Stream, "id" | "sender" | "topic">[];
}

/** What an opt-out leaves in the log; the events of a filter that the index of times serves. */
const types = [
  "Unsubscribe",
  "Complaint",
  "Consent",
  "Suppression",
  "Import",
] as const satisfies readonly EventType[];

/** A dead address is not listed: nobody said stop. Nor is `import`, which says nothing of why. */
const said: ReadonlySet<unknown> = new Set<SuppressionKind>(["unsubscribe", "complaint", "manual"]);

/** `ofAll`: with what holds for every sender. Oldest first; without people who were erased, of whom nothing readable is left. */
export async function* listOptOuts(
  { audit, ledger, streams }: OptOutSources,
  window: Pick<AuditFilter, "since" | "until">,
  { sender, ofAll }: { readonly sender?: string | undefined; readonly ofAll: boolean },
): AsyncGenerator<OptOut> {
  const isWanted = (optOut: OptOut): boolean =>
    optOut.sender === "" ? ofAll : sender === undefined || optOut.sender === sender;
  for await (const event of everyEvent(audit, { ...window, types })) {
    if (event.type === "Import") {
      for await (const stop of importedStops(event, ledger)) if (isWanted(stop)) yield stop;
      await nextTurn(); // an import without stops is looked at in one go: many may follow each other
      continue;
    }
    const optOut = optOutOf(event, streams);
    if (optOut !== undefined && isWanted(optOut)) yield optOut;
  }
}

/** An import has one event for many rows; the ledger has the rows. */
async function* importedStops(
  { sequence, detail, at }: AuditEvent,
  ledger: OptOutSources["ledger"],
): AsyncGenerator<OptOut> {
  if (detail?.["change"] !== "consents") return;
  for await (const stop of ledger.stopsOf(sequence)) {
    const { address: email, sender, topic, actor } = stop;
    if (email === undefined) continue;
    const how = withEnd(actor, stop.kind === "paused" ? stop.until.toISOString() : undefined);
    yield { email, sender, topic: topic ?? "", at, how };
  }
}

function optOutOf(event: AuditEvent, streams: OptOutSources["streams"]): OptOut | undefined {
  const { recipient: email, detail = {}, actor = "", type } = event;
  if (email === undefined) return undefined;
  if (type === "Suppression") return suppressionOf(event, email, streams);
  const common = { email, sender: event.sender ?? "", topic: text(detail["topic"]), at: event.at };
  if (type === "Unsubscribe")
    return { ...common, how: withEnd(text(detail["method"]), detail["until"]) };
  if (type === "Complaint") return { ...common, how: "complaint" };
  const isStop = detail["change"] === "withdrawn" || detail["change"] === "paused";
  // What the person did here has a line of its own already.
  return type === "Consent" && isStop && actor !== "recipient"
    ? { ...common, how: withEnd(actor, detail["until"]) }
    : undefined;
}

function suppressionOf(
  { detail = {}, actor = "", stream: id, sender, at }: AuditEvent,
  target: string,
  streams: OptOutSources["streams"],
): OptOut | undefined {
  const { change, kind, ofDomain, expiresAt } = detail;
  // What the gateway learnt of an opt-out or complaint has a line of its own already.
  const isLearnt = actor === "recipient" || actor === "complaint";
  if (change !== "added" || !said.has(kind) || isLearnt) return undefined;
  const stream = streams.find((each) => each.id === id);
  return {
    email: ofDomain === true ? `*@${target}` : target,
    // A stream that is configured no more tells of no sender: then it is listed as for all of them.
    sender: sender ?? stream?.sender.id ?? "",
    topic: stream?.topic ?? "",
    at,
    how: withEnd(`${text(kind)}, ${actor}`, expiresAt),
  };
}

function withEnd(how: string, until: unknown): string {
  return typeof until === "string" ? `${how}, paused until ${until}` : how;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
