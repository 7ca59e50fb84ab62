// /v1/held: messages that wait for a person, and that person's word.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import type { HeldEntry } from "../../queue/store.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { actorOf, closed, id, pageOf, pageQuery, paging, reasonBody, time } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, type ProblemDetails } from "../problem.ts";
import { byHeldMessage } from "../reach.ts";
import { recordReading } from "../reading.ts";
import { ask, askedSchema, needsSecondPerson } from "../second-person.ts";

const heldSchema = Type.Object({
  id: Type.String(),
  messageId: Type.String(),
  stream: Type.String(),
  sender: Type.String(),
  reason: Type.String({ description: "Why it is held: a name of docs/replies.md." }),
  detail: Type.String(),
  recipients: Type.Integer(),
  heldAt: time("Since when it waits."),
  findings: Type.Array(Type.Object({}, { additionalProperties: true })),
  bytes: Type.Optional(Type.Integer()),
});
const idParams = Type.Object({ id });
const notHeld: ProblemDetails = {
  detail: "no message of this id is held (any more)",
  remedy: "See what is: GET /v1/held.",
};

export function heldRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/held",
    {
      config: needs("held", "read"),
      schema: {
        summary: "Held messages, oldest first",
        querystring: Type.Object({ ...paging, stream: Type.Optional(id) }, closed),
        response: { 200: pageOf(heldSchema) },
      },
    },
    async (request) => {
      const { stream } = request.query;
      const page = await parts.queue.heldList({
        ...pageQuery(request.query),
        ...(stream === undefined ? {} : { stream }),
      });
      await recordReading(parts, request, { what: "held", count: page.items.length });
      return { items: page.items.map((entry) => view(entry)), next: page.next };
    },
  );
  app.get(
    "/held/:id",
    {
      config: needs("held", "read"),
      schema: {
        summary: "Why a message is held, with its findings",
        params: idParams,
        response: { 200: heldSchema },
      },
    },
    async (request, reply) => {
      const entry = await parts.queue.heldShow(request.params.id);
      if (entry === undefined) return refuse(request, reply, "not-found", notHeld);
      const { messageId } = entry;
      await recordReading(parts, request, { what: "held", messageId, count: 1 });
      return view(entry, entry.content.length);
    },
  );
  app.get(
    "/held/:id/message",
    {
      config: needs("held", "read", { reach: byHeldMessage, raw: true }),
      schema: {
        summary: "The held message itself, as it was submitted",
        params: idParams,
        produces: ["message/rfc822"],
      },
    },
    async (request, reply) => {
      const entry = await parts.queue.heldShow(request.params.id);
      if (entry === undefined) return refuse(request, reply, "not-found", notHeld);
      const { messageId } = entry;
      await recordReading(parts, request, { what: "held message", messageId, count: 1 });
      return reply
        .type("message/rfc822")
        .header("content-disposition", 'attachment; filename="held.eml"') // threats.md row 84
        .send(entry.content);
    },
  );
  decisionRoutes(app, parts);
}

function decisionRoutes(app: App, parts: HttpParts): void {
  for (const verdict of ["release", "reject"] as const) {
    app.post(
      `/held/:id/${verdict}`,
      {
        config: needs("held", "write", { reach: byHeldMessage }),
        schema: {
          summary: verdict === "release" ? "Let a held message go" : "Stop a held message",
          params: idParams,
          body: reasonBody,
          response: {
            200: Type.Object({ id: Type.String(), verdict: Type.String() }),
            202: askedSchema,
          },
        },
      },
      async (request, reply) => {
        const { reason } = request.body;
        if (verdict === "release" && (await waits(parts, request, reply))) return reply;
        const done = await parts.queue.heldDecide(request.params.id, verdict, {
          actor: actorOf(request),
          at: parts.clock(),
          ...(reason === undefined ? {} : { reason }),
        });
        return done
          ? { id: request.params.id, verdict }
          : refuse(request, reply, "not-found", notHeld);
      },
    );
  }
}

/** True where the release is not this person's alone to give: it was answered. (A reply is a promise: not to be returned here.) */
async function waits(
  parts: HttpParts,
  request: FastifyRequest<{ Params: { id: string }; Body: { reason?: string } }>,
  reply: FastifyReply,
): Promise<boolean> {
  const entry = await parts.queue.heldShow(request.params.id);
  if (entry === undefined) return false; // What is not held is told by the release itself.
  const { sender } = entry;
  // One message of a campaign that nobody approved takes two as well, whatever the settings say of other releases.
  const unapproved = entry.reason === "campaign-unapproved";
  if (!unapproved && !needsSecondPerson(parts, "release", sender)) return false;
  const { reason } = request.body;
  await ask(parts, request, reply, {
    act: { kind: "release", heldId: entry.id },
    sender,
    ...(reason === undefined ? {} : { reason }),
  });
  return true;
}

function view(entry: HeldEntry, bytes?: number): object {
  const { messageId, stream, sender, reason, detail, recipients, heldAt, findings } = entry;
  const size = bytes === undefined ? {} : { bytes };
  return {
    id: entry.id,
    messageId,
    stream,
    sender,
    reason,
    detail,
    recipients,
    heldAt,
    findings,
    ...size,
  };
}
