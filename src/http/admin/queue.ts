// /v1/queue: recipients under way, and what operators may do with them.
import Type from "typebox";

import { parseDomain } from "../../mail/domain.ts";
import type { Page } from "../../consent/ledger.ts";
import { recipientStates, type Change, type QueueEntry } from "../../queue/store.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { overtaken, refuseStale, showState } from "../entity-tag.ts";
import {
  actOf,
  choice,
  closed,
  id,
  orNull,
  pageOf,
  pageQuery,
  paging,
  reasonBody,
  time,
} from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { byQueueEntry } from "../reach.ts";
import { recordReading } from "../reading.ts";
import { queueState } from "../resource-state.ts";

const entrySchema = Type.Object({
  id: Type.String(),
  messageId: Type.String(),
  recipient: orNull("The address; null once the person was erased."),
  destination: Type.String(),
  stream: Type.String(),
  sender: Type.String(),
  state: choice(recipientStates, "Where it stands."),
  attempts: Type.Integer(),
  nextAttemptAt: Type.Unsafe<string | null>({ type: ["string", "null"], format: "date-time" }),
  lastReply: orNull("The remote's last words."),
  receivedAt: time("When the message came in."),
});
const summaries = {
  retry: "Try a waiting recipient now",
  hold: "Pause a waiting recipient",
  release: "Let a paused recipient go on",
  drop: "Take a recipient out for good",
} as const;

export function queueRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/queue",
    {
      config: needs("queue", "read"),
      schema: {
        summary: "Recipients under way",
        querystring: Type.Object(
          {
            ...paging,
            state: Type.Optional(choice(recipientStates, "In this state only.")),
            stream: Type.Optional(id),
            sender: Type.Optional(id),
            messageId: Type.Optional(id),
            destination: Type.Optional(Type.String({ minLength: 3, maxLength: 255 })),
          },
          closed,
        ),
        response: { 200: pageOf(entrySchema) },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const domain = query.destination === undefined ? undefined : parseDomain(query.destination);
      if (domain?.kind === "bad") return refuseField(request, reply, "destination", domain.problem);
      const { state, stream, sender, messageId } = query;
      const page = await parts.queue.list({
        ...pageQuery(query),
        ...(state === undefined ? {} : { states: [state] }),
        ...(stream === undefined ? {} : { stream }),
        ...(sender === undefined ? {} : { sender }),
        ...(messageId === undefined ? {} : { messageId }),
        ...(domain === undefined ? {} : { destination: domain.value }),
      });
      await recordReading(parts, request, { what: "queue", count: page.items.length });
      return {
        items: page.items.map((entry) => ({ ...entry, recipient: entry.recipient ?? null })),
        next: page.next,
      };
    },
  );
  showRoute(app, parts);
  changeRoutes(app, parts);
}

function changeRoutes(app: App, parts: HttpParts): void {
  for (const change of ["retry", "hold", "release", "drop"] as const) {
    app.post(
      `/queue/:id/${change}`,
      {
        config: needs("queue", "write", { reach: byQueueEntry, conditional: true }),
        schema: {
          summary: summaries[change],
          params: Type.Object({ id }),
          body: reasonBody,
          response: { 200: Type.Object({ id: Type.String(), change: Type.String() }) },
        },
      },
      async (request, reply) => {
        const one = await findEntry(parts, request.params.id);
        // A message's id stands for all its recipients, which have no tag together.
        const refusal = refuseStale(request, reply, one === undefined ? null : queueState(one));
        if (refusal !== undefined) return refusal;
        const act = actOf(request, parts.clock(), request.body.reason);
        const was = request.headers["if-match"] === undefined ? undefined : one;
        const changed = await parts.queue.change([request.params.id], change, act, was);
        if (changed.length === 0 && was !== undefined && (await hasMoved(parts, was)))
          return overtaken(request, reply);
        if (changed.length > 0) return { id: request.params.id, change };
        if (one !== undefined) return refuse(request, reply, "conflict", unmovable(one, change));
        return refuse(request, reply, "not-found", {
          detail: `no recipient of this id is in a state to which ${change} applies`,
          remedy: "See the states: GET /v1/queue.",
        });
      },
    );
  }
}

/** Why an act does not meet a recipient that is there, and what to do. */
function unmovable(
  { state, stream }: QueueEntry,
  change: Change,
): { readonly detail: string; readonly remedy: string } {
  return {
    detail: `the recipient is ${state}, a state to which ${change} does not apply`,
    remedy:
      state === "leased"
        ? `It has its turn now, or waits for one. Pause its stream ${stream} (POST /v1/pauses), then try again.`
        : "See the states: GET /v1/queue.",
  };
}

function showRoute(app: App, parts: HttpParts): void {
  app.get(
    "/queue/:id",
    {
      config: needs("queue", "read"),
      schema: {
        summary: "One recipient under way",
        params: Type.Object({ id }),
        response: { 200: entrySchema },
      },
    },
    async (request, reply) => {
      const entry = await findEntry(parts, request.params.id);
      if (entry === undefined)
        return refuse(request, reply, "not-found", {
          detail: "there is no recipient of this id",
          remedy: "See which there are: GET /v1/queue.",
        });
      const { messageId } = entry;
      await recordReading(parts, request, { what: "queue", messageId, count: 1 });
      showState(request, queueState(entry));
      return { ...entry, recipient: entry.recipient ?? null };
    },
  );
}

/** `<messageId>-<n>`. */
async function findEntry(parts: HttpParts, entryId: string): Promise<QueueEntry | undefined> {
  const messageId = /^(.+)-\d+$/.exec(entryId)?.[1];
  if (messageId === undefined) return undefined;
  let cursor: string | null = null;
  do {
    const page: Page<QueueEntry> = await parts.queue.list({
      messageId,
      limit: 1000,
      ...(cursor === null ? {} : { cursor }),
    });
    const found = page.items.find((entry) => entry.id === entryId);
    if (found !== undefined) return found;
    cursor = page.next;
  } while (cursor !== null);
  return undefined;
}

async function hasMoved(parts: HttpParts, was: QueueEntry): Promise<boolean> {
  const now = await findEntry(parts, was.id);
  return now === undefined || JSON.stringify(queueState(now)) !== JSON.stringify(queueState(was));
}
