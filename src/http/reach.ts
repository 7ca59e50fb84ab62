// Keeps callers that are limited to some senders to what belongs to these: acts before they begin, answers before they go.
import type { FastifyReply, FastifyRequest } from "fastify";

import { reaches, type Caller } from "../identity/caller.ts";
import type { Token } from "../identity/token.ts";
import type { HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";

/**
 * filtered: the answer is cut to what the caller may see; what names no sender is not shown · everything: it concerns
 * all senders, so that only callers for all may · self: nothing of any sender · a function: the sender that the object
 * belongs to, null where it concerns all of them, undefined where that cannot be told.
 */
export type Reach =
  | "filtered"
  | "everything"
  | "self"
  | ((parts: HttpParts, request: FastifyRequest) => Promise<string | null | undefined>);

/** A preHandler hook. */
export function createReachCheck(
  parts: HttpParts,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async (request, reply) => {
    const { caller } = request;
    if (caller === null || caller.senders.length === 0) return undefined;
    const { reach } = request.routeOptions.config;
    if (reach === "self" || reach === "filtered") return undefined;
    const sender =
      reach === undefined || reach === "everything" ? null : await reach(parts, request);
    if (sender === null)
      return refuse(request, reply, "forbidden", {
        detail: `this concerns every sender, and you act for ${caller.senders.join(", ")} only`,
        ...(typeof reach === "function"
          ? { remedy: "Name the sender, or a stream of it: see /openapi.json for how." }
          : {}),
      });
    return sender !== undefined && reaches(caller, sender) ? undefined : hidden(request, reply);
  };
}

/** The same answer as for what does not exist (threats.md row 71). */
function hidden(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "not-found", {
    detail: "there is no such thing among your senders",
  });
}

/** Arrays in answers whose entries each belong to a sender. */
const lists: readonly string[] = ["items", "events", "standings", "removed"];

/**
 * The answer without what belongs to other senders; undefined where nothing of it may be shown. A page may hold fewer
 * items than its limit.
 */
export function cut(
  parts: Pick<HttpParts, "streams" | "senders">,
  caller: Pick<Caller, "senders">,
  noun: string,
  answer: unknown,
): unknown {
  if (caller.senders.length === 0) return answer;
  if (typeof answer !== "object" || answer === null) return undefined;
  const inLists = Object.entries(answer).filter(
    ([name, value]) => lists.includes(name) && Array.isArray(value),
  );
  if (inLists.length === 0) return isWithin(parts, caller, noun, answer) ? answer : undefined;
  const shown = inLists.map(([name, entries]): readonly [string, readonly unknown[]] => [
    name,
    (entries as readonly unknown[]).filter((entry) => isWithin(parts, caller, noun, entry)),
  ]);
  const isPage = "items" in answer;
  if (!isPage && shown.every(([, entries]) => entries.length === 0)) return undefined;
  return { ...answer, ...Object.fromEntries(shown) };
}

function isWithin(
  parts: Pick<HttpParts, "streams" | "senders">,
  caller: Pick<Caller, "senders">,
  noun: string,
  entry: unknown,
): boolean {
  if (noun === "tokens") return isTokenWithin(caller, entry as Pick<Token, "senders">);
  const sender = senderOf(parts, noun, entry);
  return sender !== undefined && reaches(caller, sender);
}

/** One that is limited itself, and to nothing else. */
function isTokenWithin(
  caller: Pick<Caller, "senders">,
  { senders = [] }: Pick<Token, "senders">,
): boolean {
  return senders.length > 0 && senders.every((sender) => reaches(caller, sender));
}

/** Whose an entry is; undefined: everybody's or nobody's, which is not for callers that are limited. */
function senderOf(
  parts: Pick<HttpParts, "streams" | "senders">,
  noun: string,
  entry: unknown,
): string | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const facts: Readonly<Record<string, unknown>> = { ...entry };
  if (typeof facts["sender"] === "string") return facts["sender"];
  if (typeof facts["stream"] === "string") return senderOfStream(parts, facts["stream"]);
  if (noun === "senders" && typeof facts["id"] === "string") return facts["id"];
  if (noun === "keys" && typeof facts["domain"] === "string") {
    const { domain } = facts;
    return parts.senders.find((sender) => sender.domains.some((own) => own === domain))?.id;
  }
  if (typeof facts["scope"] === "string") return senderOfScope(parts, facts["scope"]);
  return undefined;
}

export function senderOfStream(parts: Pick<HttpParts, "streams">, id: string): string | undefined {
  return parts.streams.find((stream) => stream.id === id)?.sender.id;
}

/** `sender:ID` or `stream:ID`; undefined for `all`. */
export function senderOfScope(
  parts: Pick<HttpParts, "streams">,
  scope: string,
): string | undefined {
  const [kind, id = ""] = scope.split(":");
  if (kind === "sender") return id;
  return kind === "stream" ? senderOfStream(parts, id) : undefined;
}

/** Reach of a route whose body or query names the sender, or something of a sender. */
export const byNamedSender: Reach = (parts, request) => {
  // Only what the route's own schema has closed: a stray query or body must not name a sender that nobody acts on.
  const takesBody = request.routeOptions.schema?.body !== undefined;
  const asked = takesBody ? request.body : request.query;
  return Promise.resolve(senderOf(parts, "", asked) ?? (namesNone(asked) ? null : undefined));
};

/** Whether it is about every sender: a scope of all or of a destination, or nothing that a sender could be told by. */
function namesNone(asked: unknown): boolean {
  if (typeof asked !== "object" || asked === null) return true;
  const { sender, stream, scope }: Readonly<Record<string, unknown>> = { ...asked };
  if (sender !== undefined || stream !== undefined) return false;
  return typeof scope !== "string" || !/^(?:sender|stream):/.test(scope);
}

/** Reach of a route whose `:sender` is a sender's id. */
export const bySender: Reach = (_parts, request) =>
  Promise.resolve((request.params as { readonly sender: string }).sender); // The route's schema has it.

/** Reach of a route whose `:id` is a held message's. */
export const byHeldMessage: Reach = async (parts, request) =>
  (await parts.queue.heldShow(idOf(request)))?.sender;

/** Reach of a route whose `:id` is a queued recipient's, `<messageId>-<n>`, or a message's. */
export const byQueueEntry: Reach = async (parts, request) => {
  const messageId = idOf(request).replace(/-\d+$/, "");
  for (const candidate of new Set([messageId, idOf(request)])) {
    const page = await parts.queue.list({ messageId: candidate, limit: 1 });
    const [first] = page.items;
    if (first !== undefined) return first.sender;
  }
  return undefined;
};

/** Reach of a route whose `:username` is a credential's. */
export const byCredential: Reach = async (parts, request) => {
  const { username } = request.params as { readonly username: string }; // The route's schema has it.
  const credential = await parts.credentials.find(username);
  return credential === undefined ? undefined : senderOfStream(parts, credential.stream);
};

/** Reach of a route whose `:id` is a token's. */
export const byToken: Reach = async (parts, { params, caller }) => {
  const token = await parts.tokens.find((params as { readonly id: string }).id); // The route's schema has it.
  const isWithin = token !== undefined && caller !== null && isTokenWithin(caller, token);
  return isWithin ? token.senders?.[0] : undefined;
};

function idOf(request: FastifyRequest): string {
  return (request.params as { readonly id: string }).id; // The route's schema has it.
}
