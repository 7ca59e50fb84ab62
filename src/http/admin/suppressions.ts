// /v1/suppressions: addresses and domains that must not be sent to.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";

import type { AddressIndex } from "../../consent/address-index.ts";
import type { ListedSuppression } from "../../consent/ledger.ts";
import {
  formatScope,
  parseScope,
  suppressionKinds,
  type Suppression,
  type SuppressionScope,
} from "../../consent/suppression.ts";
import type { Address } from "../../mail/address.ts";
import type { Domain } from "../../mail/domain.ts";
import { bad, ok, type Parsed } from "../../mail/parsed.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import {
  actorOf,
  choice,
  closed,
  email,
  pageOf,
  pageQuery,
  paging,
  parseTarget,
  type Target,
  parseTime,
  text,
  time,
} from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { ask, askedSchema, needsSecondPerson } from "../second-person.ts";
import { byNamedSender, senderOfScope } from "../reach.ts";
import { recordReading } from "../reading.ts";

const scopeText = Type.String({
  maxLength: 128,
  pattern: "^(all|(sender|stream):.+)$",
  description: "all, sender:ID or stream:ID.",
});
const kind = choice(suppressionKinds, "What it came from.");
const target = Type.Object({
  address: Type.String({
    maxLength: 1024,
    description: "A mail address, or a domain with all its addresses.",
  }),
});
const suppressionSchema = Type.Object({
  email: Type.Optional(
    Type.Unsafe<string | null>({
      type: ["string", "null"],
      description: "Null once the person was erased.",
    }),
  ),
  domain: Type.Optional(Type.Unsafe<string | null>({ type: ["string", "null"] })),
  kind,
  scope: scopeText,
  origin: Type.String({ description: "What made it: cli:USER, token:ID, recipient, bounce …" }),
  reason: Type.Optional(Type.String()),
  createdAt: time("When it was made."),
  expiresAt: Type.Optional(time("When it ends.")),
  messageId: Type.Optional(Type.String({ description: "The message that brought it about." })),
  active: Type.Boolean(),
});

const bodySchema = Type.Object(
  {
    email: Type.Optional(email),
    domain: Type.Optional(Type.String({ minLength: 3, maxLength: 255 })),
    kind: Type.Optional(kind),
    scope: Type.Optional(scopeText),
    reason: Type.Optional(text("Why.")),
    expiresAt: Type.Optional(time("When it ends; absent: never.")),
  },
  closed,
);

export function suppressionRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/suppressions",
    {
      config: needs("suppressions", "read"),
      schema: {
        summary: "List suppressions",
        querystring: Type.Object(
          {
            ...paging,
            email: Type.Optional(email),
            kind: Type.Optional(kind),
            scope: Type.Optional(scopeText),
          },
          closed,
        ),
        response: { 200: pageOf(suppressionSchema) },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const subject = query.email === undefined ? undefined : parseSubject(parts, query.email);
      if (subject?.kind === "bad") return refuseField(request, reply, "email", subject.problem);
      const scope = query.scope === undefined ? undefined : knownScope(parts, query.scope);
      if (scope?.kind === "bad") return refuseField(request, reply, "scope", scope.problem);
      const page = await parts.ledger.listSuppressions({
        ...pageQuery(query),
        ...(subject === undefined ? {} : { subject: subject.value }),
        ...(query.kind === undefined ? {} : { kind: query.kind }),
        ...(scope === undefined ? {} : { scope: scope.value }),
      });
      await recordReading(parts, request, {
        what: "suppressions",
        count: page.items.length,
        ...(subject === undefined ? {} : { subject: subject.value }),
      });
      return { items: page.items.map((entry) => view(entry, parts.clock())), next: page.next };
    },
  );
  app.get(
    "/suppressions/:address",
    {
      config: needs("suppressions", "read"),
      schema: {
        summary: "Look one address or domain up",
        params: target,
        response: { 200: pageOf(suppressionSchema) },
      },
    },
    (request, reply) => lookUp(parts, request, reply, request.params.address),
  );
  addingRoute(app, parts);
  removingRoute(app, parts);
}

function addingRoute(app: App, parts: HttpParts): void {
  app.post(
    "/suppressions",
    {
      config: { ...needs("suppressions", "write", { reach: byNamedSender }), idempotent: true },
      schema: {
        summary: "Suppress an address or a domain",
        description: "One of the same address, kind and scope is replaced.",
        body: bodySchema,
        response: { 201: suppressionSchema },
      },
    },
    async (request, reply) => {
      const read = readSuppression(parts, request, request.body);
      if (read.kind === "bad") return refuseField(request, reply, read.field, read.problem);
      const { target: readable, suppression } = read;
      await parts.ledger.suppress([{ target: readable, suppression }]);
      const address = typeof readable === "string" ? readable : readable.text;
      return reply.code(201).send(view({ ...suppression, address }, parts.clock()));
    },
  );
}

