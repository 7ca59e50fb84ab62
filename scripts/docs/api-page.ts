// docs/reference/api.md: every route with its parameters, its body and its answers, from the OpenAPI document alone.
import { buildOpenApi } from "../../src/http/build-openapi.ts";

interface Media {
  readonly example?: unknown;
  readonly schema?: Schema;
}
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}
interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, Media>> }>
  >;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly examples: Readonly<
      Record<string, { readonly value: { readonly status: number; readonly title: string } }>
    >;
  };
}

/** Headers that every route of its kind has: told once, at the top. */
const common = ["Idempotency-Key", "If-Match", "If-None-Match"];

export async function apiPage(): Promise<string> {
  const document = (await buildOpenApi()) as Document;
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = Map.groupBy(routes, ({ operation }) => operation.tags?.[0] ?? "other");
  const sections = [...groups].map(
    ([tag, members]) => `## ${tag}\n\n${members.map(routeSection).join("\n")}`,
  );
  const problems = Object.entries(document.components.examples).map(
    ([name, { value }]) => `| ${value.status} | \`urn:sekisho:problem:${name}\` | ${value.title} |`,
  );
  return `# The HTTP API, route by route

Generated from the routes by \`npm run docs\`; a running gateway has the same at \`/openapi.json\`. What all routes have in common (tokens,
sessions, lists, \`Idempotency-Key\`, \`If-Match\`, \`If-None-Match\`) stands in [http.md](../http.md). “if-match” behind a route: it changes
something that has an entity tag.

## Problems

| status | type | title |
| --- | --- | --- |
${problems.join("\n")}

${sections.join("\n")}`;
}

function routeSection({
  path,
  method,
  operation,
}: {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}): string {
  const parameters = operation.parameters ?? [];
  const conditional = parameters.some(({ name }) => name === "If-Match");
  const named = parameters.filter(({ name }) => !common.includes(name));
  return [
    `### ${method.toUpperCase()} ${path}`,
    "",
    `${operation.summary ?? ""}.${conditional ? " (if-match)" : ""}`,
    ...(operation.description === undefined ? [] : ["", operation.description]),
    ...(named.length === 0 ? [] : ["", ...named.map(parameterLine)]),
    ...bodyLines(operation),
    ...Object.entries(operation.responses).flatMap(([status, answer]) =>
      status.endsWith("XX") ? [] : mediaLines(`Answer ${status}`, answer.content ?? {}),
    ),
    "",
  ].join("\n");
}

function parameterLine({ name, in: where, required, description, schema }: Parameter): string {
  const words = schema?.enum === undefined ? "" : ` One of ${schema.enum.join(", ")}.`;
  const must = required === true ? "" : ", optional";
  return fieldLine(`\`${name}\` (${where}${must})`, description ?? schema?.description, words);
}

function fieldLine(name: string, description: string | undefined, words: string): string {
  const text = `${description ?? ""}${words}`.trim();
  return text === "" ? `- ${name}` : `- ${name}: ${text}`;
}

function bodyLines({ requestBody }: Operation): readonly string[] {
  if (requestBody === undefined) return [];
  const fields = requestBody.content["application/json"]?.schema;
  const lines = Object.entries(fields?.properties ?? {}).map(([name, schema]) => {
    const must = fields?.required?.includes(name) === true ? "" : ", optional";
    const words = schema.enum === undefined ? "" : ` One of ${schema.enum.join(", ")}.`;
    return fieldLine(`\`${name}\` (body${must})`, schema.description, words);
  });
  return [
    ...(lines.length === 0 ? [] : ["", ...lines]),
    ...mediaLines("Body", requestBody.content),
  ];
}

function mediaLines(title: string, content: Readonly<Record<string, Media>>): readonly string[] {
  return Object.entries(content).flatMap(([type, { example }]) => {
    if (example === undefined) return [];
    const text = typeof example === "string" ? example : JSON.stringify(example, undefined, 2);
    const language = typeof example === "string" ? "text" : "json";
    return ["", `${title} \`${type}\`:`, "", `\`\`\`${language}`, text.trimEnd(), "```"];
  });
}
