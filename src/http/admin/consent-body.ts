// One consent as a client sends it, alone or as a line of many, read into the ledger's event.
import type { FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";

import { eventProblems } from "../../consent/basis.ts";
import { bases, type ConsentEvent, type Evidence } from "../../consent/event.ts";
import type { NewConsent } from "../../consent/ledger.ts";
import { everyTopic } from "../../exchange/consent-row.ts";
import { personalNumberFields } from "../../exchange/personal-number.ts";
import { parseRecordedAddress, type Address } from "../../mail/address.ts";
import { actorOf, choice, closed, email, id, text, time, parseTime } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import type { FieldProblem } from "../violation.ts";

const evidenceFields = {
  method: Type.Optional(
    text(
      "How: web-form, double-opt-in, paper, phone … Outlives an erasure: it must not name the person.",
    ),
  ),
  source: Type.Optional(
    text(
      "Where: URL, shop, event, contract. In words it is erased with the person; a URL without query outlives an erasure, as the sources of more than eight lines at once do.",
    ),
  ),
  wording: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 10_000,
      description:
        "The words that the person saw. Of a grant they outlive an erasure: they must not name the person.",
    }),
  ),
  policyVersion: Type.Optional(text("Version of the privacy policy shown. Outlives an erasure.")),
  evidence: Type.Optional(
    Type.Record(Type.String({ pattern: "^.{1,64}$" }), Type.String({ maxLength: 2000 }), {
      maxProperties: 30,
      description: "Any other proof; erased with the person.",
    }),
  ),
};

export const grantSchema = Type.Object(
  {
    email,
    sender: id,
    topic: id,
    basis: choice(bases, "Why mail may be sent."),
    grantedAt: Type.Optional(time("When it was given; absent: now.")),
    expiresAt: Type.Optional(time("When it ends.")),
    byPerson: Type.Optional(
      Type.Boolean({
        description: "The person has just done this: the only grant that lifts a withdrawal.",
      }),
    ),
    ...evidenceFields,
  },
  closed,
);

export const withdrawalSchema = Type.Object(
  {
    email,
    sender: id,
    topic: Type.Optional(
      Type.Unsafe<string | null>({
        type: ["string", "null"],
        maxLength: 128,
        description:
          "The topic to stop: of a stream of the sender, or one that the person has events in; *, null or absent: every topic of the sender.",
      }),
    ),
    at: Type.Optional(time("When the person said so; absent: now.")),
    until: Type.Optional(time("A pause: stop until then.")),
    ...evidenceFields,
  },
  closed,
);

export type Grant = Static<typeof grantSchema>;
export type Withdrawal = Static<typeof withdrawalSchema>;

export type ReadConsent =
  | { readonly kind: "ok"; readonly consent: NewConsent }
  | { readonly kind: "bad"; readonly errors: readonly FieldProblem[] };

export function readGrant(parts: HttpParts, request: FastifyRequest, body: Grant): ReadConsent {
  const common = readCommon(parts, request, { ...body, at: body.grantedAt }, "grantedAt");
  if (common.kind === "bad") return common;
  const topics = topicsOf(parts, body.sender);
  if (!topics.includes(body.topic)) return unknownTopic(topics);
  const expires = body.expiresAt === undefined ? undefined : parseTime(body.expiresAt);
  if (expires?.kind === "bad") return badField("expiresAt", expires.problem);
  return judged(parts, common, {
    ...common.fields,
    kind: "granted",
    topic: body.topic,
    basis: body.basis,
    byPerson: body.byPerson === true,
    ...(expires === undefined ? {} : { expiresAt: expires.value }),
  });
}

export async function readWithdrawal(
  parts: HttpParts,
  request: FastifyRequest,
  body: Withdrawal,
): Promise<ReadConsent> {
  const common = readCommon(parts, request, body, "at");
  if (common.kind === "bad") return common;
  const topic = body.topic === everyTopic ? null : (body.topic ?? null);
  if (topic !== null && !(await canStop(parts, common.fields, topic)))
    return unknownTopic([...topicsOf(parts, body.sender), everyTopic]);
  const until = body.until === undefined ? undefined : parseTime(body.until);
  if (until?.kind === "bad") return badField("until", until.problem);
  const read = judged(
    parts,
    common,
    until === undefined
      ? { ...common.fields, kind: "withdrawn", topic }
      : { ...common.fields, kind: "paused", topic, until: until.value },
  );
  if (read.kind === "bad" || body.at !== undefined) return read;
  return { ...read, consent: { ...read.consent, atOnce: true } };
}

