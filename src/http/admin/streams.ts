// /v1/senders and /v1/streams: who sends what, as the configuration has it. Changed there, not here.
import Type from "typebox";

import { mailClasses, violationActions, type Sender, type Stream } from "../../policy/stream.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { choice, pageOf } from "../fields.ts";
import type { HttpParts } from "../parts.ts";

const texts = Type.Array(Type.String());
const senderSchema = Type.Object({
  id: Type.String(),
  legal: Type.Object({ names: texts, addresses: texts, contacts: texts, optOutHosts: texts }),
  domains: texts,
  strictOptIn: Type.Boolean(),
});
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
      schema: { summary: "List senders", response: { 200: pageOf(senderSchema) } },
    },
    () => Promise.resolve({ items: parts.senders.map(viewSender), next: null }),
  );
  app.get(
    "/streams",
    {
      config: needs("streams", "read"),
      schema: { summary: "List streams", response: { 200: pageOf(streamSchema) } },
    },
    () => Promise.resolve({ items: parts.streams.map(viewStream), next: null }),
  );
}

function viewSender({ id, legal, domains, strictOptIn }: Sender): object {
  return { id, legal, domains, strictOptIn };
}

function viewStream(stream: Stream): object {
  const { sender, ...rest } = stream;
  return { ...rest, sender: sender.id };
}
