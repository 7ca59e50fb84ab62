// Puts into the OpenAPI document what schemas of routes cannot say: examples, the media type of problems, headers of answers.
import { listExamples } from "./examples/lists.ts";
import { mailExamples } from "./examples/mail.ts";
import { pageExamples } from "./examples/pages.ts";
import { peopleExamples } from "./examples/people.ts";
import { problemExamples } from "./examples/problems.ts";
import { setupExamples } from "./examples/setup.ts";
import type { RouteExamples } from "./examples/example.ts";
import { problemNames, problemOf, type ProblemName } from "./problem.ts";

const examples = {
  ...peopleExamples,
  ...listExamples,
  ...mailExamples,
  ...setupExamples,
  ...pageExamples,
};

interface Media {
  schema?: unknown;
  example?: unknown;
  examples?: unknown;
}
interface Answer {
  description: string;
  content?: Record<string, Media>;
  headers?: unknown;
}
interface Operation {
  requestBody?: { required?: boolean; description?: string; content: Record<string, Media> };
  responses: Record<string, Answer>;
}

/** The part of an OpenAPI document that is completed; it is changed in place. */
export interface OpenApiDocument {
  paths?: Record<string, Record<string, Operation>>;
  components?: { examples?: Record<string, unknown> };
}

const problemsOfReads: readonly ProblemName[] = [
  "bad-request",
  "unauthenticated",
  "forbidden",
  "not-found",
  "too-many-requests",
];
const problemsOfOurs: readonly ProblemName[] = ["internal", "unavailable"];
const problemsOfWrites = problemNames.filter((name) => !problemsOfOurs.includes(name));

export function completeOpenApi(document: OpenApiDocument): OpenApiDocument {
  document.components = {
    ...document.components,
    examples: Object.fromEntries(problemNames.map((name) => [name, problemExample(name)])),
  };
  for (const [path, operations] of Object.entries(document.paths ?? {}))
    for (const [method, operation] of Object.entries(operations))
      complete(operation, method, examples[`${method.toUpperCase()} ${path}`]);
  const explain = document.paths?.["/v1/explain"]?.["post"];
  if (explain !== undefined) explain.requestBody = messageBody();
  return document;
}

function complete(operation: Operation, method: string, example: RouteExamples | undefined): void {
  const content = operation.requestBody?.content ?? {};
  fill(content, example?.body);
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (status.endsWith("XX")) {
      const names = status === "5XX" ? problemsOfOurs : method === "get" ? problemsOfReads : problemsOfWrites; // prettier-ignore
      answer.content = { "application/problem+json": problemMedia(names) };
      continue;
    }
    fill(answer.content ?? {}, example?.answers[Number(status)]);
    if (method === "get" && status === "200" && operation.responses["4XX"] !== undefined)
      answer.headers = { ETag: textHeader("Strong entity tag, for If-None-Match and If-Match.") };
    if (method !== "get" && operation.responses["4XX"] !== undefined)
      answer.headers = {
        "Idempotency-Replayed": textHeader(
          "true: the answer of the first request with this Idempotency-Key.",
        ),
      };
  }
}

/** One value for all media types, or an object with one for each. */
function fill(content: Record<string, Media>, value: unknown): void {
  const isMap =
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).every((name) => name.includes("/"));
  for (const [type, media] of Object.entries(content)) {
    const example: unknown = isMap ? (value as Record<string, unknown>)[type] : value; // by the line above
    if (example !== undefined) media.example = example;
  }
}

function problemMedia(names: readonly ProblemName[]): Media {
  return {
    schema: { $ref: "#/components/schemas/Problem" },
    examples: Object.fromEntries(
      names.map((name) => [name, { $ref: `#/components/examples/${name}` }]),
    ),
  };
}

function problemExample(name: ProblemName): { readonly summary: string; readonly value: unknown } {
  const value = problemOf(name, problemExamples[name], "9c1f0a77d2e4b863");
  return { summary: `${String(value["status"])} ${name}`, value };
}

function textHeader(description: string): unknown {
  return { description, schema: { type: "string" } };
}

function messageBody(): NonNullable<Operation["requestBody"]> {
  const content: Record<string, Media> = { "message/rfc822": { schema: { type: "string" } } };
  fill(content, examples["POST /v1/explain"]?.body);
  return { required: true, description: "The message as it would follow DATA.", content };
}
