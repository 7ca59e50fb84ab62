// /v1/suppressions: addresses and domains that must not be sent to.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import type { AddressIndex } from "../../consent/address-index.ts";
import type { ListedSuppression } from "../../consent/ledger.ts";
import { patiently } from "../../audit/patiently.ts";
import { takesSecondPerson } from "../../policy/second-person.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { overtaken, refuseStale, showState } from "../entity-tag.ts";
import {
  actorOf,
  closed,
  email,
  pageOf,
  pageQuery,
  paging,
  parseTarget,
  text,
  type Target,
} from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { byNamedSender, senderOfScope } from "../reach.ts";
import { recordReading } from "../reading.ts";
import { suppressionState, withoutAddress } from "../resource-state.ts";
import { ask, askedSchema } from "../second-person.ts";
import {
  bodySchema,
  kind,
  knownScope,
  parseSubject,
  readSuppression,
  scopeText,
  subjectOf,
  suppressionSchema,
  target,
  viewSuppression,
} from "./suppression-body.ts";

const ofOneMax = 1000; // scopes times kinds: of one address there are a few

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
      return {
        items: page.items.map((entry) => viewSuppression(entry, parts.clock())),
        next: page.next,
      };
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
      config: needs("suppressions", "write", { reach: byNamedSender }),
      schema: {
        summary: "Suppress an address or a domain",
        description:
          "One of the same address, kind and scope is replaced, but by none that ends sooner: the answer is what stands.",
        body: bodySchema,
        response: { 201: suppressionSchema },
      },
    },
    async (request, reply) => {
      const read = readSuppression(parts, request, request.body);
      if (read.kind === "bad") return refuseField(request, reply, read.field, read.problem);
      const { target: readable, suppression } = read;
      await patiently(() => parts.ledger.suppress([{ target: readable, suppression }]));
      const address = typeof readable === "string" ? readable : readable.text;
      const { subject, kind, scope } = suppression;
      const { items } = await parts.ledger.listSuppressions({ subject, kind, scope, limit: 1 });
      return reply
        .code(201)
        .send(viewSuppression({ ...(items[0] ?? suppression), address }, parts.clock()));
    },
  );
}

function removingRoute(app: App, parts: HttpParts): void {
  app.delete(
    "/suppressions/:address",
    {
      config: needs("suppressions", "write", { reach: byNamedSender, conditional: true }),
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
      const about = parseTarget(request.params.address);
      if (about.kind === "bad") return refuseField(request, reply, "address", about.problem);
      const subject = subjectOf(parts, about.value);
      const scope = knownScope(parts, request.query.scope);
      if (scope.kind === "bad") return refuseField(request, reply, "scope", scope.problem);
      const { reason } = request.query;
      const seen = await listOf(parts, about.value);
      const refusal = refuseStale(request, reply, suppressionState(seen.listed));
      if (refusal !== undefined) return refusal;
      const sender = senderOfScope(parts, request.query.scope);
      if (takesSecondPerson(parts.senders, "suppression-removal", sender))
        return ask(parts, request, reply, {
          act: {
            kind: "suppression-removal",
            subject,
            scope: scope.value,
            address: request.params.address,
          },
          ...(sender === undefined ? {} : { sender }),
          reason,
        });
      const act = { actor: actorOf(request), reason };
      const was =
        request.headers["if-match"] === undefined
          ? undefined
          : { ...seen, listed: seen.listed.map(withoutAddress) };
      const removed = await parts.ledger.unsuppress(subject, scope.value, act, was);
      if (removed.length === 0 && was !== undefined && (await hasChanged(parts, about.value, seen)))
        return overtaken(request, reply);
      if (removed.length === 0)
        return refuse(request, reply, "not-found", {
          detail: "nothing is suppressed under this address and scope",
          remedy: "See what is: GET /v1/suppressions/{address}.",
        });
      const { address } = request.params;
      return {
        removed: removed.map((entry) => viewSuppression({ ...entry, address }, parts.clock())),
      };
    },
  );
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
  const { listed } = await listOf(parts, about.value);
  await recordReading(parts, request, {
    what: "suppressions",
    count: listed.length,
    subject: subjectOf(parts, about.value),
  });
  showState(request, suppressionState(listed));
  return { items: listed.map((entry) => viewSuppression(entry, parts.clock())), next: null };
}

interface Seen {
  readonly subjects: readonly AddressIndex[];
  readonly listed: readonly ListedSuppression[];
}

async function listOf({ indexer, ledger }: HttpParts, about: Target): Promise<Seen> {
  const subjects =
    about.kind === "domain"
      ? [indexer.domain(about.domain)]
      : [indexer.address(about.address), indexer.domain(about.address.domain)];
  const pages = await Promise.all(
    subjects.map((subject) => ledger.listSuppressions({ subject, limit: ofOneMax })),
  );
  return { subjects, listed: pages.flatMap((page) => page.items) };
}

async function hasChanged(parts: HttpParts, about: Target, seen: Seen): Promise<boolean> {
  const now = await listOf(parts, about);
  return (
    JSON.stringify(suppressionState(now.listed)) !== JSON.stringify(suppressionState(seen.listed))
  );
}