function topicsOf({ streams }: HttpParts, sender: string): readonly string[] {
  return [
    ...new Set(streams.filter((each) => each.sender.id === sender).map(({ topic }) => topic)),
  ];
}

/** A topic may have left the configuration while people still have a say in it. A stop of any other would stop nothing. */
async function canStop(
  parts: HttpParts,
  { subject, sender }: Pick<ConsentEvent, "subject" | "sender">,
  topic: string,
): Promise<boolean> {
  if (topicsOf(parts, sender).includes(topic)) return true;
  const events = await parts.ledger.events(subject);
  return events.some((event) => event.sender === sender && event.topic === topic);
}

function unknownTopic(known: readonly string[]): ReturnType<typeof badField> {
  return badField("topic", `is the topic of no stream of this sender; known: ${known.join(", ")}`);
}

type Common =
  | {
      readonly kind: "ok";
      readonly address: Address;
      readonly fields: Pick<ConsentEvent, "subject" | "sender" | "at" | "evidence" | "actor">;
    }
  | { readonly kind: "bad"; readonly errors: readonly FieldProblem[] };

function readCommon(
  parts: HttpParts,
  request: FastifyRequest,
  body: Pick<Withdrawal, "email" | "sender"> & { readonly at?: string | undefined } & EvidenceBody,
  timeField: string,
): Common {
  const address = parseRecordedAddress(body.email);
  if (address.kind === "bad") return badField("email", address.problem);
  if (!parts.senders.some((sender) => sender.id === body.sender)) {
    const known = parts.senders.map((sender) => sender.id).join(", ");
    return badField("sender", `is not in the configuration; known: ${known}`);
  }
  const at = body.at === undefined ? undefined : parseTime(body.at);
  if (at?.kind === "bad") return badField(timeField, at.problem);
  return {
    kind: "ok",
    address: address.value,
    fields: {
      subject: parts.indexer.address(address.value),
      sender: body.sender,
      at: at?.value ?? parts.clock(),
      evidence: evidenceOf(body),
      actor: actorOf(request),
    },
  };
}

type EvidenceBody = Pick<Grant, "method" | "source" | "wording" | "policyVersion" | "evidence">;

function evidenceOf(body: EvidenceBody): Evidence {
  const { method, source, wording, policyVersion, evidence } = body;
  return {
    ...(method === undefined ? {} : { method }),
    ...(source === undefined ? {} : { source }),
    ...(wording === undefined ? {} : { wording }),
    ...(policyVersion === undefined ? {} : { policyVersion }),
    ...(evidence === undefined ? {} : { more: evidence }),
  };
}

/** What the law asks of the basis must be there: the same check as for the CLI and imports. */
function judged(
  parts: HttpParts,
  common: Extract<Common, { kind: "ok" }>,
  event: ConsentEvent,
): ReadConsent {
  const problems = [...eventProblems(event, parts.clock())];
  for (const column of personalNumberFields(event.evidence))
    problems.push({
      column,
      problem: "holds an Individual Number (My Number) or a card number",
      remedy: "leave it out: such numbers must not be stored here",
    });
  if (problems.length === 0) return { kind: "ok", consent: { address: common.address, event } };
  return {
    kind: "bad",
    errors: problems.map(({ column, problem, remedy }) => ({
      field: fieldOf(column, event),
      problem: `${problem}; ${remedy}`,
    })),
  };
}

/** The ledger speaks of columns of a CSV file; clients of fields. */
function fieldOf(column: string, event: ConsentEvent): string {
  if (column === "granted_at") return event.kind === "granted" ? "grantedAt" : "at";
  if (column === "expires_at") return event.kind === "paused" ? "until" : "expiresAt";
  if (column === "policy_version") return "policyVersion";
  return ["method", "source", "wording", "basis"].includes(column) ? column : `evidence.${column}`;
}

function badField(
  field: string,
  problem: string,
): { readonly kind: "bad"; readonly errors: readonly FieldProblem[] } {
  return { kind: "bad", errors: [{ field, problem }] };
}
