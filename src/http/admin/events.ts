// /v1/messages and /v1/audit: the record of decisions, read by message or whole, and the proof that it is whole.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type, { type Static, type TInteger } from "typebox";

import { eventTypes, type AuditEvent, type EventType } from "../../audit/event.ts";
import { showEvent } from "../../audit/show-event.ts";
import { countRuleHits } from "../../audit/rule-hits.ts";
import type { AuditFilter, Verification } from "../../audit/log.ts";
import { parseAddress } from "../../mail/address.ts";
import { bad, ok, type Parsed } from "../../mail/parsed.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import {
  choice,
  closed,
  email,
  id,
  pageOf,
  pageQuery,
  paging,
  parseTime,
  time,
} from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { byNamedSender } from "../reach.ts";
import { recordReading } from "../reading.ts";
import { eventSchema } from "./event-view.ts";

/** What /v1/messages tells: what became of mail, not what people did in administration. */
const messageTypes = [
  "Reception",
  "Refusal",
  "Observed",
  "Held",
  "Released",
  "Rejected",
  "Delivery",
  "TransientFailure",
  "Bounce",
  "Expiration",
  "Dropped",
  "Report",
  "Complaint",
  "Unsubscribe",
  "Returned",
  "AutoReply",
] as const satisfies readonly EventType[];

const traceMax = 10_000; // events of one message: recipients × attempts, in the worst case

const common = {
  ...paging,
  recipient: Type.Optional(email),
  stream: Type.Optional(id),
  sender: Type.Optional(id),
  messageId: Type.Optional(id),
  since: Type.Optional(time("From this time on.")),
  until: Type.Optional(time("Before this time.")),
  order: Type.Optional(choice(["oldest", "newest"] as const, "Which come first; default oldest.")),
};
const messagesQuery = Type.Object(
  { ...common, type: Type.Optional(choice(messageTypes, "Events of this type only.")) },
  closed,
);
const auditQuery = Type.Object(
  { ...common, type: Type.Optional(choice(eventTypes, "Events of this type only.")) },
  closed,
);

const count = (description: string): TInteger => Type.Integer({ description });
const ruleHitsSchema = Type.Object({
  rule: Type.String(),
  refused: count("Messages that it refused."),
  held: count("Messages that it held."),
  released: count("Of those held: let go by a person, so that the rule was wrong or too strict."),
  rejected: count("Of those held: stopped by a person, so that the rule was right."),
  observed: count("In shadow: would have been refused."),
});

export function eventRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/messages",
    {
      config: needs("messages", "read"),
      schema: {
        summary: "What became of mail: decisions, attempts, returns",
        querystring: messagesQuery,
        response: { 200: pageOf(eventSchema) },
      },
    },
    (request, reply) => search(parts, request, reply, "messages", request.query, messageTypes),
  );
  app.get(
    "/messages/:messageId",
    {
      config: needs("messages", "read"),
      schema: {
        summary: "All that happened to one message, in order",
        params: Type.Object({ messageId: id }),
        response: {
          200: Type.Object({ messageId: Type.String(), events: Type.Array(eventSchema) }),
        },
      },
    },
    async (request, reply) => {
      const { messageId } = request.params;
      const events = await trace(parts, messageId);
      if (events.length === 0)
        return refuse(request, reply, "not-found", {
          detail: "no event names this message",
          remedy: "The id is the one behind id= in the 250 reply.",
        });
      await recordReading(parts, request, { what: "message", messageId, count: events.length });
      return { messageId, events: events.map(showEvent) };
    },
  );
  app.get(
    "/audit",
    {
      config: needs("audit", "read"),
      schema: {
        summary: "Every event",
        querystring: auditQuery,
        response: { 200: pageOf(eventSchema) },
      },
    },
    (request, reply) => search(parts, request, reply, "audit", request.query, undefined),
  );
  verifyRoute(app, parts);
  ruleHitsRoute(app, parts);
}

