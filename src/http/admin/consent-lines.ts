// The lines of POST /v1/consents: many consents in one request, judged together and recorded in short transactions.
import { setImmediate as breathe } from "node:timers/promises";

import type { FastifyReply, FastifyRequest } from "fastify";

import { StorageUnavailable } from "../../audit/unavailable.ts";
import type { NewConsent } from "../../consent/ledger.ts";
import { patiently } from "../../audit/patiently.ts";
import { findIllFormed } from "../json-text.ts";
import type { HttpParts } from "../parts.ts";
import { refuse } from "../problem.ts";
import { fieldProblems, type FieldProblem, type Violation } from "../violation.ts";
import { readGrant, type Grant, type ReadConsent } from "./consent-body.ts";

export const linesMax = 10_000; // larger imports are files for `sekisho consent import`
const linesAtOnce = 50; // read between other work of this thread
const recordedAtOnce = 500; // of one transaction: 10 to 40 ms, within the 200 ms that others wait for the lock
const errorsMax = 100; // shown of the lines that are wrong

/** The compiled schema of a grant. */
interface IsGrant {
  readonly Check: (value: unknown) => value is Grant;
  readonly Errors: (value: unknown) => [boolean, Violation[]];
}

/** Judges every line before the first is recorded. */
export async function recordLines(
  parts: HttpParts,
  request: FastifyRequest,
  reply: FastifyReply,
  body: string,
  isGrant: IsGrant,
): Promise<FastifyReply> {
  const lines = body.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (lines.length > linesMax)
    return refuse(request, reply, "too-large", {
      detail: `${lines.length} lines; at most ${linesMax} are taken at once`,
      remedy: "Send several requests, or import a file: sekisho consent import FILE.csv.",
    });
  const consents: NewConsent[] = [];
  const errors: FieldProblem[] = [];
  for (const [index, line] of lines.entries()) {
    if (index % linesAtOnce === linesAtOnce - 1) await breathe();
    if (line.trim() === "") continue;
    const read = readLine(parts, request, line, isGrant);
    if (read.kind === "ok") consents.push(read.consent);
    else
      for (const error of read.errors)
        errors.push({ field: `line ${index + 1}: ${error.field}`, problem: error.problem });
    if (errors.length >= errorsMax) break;
  }
  if (errors.length > 0) return refuseAll(request, reply, errors);
  return record(parts, request, reply, consents);
}

function readLine(
  parts: HttpParts,
  request: FastifyRequest,
  line: string,
  isGrant: IsGrant,
): ReadConsent {
  const bad = (errors: readonly FieldProblem[]): ReadConsent => ({ kind: "bad", errors });
  const value = parseLine(line);
  if (value === undefined) return bad([{ field: "line", problem: "is not a JSON object" }]);
  const illFormed = findIllFormed(line, value);
  if (illFormed !== undefined) return bad([illFormed]);
  if (!isGrant.Check(value))
    return bad(
      isGrant.Errors(value)[1].flatMap((violation) => fieldProblems(violation, "consent")),
    );
  return value.grantedAt === undefined
    ? bad([{ field: "grantedAt", problem: "is missing" }])
    : readGrant(parts, request, value);
}

function parseLine(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** In transactions so short that others hardly wait for the lock; whoever is told of 503 may send all of it again. */
export async function record(
  parts: HttpParts,
  request: FastifyRequest,
  reply: FastifyReply,
  consents: readonly NewConsent[],
): Promise<FastifyReply> {
  let recorded = 0;
  for (let start = 0; start < consents.length; start += recordedAtOnce) {
    const some = consents.slice(start, start + recordedAtOnce);
    try {
      recorded += (await patiently(() => parts.ledger.recordConsents(some))).recorded;
    } catch (error) {
      if (start === 0 || !(error instanceof StorageUnavailable)) throw error;
      request.log.error({ err: error, requestId: request.id }, "storage unavailable");
      void reply.header("retry-after", "10");
      return refuse(request, reply, "unavailable", {
        detail: `Storage cannot answer just now: the first ${start} lines are on record, those behind them are not.`,
        remedy: "Send the same lines again later: what is on record is not recorded again.",
      });
    }
  }
  return reply.code(201).send({ recorded, known: consents.length - recorded });
}

export function refuseAll(
  request: FastifyRequest,
  reply: FastifyReply,
  errors: readonly FieldProblem[],
): FastifyReply {
  return refuse(request, reply, "unprocessable", {
    detail: `nothing was recorded: ${errors[0]?.field ?? "body"} ${errors[0]?.problem ?? "is not valid"}`,
    remedy: "Correct what errors names and send the request again.",
    errors,
  });
}
