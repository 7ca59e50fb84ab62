// /v1/consents: who agreed to what, by events that are only ever added.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import { Compile } from "typebox/schema";

import type { Page } from "../../consent/ledger.ts";
import type { RecordedConsentEvent } from "../../consent/event.ts";
import { shown, standing } from "../../consent/standing.ts";
import { parseAddress, type Address } from "../../mail/address.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { closed, email, id, orNull, pageOf, pageQuery, paging, time } from "../fields.ts";
import { decodeUtf8 } from "../json-text.ts";
import type { HttpParts } from "../parts.ts";
import { refuseField } from "../problem.ts";
import { byNamedSender } from "../reach.ts";
import { recordReading } from "../reading.ts";
import { grantSchema, readGrant, readWithdrawal, withdrawalSchema } from "./consent-body.ts";
import { linesMax, record, recordLines, refuseAll } from "./consent-lines.ts";

const linesMaxBytes = 8 * 1024 * 1024;

const eventSchema = Type.Object({
  id: Type.String(),
  email: Type.Optional(orNull("Null once the person was erased.")),
  kind: Type.String({ description: "granted, withdrawn, paused or expired." }),
  sender: Type.String(),
  topic: orNull("Null: every topic of the sender."),
  basis: Type.Optional(Type.String()),
  byPerson: Type.Optional(Type.Boolean()),
  at: time("When it took effect."),
  expiresAt: Type.Optional(time("When it ends.")),
  until: Type.Optional(time("When a pause ends.")),
  recordedAt: time("When it was recorded."),
  actor: Type.String(),
  messageId: Type.Optional(Type.String()),
  evidence: Type.Object({}, { additionalProperties: true }),
});
const personSchema = Type.Object({
  email: Type.String(),
  standings: Type.Array(
    Type.Object(
      {
        sender: Type.String(),
        topic: Type.String(),
        standing: Type.String({
          description: "none, granted, withdrawn, paused, expired or ahead.",
        }),
      },
      { additionalProperties: true },
    ),
  ),
  events: Type.Array(eventSchema),
});
const recordedSchema = Type.Object({
  recorded: Type.Integer({ description: "Events that were new." }),
  known: Type.Integer({ description: "Events that were on record already." }),
});

export function consentRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/consents",
    {
      config: needs("consents", "read"),
      schema: {
        summary: "List consent events, oldest first; with email: that person's",
        querystring: Type.Object(
          { ...paging, email: Type.Optional(email), sender: Type.Optional(id) },
          closed,
        ),
        response: { 200: pageOf(eventSchema) },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const address = query.email === undefined ? undefined : parseAddress(query.email);
      if (address?.kind === "bad") return refuseField(request, reply, "email", address.problem);
      const page: Page<RecordedConsentEvent & { readonly address?: string }> =
        address === undefined
          ? await parts.ledger.listConsents({
              ...pageQuery(query),
              ...(query.sender === undefined ? {} : { sender: query.sender }),
            })
          : { items: await eventsOf(parts, address.value, query.sender), next: null };
      await recordReading(parts, request, {
        what: "consents",
        count: page.items.length,
        ...(address === undefined ? {} : { subject: parts.indexer.address(address.value) }),
      });
      return { items: page.items.map(view), next: page.next };
    },
  );
  app.get(
    "/consents/:email",
    {
      config: needs("consents", "read"),
      schema: {
        summary: "All that is on record of one address: its standings, and the events behind them",
        params: Type.Object({ email: Type.String({ maxLength: 1024 }) }),
        response: { 200: personSchema },
      },
    },
    (request, reply) => showPerson(parts, request, reply, request.params.email),
  );
  app.post(
    "/consents/withdrawals",
    {
      config: needs("consents", "write", { reach: byNamedSender }),
      schema: {
        summary: "Record that a person wants no more of this mail, or none until a date",
        body: withdrawalSchema,
        response: { 201: recordedSchema },
      },
    },
    async (request, reply) => {
      const read = await readWithdrawal(parts, request, request.body);
      if (read.kind === "bad") return refuseAll(request, reply, read.errors);
      return record(parts, request, reply, [read.consent]);
    },
  );
  void app.register((scoped, _options, done) => {
    grantRoute(scoped, parts);
    done();
  });
}

function grantRoute(app: App, parts: HttpParts): void {
  const isGrant = Compile(grantSchema);
  app.addContentTypeParser(
    "application/x-ndjson",
    { parseAs: "buffer", bodyLimit: linesMaxBytes },
    (request: FastifyRequest, body: Buffer, done) => {
      done(null, decodeUtf8(request, body));
    },
  );
  app.post(
    "/consents",
    {
      config: needs("consents", "write", { reach: byNamedSender }),
      schema: {
        summary: "Record a consent, or many",
        description: `application/json: one consent. application/x-ndjson: one a line, at most ${linesMax}, each with grantedAt; none is recorded where one is wrong. An event that is on record already is not recorded again.`,
        consumes: ["application/json", "application/x-ndjson"],
        body: {
          content: {
            "application/json": { schema: grantSchema },
            "application/x-ndjson": {
              schema: Type.String({ description: "One JSON object a line." }),
            },
          },
        },
        response: { 201: recordedSchema },
      },
    },
    async (request, reply) => {
      const body: unknown = request.body;
      if (typeof body === "string") return recordLines(parts, request, reply, body, isGrant);
      if (!isGrant.Check(body)) return refuseField(request, reply, "body", "is not a consent");
      const read = readGrant(parts, request, body);
      return read.kind === "bad"
        ? refuseAll(request, reply, read.errors)
        : record(parts, request, reply, [read.consent]);
    },
  );
}

async function eventsOf(
  parts: HttpParts,
  address: Address,
  sender?: string,
): Promise<readonly (RecordedConsentEvent & { readonly address?: string })[]> {
  const events = await parts.ledger.events(parts.indexer.address(address));
  return events
    .filter((event) => sender === undefined || event.sender === sender)
    .map((event) => ({ ...event, address: address.text }));
}

async function showPerson(
  parts: HttpParts,
  request: FastifyRequest,
  reply: FastifyReply,
  value: string,
): Promise<unknown> {
  const address = parseAddress(value);
  if (address.kind === "bad") return refuseField(request, reply, "email", address.problem);
  const events = await eventsOf(parts, address.value);
  await recordReading(parts, request, {
    what: "consents",
    subject: parts.indexer.address(address.value),
    count: events.length,
  });
  const now = parts.clock();
  const standings = [...new Set(events.map((event) => event.sender))].flatMap((sender) => {
    const ofSender = events.filter((event) => event.sender === sender);
    const named = ofSender.flatMap((event) => event.topic ?? []);
    const wide = ofSender.some((event) => event.topic === null)
      ? parts.streams.filter((stream) => stream.sender.id === sender).map((stream) => stream.topic)
      : [];
    const maxAges = parts.senders.find(({ id }) => id === sender)?.maxAges;
    return [...new Set([...named, ...wide])].map((topic) => {
      const { kind, ...rest } = shown(standing(ofSender, topic, now, maxAges));
      return { sender, topic, standing: kind, ...rest };
    });
  });
  return { email: address.value.text, standings, events: events.map(view) };
}

function view(event: RecordedConsentEvent & { readonly address?: string }): object {
  const { subject: _subject, address = null, ...rest } = event;
  return { email: address, ...rest };
}
