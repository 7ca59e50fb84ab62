// /v1/senders and /v1/streams: who sends what, as the configuration has it. Changed there, not here.
import Type from "typebox";

import {
  approvalKinds,
  mailClasses,
  violationActions,
  type Sender,
  type Stream,
} from "../../policy/stream.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { choice, id, pageOf } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse } from "../problem.ts";
import { partOf, wholeListQuery } from "../whole-list.ts";

const texts = Type.Array(Type.String());
const senderSchema = Type.Object({
  id: Type.String(),
  legal: Type.Object({ names: texts, addresses: texts, contacts: texts, optOutHosts: texts }),
  domains: texts,
  strictOptIn: Type.Boolean(),
  approvals: Type.Array(choice(approvalKinds, "Act."), {
    description: "Acts that need a second person.",
  }),
});
const params = Type.Object({ id });
const streamSchema = Type.Object({
  id: Type.String(),
  sender: Type.String(),
  class: choice(mailClasses, "Kind of mail."),
  topic: Type.String(),
  rules: texts,
  onViolation: choice(violationActions, "What becomes of a violation."),
  observe: Type.Array(Type.String(), { description: "Rules that only watch." }),
  disabled: Type.Array(Type.String(), { description: "Rules switched off." }),
  listUnsubscribe: choice(["keep", "add", "replace"] as const, "What is done about the header."),
  placeholder: Type.Optional(
    Type.Boolean({
      description: "Whether {{sekisho.unsubscribe_url}} becomes each recipient's link.",
    }),
  ),
});

export function streamRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/senders",
    {
      config: needs("senders", "read"),
      schema: {
        summary: "List senders",
        querystring: wholeListQuery,
        response: { 200: pageOf(senderSchema) },
      },
    },
    ({ query }) => {
      const page = partOf(parts.senders, query, (sender) => sender.id);
      return Promise.resolve({ ...page, items: page.items.map(viewSender) });
    },
  );
  app.get(
    "/streams",
    {
      config: needs("streams", "read"),
      schema: {
        summary: "List streams",
        querystring: wholeListQuery,
        response: { 200: pageOf(streamSchema) },
      },
    },
    ({ query }) => {
      const page = partOf(parts.streams, query, (stream) => stream.id);
      return Promise.resolve({ ...page, items: page.items.map(viewStream) });
    },
  );
  showRoutes(app, parts);
}

function showRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/senders/:id",
    {
      config: needs("senders", "read"),
      schema: { summary: "One sender", params, response: { 200: senderSchema } },
    },
    (request, reply) => {
      const sender = parts.senders.find((each) => each.id === request.params.id);
      return sender === undefined
        ? refuse(request, reply, "not-found", { detail: "there is no such sender" })
        : Promise.resolve(viewSender(sender));
    },
  );
  app.get(
    "/streams/:id",
    {
      config: needs("streams", "read"),
      schema: { summary: "One stream", params, response: { 200: streamSchema } },
    },
    (request, reply) => {
      const stream = parts.streams.find((each) => each.id === request.params.id);
      return stream === undefined
        ? refuse(request, reply, "not-found", { detail: "there is no such stream" })
        : Promise.resolve(viewStream(stream));
    },
  );
}

function viewSender({ id, legal, domains, strictOptIn, approvals = [] }: Sender): object {
  return { id, legal, domains, strictOptIn, approvals };
}

function viewStream(stream: Stream): object {
  const { sender, ...rest } = stream;
  return { ...rest, sender: sender.id };
}
