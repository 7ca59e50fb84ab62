// /v1/exports: the operation log for a SIEM, and who received what. Each export is an event; some take a second person.
import { Readable } from "node:stream";

import Type from "typebox";

import { formatCef } from "../../audit/cef.ts";
import { eventTypes, type AuditEvent } from "../../audit/event.ts";
import { listOptOuts, type OptOut } from "../../audit/opt-out.ts";
import { isOnRecord } from "../../audit/on-record.ts";
import { everyEvent, listReceived } from "../../audit/received.ts";
import { showEvent } from "../../audit/show-event.ts";
import { optOutHeader, optOutLine } from "../../exchange/export-opt-outs.ts";
import type { App } from "../app.ts";
import { choice, closed, id, jsonAnswer, parseTime, textAnswer, time } from "../fields.ts";
import { masked, maskAddress } from "../mask.ts";
import type { HttpParts } from "../parts.ts";
import { refuseField } from "../problem.ts";
import { askedSchema } from "../second-person.ts";
import { approval, exporting, lines, mayExport, readWindow } from "./export-answer.ts";

const neverThere = "is not in the configuration, and never was with mail or people";
const waits = jsonAnswer("It waits for a second person.", askedSchema);

export function exportRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/exports/audit",
    {
      config: exporting,
      schema: {
        summary: "The operation log as NDJSON or CEF, oldest first",
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
        response: {
          200: textAnswer("One event a line.", "application/x-ndjson", "text/plain"),
          202: waits,
        },
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
  optOutsRoute(app, parts);
}

function receivedRoute(app: App, parts: HttpParts): void {
  app.get(
    "/exports/received",
    {
      config: exporting,
      schema: {
        summary: "Who received what of a stream in a window of time; the last line counts",
        querystring: Type.Object(
          {
            stream: id,
            since: time("From this time on."),
            until: time("Before this time."),
            approval,
          },
          closed,
        ),
        response: { 200: textAnswer("One delivery a line.", "application/x-ndjson"), 202: waits },
      },
    },
    async (request, reply) => {
      const { stream, since, until } = request.query;
      const from = parseTime(since);
      if (from.kind === "bad") return refuseField(request, reply, "since", from.problem);
      const to = parseTime(until);
      if (to.kind === "bad") return refuseField(request, reply, "until", to.problem);
      if (to.value <= from.value) return refuseField(request, reply, "until", "is not after since");
      if (!parts.streams.some(({ id: known }) => known === stream))
        if (!(await isOnRecord(parts.audit, { stream })))
          return refuseField(request, reply, "stream", neverThere);
      if (!(await mayExport(parts, request, reply, "received"))) return reply;
      const received = listReceived(parts.audit, { stream, since: from.value, until: to.value });
      const shown = (value: unknown): string =>
        JSON.stringify(request.caller?.masked === true ? masked(value) : value);
      const rows = lines(received, shown, (summary) => JSON.stringify({ summary }));
      return reply.type("application/x-ndjson").send(Readable.from(rows));
    },
  );
}

function optOutsRoute(app: App, parts: HttpParts): void {
  app.get(
    "/exports/opt-outs",
    {
      config: exporting,
      schema: {
        summary: "Who said stop since a time, and how: for the tool that sends",
        description:
          "csv opens in a spreadsheet without running anything. Suppressions of kind unsubscribe, complaint and manual count, and imported withdrawals; hard-bounce and import do not. Erased people are left out: nothing readable of them is left.",
        querystring: Type.Object(
          {
            format: Type.Optional(choice(["csv", "ndjson"] as const, "Default csv.")),
            sender: Type.Optional(id),
            since: time("From this time on."),
            until: Type.Optional(time("Before this time.")),
            approval,
          },
          closed,
        ),
        response: {
          200: textAnswer("One opt-out a line.", "text/csv", "application/x-ndjson"),
          202: waits,
        },
      },
    },
    async (request, reply) => {
      const { format = "csv", sender, since, until } = request.query;
      const window = readWindow(since, until);
      if (window.kind === "bad") return refuseField(request, reply, window.field, window.problem);
      if (sender !== undefined && !parts.senders.some(({ id: known }) => known === sender))
        if (!(await isOnRecord(parts.audit, { sender })))
          return refuseField(request, reply, "sender", neverThere);
      if (!(await mayExport(parts, request, reply, "opt-outs"))) return reply;
      // Whoever acts for some senders is not shown what belongs to none of them.
      const ofAll = request.caller?.senders.length === 0;
      const optOuts = listOptOuts(parts, window.value, { sender, ofAll });
      const isMasked = request.caller?.masked === true;
      const rows = optOutRows(optOuts, (optOut) => {
        const shown = isMasked ? { ...optOut, email: maskAddress(optOut.email) } : optOut;
        return format === "csv" ? optOutLine(shown) : `${JSON.stringify(shown)}\n`;
      });
      const type = format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson";
      const head = format === "csv" ? [optOutHeader] : [];
      return reply
        .type(type)
        .header("content-disposition", `attachment; filename="opt-outs.${format}"`) // threats.md row 84
        .send(Readable.from(behind(head, rows)));
    },
  );
}

async function* optOutRows(
  optOuts: AsyncIterable<OptOut>,
  format: (optOut: OptOut) => string,
): AsyncGenerator<string> {
  for await (const optOut of optOuts) yield format(optOut);
}

async function* behind(
  head: readonly string[],
  rows: AsyncIterable<string>,
): AsyncGenerator<string> {
  yield* head;
  yield* rows;
}
