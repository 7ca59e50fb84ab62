// Schemas that several routes share, and the reading of their values.
import type { FastifyRequest } from "fastify";
import Type, { type TSchema } from "typebox";

import type { Act } from "../identity/store.ts";
import { parseAddress, type Address } from "../mail/address.ts";
import { parseDomain, type Domain } from "../mail/domain.ts";
import { bad, ok, type Parsed } from "../mail/parsed.ts";
import { patterns } from "./violation.ts";

export const pageMax = 1000;
const pageStandard = 100;

/** Query of every list. */
export const paging = {
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 512,
      description: "`next` of the page before; without it: the first page.",
    }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: pageMax,
      default: pageStandard,
      description: "At most so many items.",
    }),
  ),
};

/** Answer of every list. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the schema's type is what it builds
export const pageOf = (item: TSchema) =>
  Type.Object({
    items: Type.Array(item),
    next: orNull("Cursor of the next page; null at the end."),
  });

/** Text, or null where there is none. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const orNull = (description: string) =>
  Type.Unsafe<string | null>({ type: ["string", "null"], description });

/** A closed list of words. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const choice = <const T extends readonly string[]>(words: T, description: string) =>
  Type.Unsafe<T[number]>({ type: "string", enum: [...words], description });

// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const text = (description: string) =>
  Type.String({ minLength: 1, maxLength: 1000, pattern: patterns.notBlank, description });

/** What people know a token or credential by, in lists and reviews. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const label = (description: string) =>
  Type.String({ minLength: 1, maxLength: 128, pattern: patterns.name, description });

// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const time = (description: string) =>
  Type.String({ format: "date-time", maxLength: 40, description: `${description} RFC 3339.` });

/** An answer that is no JSON, in one of these media types. */
export function textAnswer(
  description: string,
  ...types: readonly string[]
): { readonly description: string; readonly content: object } {
  const schema = Type.String();
  return { description, content: Object.fromEntries(types.map((type) => [type, { schema }])) };
}

/** A JSON answer of a route whose other answers are no JSON. */
export function jsonAnswer(
  description: string,
  schema: TSchema,
): { readonly description: string; readonly content: object } {
  return { description, content: { "application/json": { schema } } };
}

export const id = Type.String({ minLength: 1, maxLength: 128 });
export const email = Type.String({
  minLength: 3,
  maxLength: 320,
  description: "A mail address, local@domain.",
});
export const closed = { additionalProperties: false } as const;

/** Why, for the audit log. */
export const reasonBody = Type.Object(
  { reason: Type.Optional(text("Why, for the audit log.")) },
  closed,
);

/** The cursor part of a store's filter. */
export function pageQuery(query: { readonly cursor?: string; readonly limit?: number }): {
  readonly cursor?: string;
  readonly limit: number;
} {
  const { cursor, limit = pageStandard } = query;
  return cursor === undefined ? { limit } : { cursor, limit };
}

export type Target =
  | { readonly kind: "address"; readonly address: Address }
  | { readonly kind: "domain"; readonly domain: Domain };

/** An address or, without an @, a domain. */
export function parseTarget(value: string, readAddress = parseAddress): Parsed<Target> {
  if (value.includes("@")) {
    const address = readAddress(value);
    return address.kind === "bad" ? address : ok({ kind: "address", address: address.value });
  }
  const domain = parseDomain(value);
  return domain.kind === "bad" ? domain : ok({ kind: "domain", domain: domain.value });
}

/** The schema has seen the form; the calendar may still say no (30 February). */
export function parseTime(value: string): Parsed<Date> {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? bad("is no point in time") : ok(date);
}

/** Who acts, for the audit log. */
export function actorOf(request: FastifyRequest): string {
  return request.caller?.actor ?? "nobody";
}

/** Who acts, when, from where, and why. */
export function actOf(request: FastifyRequest, at: Date, reason?: string): Act {
  return {
    actor: actorOf(request),
    at,
    from: request.ip,
    ...(reason === undefined ? {} : { reason }),
  };
}
