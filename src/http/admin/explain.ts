// /v1/explain: what would become of this message, and why. Sends and stores nothing.
import Type from "typebox";

import { parseAddress } from "../../mail/address.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { choice, closed, email, id } from "../fields.ts";
import type { HttpParts, HttpSettings } from "../parts.ts";
import { byNamedSender } from "../reach.ts";
import { refuse, refuseField } from "../problem.ts";
import { recordReading } from "../reading.ts";

const atOnceMax = 4; // judged side by side: live mail comes first

const querystring = Type.Object(
  {
    stream: id,
    to: Type.Optional(email),
    lang: Type.Optional(choice(["ja", "en"] as const, "Language of the reply's text.")),
  },
  closed,
);
const explanationSchema = Type.Object(
  {
    decision: Type.String(),
    reason: Type.Unsafe<string | null>({ type: ["string", "null"] }),
    findings: Type.Array(Type.Object({}, { additionalProperties: true })),
  },
  { additionalProperties: true, description: "As `sekisho explain --json` prints." },
);

export function explainRoutes(app: App, parts: HttpParts, settings: HttpSettings): void {
  let underWay = 0;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "message/rfc822",
    { parseAs: "buffer", bodyLimit: settings.maxMessageBytes },
    (_request, body, done) => {
      done(null, body);
    },
  );
  app.post(
    "/explain",
    {
      config: needs("explain", "read", { reach: byNamedSender }),
      bodyLimit: settings.maxMessageBytes,
      schema: {
        summary: "Judge a message without sending it",
        description: "The body is the message as an SMTP client would send it behind DATA.",
        consumes: ["message/rfc822"],
        querystring,
        response: {
          200: explanationSchema,
        },
      },
    },
    async (request, reply) => {
      const { stream: streamId, to, lang = "en" } = request.query;
      const stream = parts.streams.find((known) => known.id === streamId);
      if (stream === undefined) {
        const ids = parts.streams.map((known) => known.id).join(", ");
        return refuseField(request, reply, "stream", `is not in the configuration; known: ${ids}`);
      }
      const address = to === undefined ? undefined : parseAddress(to);
      if (address?.kind === "bad") return refuseField(request, reply, "to", address.problem);
      const body: unknown = request.body;
      if (!Buffer.isBuffer(body) || body.length === 0)
        return refuseField(request, reply, "body", "must be a message (message/rfc822)");
      if (underWay >= atOnceMax) {
        void reply.header("retry-after", "2");
        return refuse(request, reply, "too-many-requests", {
          detail: "other messages are being judged; try again in a moment",
        });
      }
      underWay += 1;
      try {
        if (address !== undefined)
          await recordReading(parts, request, {
            what: "standing",
            subject: parts.indexer.address(address.value),
            count: 1,
          });
        return await parts.explain(body, {
          stream,
          language: lang,
          ...(address === undefined ? {} : { to: address.value }),
        });
      } finally {
        underWay -= 1;
      }
    },
  );
}
