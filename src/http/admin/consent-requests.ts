// POST /v1/consents/requests: sends the one mail that may ask a person for consent (law.md JP-09).
import Type from "typebox";

import { parseAddress, parseRecordedAddress } from "../../mail/address.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { actorOf, closed, email, id, text } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { byNamedSender } from "../reach.ts";

const bodySchema = Type.Object(
  {
    email,
    sender: id,
    topic: id,
    wording: Type.String({
      minLength: 1,
      maxLength: 4000,
      description:
        "What the person is asked to agree to; shown in the mail and on the page. Outlives an erasure: it must not name the person.",
    }),
    policyVersion: Type.Optional(text("Version of the privacy policy that the form showed.")),
    source: Type.Optional(
      text(
        "The form or place where the address was given. A URL without query outlives an erasure.",
      ),
    ),
    ip: Type.Optional(text("Network address of whoever gave it.")),
    userAgent: Type.Optional(text("User agent of whoever gave it.")),
    from: Type.Optional(email),
  },
  closed,
);
const askedSchema = Type.Object({
  messageId: Type.String(),
  state: Type.String({ description: "accepted, or held for a person to look at." }),
});

export function consentRequestRoutes(app: App, parts: HttpParts): void {
  app.post(
    "/consents/requests",
    {
      config: needs("consents", "write", { reach: byNamedSender }),
      schema: {
        summary: "Ask a person for consent by mail, with a link to confirm (double opt-in)",
        description:
          "Goes out on the sender's stream of class consent-request for the topic. Each address is asked once for each sender, ever.",
        body: bodySchema,
        response: { 202: askedSchema },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { doubleOptIn } = parts;
      if (doubleOptIn === undefined)
        return refuse(request, reply, "unavailable", {
          detail: "the gateway does not know where its confirmation page is reached",
          remedy: "Set http.public_url in the configuration.",
        });
      const to = parseRecordedAddress(body.email);
      if (to.kind === "bad") return refuseField(request, reply, "email", to.problem);
      const from = body.from === undefined ? undefined : parseAddress(body.from);
      if (from?.kind === "bad") return refuseField(request, reply, "from", from.problem);
      const stream = parts.streams.find(
        (one) =>
          one.class === "consent-request" &&
          one.sender.id === body.sender &&
          one.topic === body.topic,
      );
      if (stream === undefined)
        return refuse(request, reply, "unprocessable", {
          detail: `sender ${body.sender} has no stream of class consent-request for topic ${body.topic}`,
          remedy: "Add one to streams in the configuration.",
        });
      const outcome = await doubleOptIn.ask({
        to: to.value,
        stream,
        wording: body.wording,
        ...(body.policyVersion === undefined ? {} : { policyVersion: body.policyVersion }),
        ...(body.source === undefined ? {} : { source: body.source }),
        more: {
          ...(body.ip === undefined ? {} : { asked_from: body.ip }),
          ...(body.userAgent === undefined ? {} : { asked_with: body.userAgent }),
        },
        ...(from === undefined ? {} : { from: from.value }),
        actor: actorOf(request),
        remoteAddress: request.ip,
      });
      if (outcome.kind !== "refused")
        return reply.code(202).send({ messageId: outcome.messageId, state: outcome.kind });
      const name = outcome.temporary
        ? "unavailable"
        : outcome.reason === "already-asked"
          ? "conflict"
          : "unprocessable";
      return refuse(request, reply, name, {
        detail: outcome.text,
        more: { reason: outcome.reason },
      });
    },
  );
}
