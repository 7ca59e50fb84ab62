// /v1/held: messages that wait for a person, and that person's word.
import Type from "typebox";

import { takesSecondPerson } from "../../policy/second-person.ts";
import type { HeldEntry } from "../../queue/store.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { refuseStale, showState } from "../entity-tag.ts";
import {
  actOf,
  closed,
  id,
  pageOf,
  pageQuery,
  paging,
  reasonBody,
  textAnswer,
  time,
} from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, type ProblemDetails } from "../problem.ts";
import { byHeldMessage } from "../reach.ts";
import { recordReading } from "../reading.ts";
import { heldState } from "../resource-state.ts";
import { ask, askedSchema } from "../second-person.ts";

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
      showState(request, heldState(entry));
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
        response: { 200: textAnswer("The message.", "message/rfc822") },
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
        config: needs("held", "write", { reach: byHeldMessage, conditional: true }),
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
        // What is held does not change while it is, so that deciding it is the compare-and-set.
        const entry = await parts.queue.heldShow(request.params.id);
        if (entry === undefined) return refuse(request, reply, "not-found", notHeld);
        const refusal = refuseStale(request, reply, heldState(entry));
        if (refusal !== undefined) return refusal;
        if (verdict === "release" && needsAnother(parts, entry))
          return ask(parts, request, reply, askedOf(entry, request.body.reason));
        const act = actOf(request, parts.clock(), request.body.reason);
        const done = await parts.queue.heldDecide(entry.id, verdict, act);
        return done
          ? { id: request.params.id, verdict }
          : refuse(request, reply, "not-found", notHeld);
      },
    );
  }
}

/** Whether the release is not one person's alone to give. */
function needsAnother(parts: HttpParts, { reason, sender }: HeldEntry): boolean {
  // One message of a campaign that nobody approved takes two as well, whatever the settings say of other releases.
  return reason === "campaign-unapproved" || takesSecondPerson(parts.senders, "release", sender);
}

function askedOf(
  { id: heldId, sender }: HeldEntry,
  reason: string | undefined,
): Parameters<typeof ask>[3] {
  const act = { kind: "release", heldId } as const;
  return { act, sender, ...(reason === undefined ? {} : { reason }) };
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
