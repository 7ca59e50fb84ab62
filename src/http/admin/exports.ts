// /v1/exports: the operation log for a SIEM, and who received what. Each export is an event; some take a second person.
import { Readable } from "node:stream";

import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import { formatCef } from "../../audit/cef.ts";
import { eventTypes, type AuditEvent } from "../../audit/event.ts";
import { acted } from "../../audit/from-people.ts";
import { showEvent } from "../../audit/show-event.ts";
import { everyEvent, listReceived } from "../../audit/received.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { actOf, actorOf, choice, closed, id, parseTime, time } from "../fields.ts";
import { masked } from "../mask.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { byNamedSender, senderOfStream } from "../reach.ts";
import { ask, askedSchema, needsSecondPerson } from "../second-person.ts";

const approval = Type.Optional(
  Type.String({ maxLength: 64, description: "The request that a second person approved." }),
);
const config = needs("exports", "read", { reach: byNamedSender, stepUp: true });

export function exportRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/exports/audit",
    {
      config,
      schema: {
        summary: "The operation log as NDJSON or CEF, oldest first",
        produces: ["application/x-ndjson", "text/plain"],
        querystring: Type.Object(
          {
            format: Type.Optional(choice(["ndjson", "cef"] as const, "Default ndjson.")),
            type: Type.Optional(choice(eventTypes, "Events of this type only.")),
            sender: Type.Optional(id),
            stream: Type.Optional(id),
            since: Type.Optional(time("From this time on.")),
            until: Type.Optional(time("Before this time.")),
            approval,
          },
          closed,
        ),
        response: { 202: askedSchema },
      },
    },
    async (request, reply) => {
      const { format = "ndjson", type, sender, stream, since, until } = request.query;
      const window = readWindow(since, until);
      if (window.kind === "bad") return refuseField(request, reply, window.field, window.problem);
      if (!(await mayExport(parts, request, reply, "audit"))) return reply;
      const events = everyEvent(parts.audit, {
        ...window.value,
        ...(type === undefined ? {} : { types: [type] }),
        ...(sender === undefined ? {} : { sender }),
        ...(stream === undefined ? {} : { stream }),
      });
      const line = (event: AuditEvent): string => {
        const shown = request.caller?.masked === true ? (masked(event) as AuditEvent) : event; // masked() keeps the shape
        return format === "cef" ? formatCef(shown) : JSON.stringify(showEvent(shown));
      };
      return reply
        .type(format === "cef" ? "text/plain; charset=utf-8" : "application/x-ndjson")
        .send(Readable.from(lines(events, line)));
    },
  );
  receivedRoute(app, parts);
}

function receivedRoute(app: App, parts: HttpParts): void {
  app.get(
    "/exports/received",
    {
      config,
      schema: {
        summary: "Who received what of a stream in a window of time; the last line counts",
        produces: ["application/x-ndjson"],
        querystring: Type.Object(
          {
            stream: id,
            since: time("From this time on."),
            until: time("Before this time."),
            approval,
          },
          closed,
        ),
        response: { 202: askedSchema },
      },
    },
    async (request, reply) => {
      const { stream, since, until } = request.query;
      const from = parseTime(since);
      if (from.kind === "bad") return refuseField(request, reply, "since", from.problem);
      const to = parseTime(until);
      if (to.kind === "bad") return refuseField(request, reply, "until", to.problem);
      if (!(await mayExport(parts, request, reply, "received"))) return reply;
      const received = listReceived(parts.audit, { stream, since: from.value, until: to.value });
      const shown = (value: unknown): string =>
        JSON.stringify(request.caller?.masked === true ? masked(value) : value);
      const rows = lines(received, shown, (summary) => JSON.stringify({ summary }));
      return reply.type("application/x-ndjson").send(Readable.from(rows));
    },
  );
}

/** One line for each; what the source returns at its end, if anything, is one more: `{"summary": …}`. */
async function* lines<T, S>(
  source: AsyncGenerator<T, S>,
  format: (value: T) => string,
  last: (value: S) => string | undefined = () => undefined,
): AsyncGenerator<string> {
  for (;;) {
    const { done, value } = await source.next();
    if (done !== true) yield `${format(value)}\n`;
    else {
      const end = last(value);
      if (end !== undefined) yield `${end}\n`;
      return;
    }
  }
}

/** Records the export, or answers why it cannot be had (yet). */
async function mayExport(
  parts: HttpParts,
  request: FastifyRequest<{ Querystring: { stream?: string; sender?: string; approval?: string } }>,
  reply: FastifyReply,
  what: string,
): Promise<boolean> {
  const { approval: approved, ...query } = request.query;
  const words = JSON.stringify(
    Object.fromEntries(
      Object.entries(query).toSorted(([left], [right]) => (left < right ? -1 : 1)),
    ),
  );
  const sender =
    query.sender ?? (query.stream === undefined ? undefined : senderOfStream(parts, query.stream));
  const act = actOf(request, parts.clock());
  if (needsSecondPerson(parts, "export", sender)) {
    if (approved === undefined) {
      const about = sender === undefined ? {} : { sender };
      await ask(parts, request, reply, { act: { kind: "export", what, query: words }, ...about });
      return false;
    }
    const found = await parts.approvals.find(approved);
    const same =
      found?.act.kind === "export" && found.act.what === what && found.act.query === words;
    if (!same || !(await parts.approvals.spend(approved, actorOf(request), act))) {
      void refuse(request, reply, "forbidden", {
        detail: "this is no approval for this export, or it was used or is over",
        remedy: "Ask anew: the same request without approval.",
      });
      return false;
    }
  }
  await parts.audit.append([
    acted("Export", act, { change: "export", what, query: words, requestId: request.id }),
  ]);
  return true;
}

function readWindow(
  since: string | undefined,
  until: string | undefined,
):
  | { readonly kind: "ok"; readonly value: { readonly since?: Date; readonly until?: Date } }
  | { readonly kind: "bad"; readonly field: string; readonly problem: string } {
  const value: { since?: Date; until?: Date } = {};
  for (const [field, text] of [
    ["since", since],
    ["until", until],
  ] as const) {
    if (text === undefined) continue;
    const parsed = parseTime(text);
    if (parsed.kind === "bad") return { kind: "bad", field, problem: parsed.problem };
    value[field] = parsed.value;
  }
  return { kind: "ok", value };
}