function removingRoute(app: App, parts: HttpParts): void {
  app.delete(
    "/suppressions/:address",
    {
      config: needs("suppressions", "write", { reach: byNamedSender }),
      schema: {
        summary: "Lift every suppression of an address or domain in one scope",
        params: target,
        querystring: Type.Object(
          {
            scope: scopeText,
            reason: text("Why it may be sent to again; the audit log keeps it."),
          },
          closed,
        ),
        response: {
          200: Type.Object({ removed: Type.Array(suppressionSchema) }),
          202: askedSchema,
        },
      },
    },
    async (request, reply) => {
      const subject = parseSubject(parts, request.params.address);
      if (subject.kind === "bad") return refuseField(request, reply, "address", subject.problem);
      const scope = knownScope(parts, request.query.scope);
      if (scope.kind === "bad") return refuseField(request, reply, "scope", scope.problem);
      const { reason } = request.query;
      const sender = senderOfScope(parts, request.query.scope);
      if (needsSecondPerson(parts, "suppression-removal", sender))
        return ask(parts, request, reply, {
          act: {
            kind: "suppression-removal",
            subject: subject.value,
            scope: scope.value,
            address: request.params.address,
          },
          ...(sender === undefined ? {} : { sender }),
          reason,
        });
      const act = { actor: actorOf(request), reason };
      const removed = await parts.ledger.unsuppress(subject.value, scope.value, act);
      if (removed.length === 0)
        return refuse(request, reply, "not-found", {
          detail: "nothing is suppressed under this address and scope",
          remedy: "See what is: GET /v1/suppressions/{address}.",
        });
      const { address } = request.params;
      return { removed: removed.map((entry) => view({ ...entry, address }, parts.clock())) };
    },
  );
}

type SuppressionBody = Static<typeof bodySchema>;

function readSuppression(
  parts: HttpParts,
  request: FastifyRequest,
  body: SuppressionBody,
):
  | {
      readonly kind: "ok";
      readonly target: Address | Domain;
      readonly suppression: Suppression;
    }
  | { readonly kind: "bad"; readonly field: string; readonly problem: string } {
  const field = body.email === undefined ? "domain" : "email";
  const wrong = (name: string, problem: string): ReturnType<typeof readSuppression> => ({
    kind: "bad",
    field: name,
    problem,
  });
  if ((body.email === undefined) === (body.domain === undefined))
    return wrong("email", "or domain must be given: exactly one of them");
  const about = parseTarget(body.email ?? body.domain ?? "");
  if (about.kind === "bad") return wrong(field, about.problem);
  const ofDomain = about.value.kind === "domain";
  if (ofDomain !== (field === "domain"))
    return wrong(field, `is not ${ofDomain ? "an address" : "a domain"}`);
  const scope = knownScope(parts, body.scope ?? "all");
  if (scope.kind === "bad") return wrong("scope", scope.problem);
  const expires = body.expiresAt === undefined ? undefined : parseTime(body.expiresAt);
  if (expires?.kind === "bad") return wrong("expiresAt", expires.problem);
  return {
    kind: "ok",
    target: about.value.kind === "domain" ? about.value.domain : about.value.address,
    suppression: {
      subject: subjectOf(parts, about.value),
      ofDomain,
      kind: body.kind ?? "manual",
      scope: scope.value,
      origin: actorOf(request),
      createdAt: parts.clock(),
      ...(body.reason === undefined ? {} : { reason: body.reason }),
      ...(expires === undefined ? {} : { expiresAt: expires.value }),
    },
  };
}

/** Every suppression that stops mail to the address: its own and its domain's. */
async function lookUp(
  parts: HttpParts,
  request: FastifyRequest,
  reply: FastifyReply,
  value: string,
): Promise<unknown> {
  const about = parseTarget(value);
  if (about.kind === "bad") return refuseField(request, reply, "address", about.problem);
  const { indexer, ledger } = parts;
  const subjects =
    about.value.kind === "domain"
      ? [indexer.domain(about.value.domain)]
      : [indexer.address(about.value.address), indexer.domain(about.value.address.domain)];
  const pages = await Promise.all(
    subjects.map((subject) => ledger.listSuppressions({ subject, limit: 100 })),
  );
  const items = pages.flatMap((page) => page.items);
  const [subject] = subjects;
  await recordReading(parts, request, {
    what: "suppressions",
    count: items.length,
    ...(subject === undefined ? {} : { subject }),
  });
  return { items: items.map((entry) => view(entry, parts.clock())), next: null };
}

function subjectOf(parts: HttpParts, about: Target): AddressIndex {
  return about.kind === "domain"
    ? parts.indexer.domain(about.domain)
    : parts.indexer.address(about.address);
}

function parseSubject(parts: HttpParts, value: string): Parsed<AddressIndex> {
  const about = parseTarget(value);
  return about.kind === "bad" ? about : ok(subjectOf(parts, about.value));
}

function knownScope(parts: HttpParts, value: string): Parsed<SuppressionScope> {
  const scope = parseScope(value);
  if (scope === undefined) return bad("must be all, sender:ID or stream:ID");
  if (scope.kind === "all") return ok(scope);
  const known = scope.kind === "sender" ? parts.senders : parts.streams;
  return known.some((each) => each.id === scope.id)
    ? ok(scope)
    : bad(
        `names no ${scope.kind} of the configuration; known: ${known.map((each) => each.id).join(", ")}`,
      );
}

function view(entry: ListedSuppression, now: Date): object {
  const { subject: _subject, ofDomain, address = null, scope, ...rest } = entry;
  return {
    ...(ofDomain ? { domain: address } : { email: address }),
    ...rest,
    scope: formatScope(scope),
    active: entry.expiresAt === undefined || entry.expiresAt > now,
  };
}