function ruleHitsRoute(app: App, parts: HttpParts): void {
  app.get(
    "/audit/rules",
    {
      config: needs("audit", "read", { reach: byNamedSender }),
      schema: {
        summary: "What each rule did, and whether people agreed: which rule earns its keep",
        querystring: Type.Object(
          {
            stream: Type.Optional(id),
            since: Type.Optional(time("From this time on.")),
            until: Type.Optional(time("Before this time.")),
          },
          closed,
        ),
        response: { 200: pageOf(ruleHitsSchema) },
      },
    },
    async (request, reply) => {
      const { stream } = request.query;
      const since = parseOptional(request.query.since);
      if (since.kind === "bad") return refuseField(request, reply, "since", since.problem);
      const until = parseOptional(request.query.until);
      if (until.kind === "bad") return refuseField(request, reply, "until", until.problem);
      const items = await countRuleHits(parts.audit, {
        ...(stream === undefined ? {} : { stream }),
        ...(since.value === undefined ? {} : { since: since.value }),
        ...(until.value === undefined ? {} : { until: until.value }),
      });
      return { items, next: null };
    },
  );
}

function verifyRoute(app: App, parts: HttpParts): void {
  let running: Promise<Verification> | undefined; // It reads every event: one at a time, shared by all who ask.
  app.get(
    "/audit/verify",
    {
      config: needs("audit", "read", { reach: "everything" }),
      schema: {
        summary: "Recompute the hash chain of all events",
        description:
          "intact, with the chains' heads to keep elsewhere; or broken, with where and how.",
        response: {
          200: Type.Object(
            { kind: choice(["intact", "broken"] as const, "The verdict.") },
            { additionalProperties: true },
          ),
        },
      },
    },
    async () => {
      running ??= parts.audit.verify().finally(() => {
        running = undefined;
      });
      return running;
    },
  );
}

async function search(
  parts: HttpParts,
  request: FastifyRequest,
  reply: FastifyReply,
  what: string,
  query: Static<typeof auditQuery>,
  types: readonly EventType[] | undefined,
): Promise<unknown> {
  const filter = readFilter(parts, query, types);
  if (filter.kind === "bad") return refuseField(request, reply, filter.field, filter.problem);
  const page = await parts.audit.search(filter.value);
  const { subject } = filter.value;
  await recordReading(parts, request, {
    what,
    count: page.items.length,
    ...(subject === undefined ? {} : { subject }),
  });
  return { items: page.items.map(showEvent), next: page.next };
}

function readFilter(
  parts: HttpParts,
  query: Static<typeof auditQuery>,
  types: readonly EventType[] | undefined,
):
  | { readonly kind: "ok"; readonly value: AuditFilter }
  | { readonly kind: "bad"; readonly field: string; readonly problem: string } {
  const address = query.recipient === undefined ? undefined : parseAddress(query.recipient);
  if (address?.kind === "bad") return { ...address, field: "recipient" };
  const since = parseOptional(query.since);
  if (since.kind === "bad") return { ...since, field: "since" };
  const until = parseOptional(query.until);
  if (until.kind === "bad") return { ...until, field: "until" };
  const wanted = query.type === undefined ? types : [query.type];
  const { stream, sender, messageId } = query;
  const value: AuditFilter = {
    ...pageQuery(query),
    newestFirst: query.order === "newest",
    ...(wanted === undefined ? {} : { types: wanted }),
    ...(address === undefined ? {} : { subject: parts.indexer.address(address.value) }),
    ...(stream === undefined ? {} : { stream }),
    ...(sender === undefined ? {} : { sender }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(since.value === undefined ? {} : { since: since.value }),
    ...(until.value === undefined ? {} : { until: until.value }),
  };
  return { kind: "ok", value };
}

function parseOptional(value: string | undefined): Parsed<Date | undefined> {
  if (value === undefined) return ok(undefined);
  const time = parseTime(value);
  return time.kind === "bad" ? bad(time.problem) : time;
}

async function trace(parts: HttpParts, messageId: string): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof parts.audit.search>> = await parts.audit.search({
      messageId,
      limit: 1000,
      ...(cursor === null ? {} : { cursor }),
    });
    events.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && events.length < traceMax);
  return events;
}
