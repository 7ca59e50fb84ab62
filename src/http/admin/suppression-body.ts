// One suppression as a client sends it, read into the ledger's; and what it looks like over HTTP.
import type { FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";

import type { AddressIndex } from "../../consent/address-index.ts";
import type { ListedSuppression } from "../../consent/ledger.ts";
import {
  formatScope,
  parseScope,
  suppressionKinds,
  type Suppression,
  type SuppressionScope,
} from "../../consent/suppression.ts";
import { parseRecordedAddress, type Address } from "../../mail/address.ts";
import type { Domain } from "../../mail/domain.ts";
import { bad, ok, type Parsed } from "../../mail/parsed.ts";
import {
  actorOf,
  choice,
  closed,
  email,
  parseTarget,
  parseTime,
  text,
  time,
  type Target,
} from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { patterns } from "../violation.ts";

export const scopeText = Type.String({
  maxLength: 128,
  pattern: patterns.scope,
  description: "all, sender:ID or stream:ID.",
});
export const kind = choice(suppressionKinds, "What it came from.");
export const target = Type.Object({
  address: Type.String({
    maxLength: 1024,
    description: "A mail address, or a domain with all its addresses.",
  }),
});
export const suppressionSchema = Type.Object({
  email: Type.Optional(
    Type.Unsafe<string | null>({
      type: ["string", "null"],
      description: "Null once the person was erased.",
    }),
  ),
  domain: Type.Optional(Type.Unsafe<string | null>({ type: ["string", "null"] })),
  kind,
  scope: scopeText,
  origin: Type.String({ description: "What made it: cli:USER, token:ID, recipient, bounce …" }),
  reason: Type.Optional(Type.String()),
  createdAt: time("When it was made."),
  expiresAt: Type.Optional(time("When it ends.")),
  messageId: Type.Optional(Type.String({ description: "The message that brought it about." })),
  active: Type.Boolean(),
});

export const bodySchema = Type.Object(
  {
    email: Type.Optional(email),
    domain: Type.Optional(Type.String({ minLength: 3, maxLength: 255 })),
    kind: Type.Optional(kind),
    scope: Type.Optional(scopeText),
    reason: Type.Optional(text("Why.")),
    expiresAt: Type.Optional(time("When it ends; absent: never.")),
  },
  closed,
);

type SuppressionBody = Static<typeof bodySchema>;

export function readSuppression(
  parts: HttpParts,
  request: FastifyRequest,
  body: SuppressionBody,
):
  | {
      readonly kind: "ok";
      readonly target: Address | Domain;
      readonly suppression: Suppression;
    }
  | { readonly kind: "bad"; readonly field: string; readonly problem: string } {
  const field = body.email === undefined ? "domain" : "email";
  const wrong = (name: string, problem: string): ReturnType<typeof readSuppression> => ({
    kind: "bad",
    field: name,
    problem,
  });
  if ((body.email === undefined) === (body.domain === undefined))
    return wrong("email", "or domain must be given: exactly one of them");
  if (body.email?.startsWith("*@") === true)
    return wrong("email", "is no address; give a whole domain as domain");
  const about = parseTarget(body.email ?? body.domain ?? "", parseRecordedAddress);
  if (about.kind === "bad") return wrong(field, about.problem);
  const ofDomain = about.value.kind === "domain";
  if (ofDomain !== (field === "domain"))
    return wrong(field, `is not ${ofDomain ? "an address" : "a domain"}`);
  const scope = knownScope(parts, body.scope ?? "all");
  if (scope.kind === "bad") return wrong("scope", scope.problem);
  const expires = body.expiresAt === undefined ? undefined : parseTime(body.expiresAt);
  if (expires?.kind === "bad") return wrong("expiresAt", expires.problem);
  if (expires !== undefined && expires.value <= parts.clock())
    return wrong("expiresAt", "has passed already");
  return {
    kind: "ok",
    target: about.value.kind === "domain" ? about.value.domain : about.value.address,
    suppression: {
      subject: subjectOf(parts, about.value),
      ofDomain,
      kind: body.kind ?? "manual",
      scope: scope.value,
      origin: actorOf(request),
      createdAt: parts.clock(),
      ...(body.reason === undefined ? {} : { reason: body.reason }),
      ...(expires === undefined ? {} : { expiresAt: expires.value }),
    },
  };
}

export function subjectOf(parts: HttpParts, about: Target): AddressIndex {
  return about.kind === "domain"
    ? parts.indexer.domain(about.domain)
    : parts.indexer.address(about.address);
}

export function parseSubject(parts: HttpParts, value: string): Parsed<AddressIndex> {
  const about = parseTarget(value);
  return about.kind === "bad" ? about : ok(subjectOf(parts, about.value));
}

export function knownScope(parts: HttpParts, value: string): Parsed<SuppressionScope> {
  const scope = parseScope(value);
  if (scope === undefined) return bad("must be all, sender:ID or stream:ID");
  if (scope.kind === "all") return ok(scope);
  const known = scope.kind === "sender" ? parts.senders : parts.streams;
  return known.some((each) => each.id === scope.id)
    ? ok(scope)
    : bad(
        `names no ${scope.kind} of the configuration; known: ${known.map((each) => each.id).join(", ")}`,
      );
}

/** Without the index of the address. */
export function viewSuppression(entry: ListedSuppression, now: Date): object {
  const { subject: _subject, ofDomain, address = null, scope, ...rest } = entry;
  return {
    ...(ofDomain ? { domain: address } : { email: address }),
    ...rest,
    scope: formatScope(scope),
    active: entry.expiresAt === undefined || entry.expiresAt > now,
  };
}
