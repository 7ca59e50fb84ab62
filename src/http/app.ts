// The Fastify instance as our routes see it: TypeBox schemas give the types of params, query and body.
import type { IncomingMessage, ServerResponse } from "node:http";

import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawServerDefault,
} from "fastify";
import type { Static, TSchema } from "typebox";

import type { Caller } from "../identity/caller.ts";
import type { Reach } from "./reach.ts";

export interface TypeBoxProvider extends FastifyTypeProvider {
  readonly validator: this["schema"] extends TSchema ? Static<this["schema"]> : unknown;
  // Answers are plain JSON made by the routes; their schemas document them and drop what they do not name.
  readonly serializer: unknown;
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxProvider
>;

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the token must allow: `<route noun>:read|write`. Every route under /v1 has one. */
    readonly scope?: string;
    /** Whose objects it touches: what callers limited to some senders are kept to. */
    readonly reach?: Reach;
    /** A person must have proved who they are lately. */
    readonly stepUp?: true;
    /** The answer is no JSON in which addresses could be masked. */
    readonly raw?: true;
    /** It changes something that has an entity tag, and honours If-Match. */
    readonly conditional?: true;
  }
  interface FastifyRequest {
    /** Who asks; set before any handler under /v1 runs. */
    caller: Caller | null;
    /** Hash of what changes of the shown thing depend on: entity-tag.ts. */
    shownState: string | null;
  }
}
