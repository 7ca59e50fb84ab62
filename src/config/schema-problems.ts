// Turns the schema checker's findings into problems that name the key's path, the value found and the remedy.
import { Value } from "typebox/value";

import type { ConfigProblem } from "./config-error.ts";
import { durationAboveZeroPattern, durationPattern } from "./duration.ts";
import { gatewaySchema, storagePattern } from "./schema/gateway.ts";

interface SchemaFinding {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** Problems of a value that has its defaults already; empty where it fits the schema. */
export function schemaProblems(value: unknown): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const finding of Value.Errors(gatewaySchema, value) as Iterable<SchemaFinding>) {
    // "schema is false" repeats what "additionalProperties" says with the name.
    if (finding.keyword === "boolean") continue;
    problems.push(...toProblems(finding, value));
  }
  return problems;
}

function toProblems(finding: SchemaFinding, root: unknown): readonly ConfigProblem[] {
  const path = dotted(finding.instancePath);
  const params = finding.params as Record<string, unknown>;
  const found = show(at(root, finding.instancePath));
  const schema = schemaAt(finding.schemaPath);
  const about = typeof schema?.["description"] === "string" ? ` ${schema["description"]}` : "";
  switch (finding.keyword) {
    case "additionalProperties":
      return names(params["additionalProperties"]).map((name) => ({
        path: path === "" ? name : `${path}.${name}`,
        problem: "is not a known key",
        remedy: `Known here: ${known(finding.schemaPath).join(", ")}.`,
      }));
    case "required":
      return names(params["requiredProperties"]).map((name) => ({
        path: path === "" ? name : `${path}.${name}`,
        problem: "is missing",
        remedy: `Add it.${describe(`${finding.schemaPath}/properties/${name}`)}`,
      }));
    case "enum":
      return [
        {
          path,
          found,
          problem: "is not one of the values allowed",
          remedy: `Use ${names(params["allowedValues"]).join(", ")}.`,
        },
      ];
    case "const":
      return [
        {
          path,
          found,
          problem: "has another value than this release reads",
          remedy: `Use ${String(params["allowedValue"])}.`,
        },
      ];
    case "type":
      return [
        {
          path,
          found,
          problem: `must be ${article(String(params["type"]))}`,
          remedy: `${typeHint(String(params["type"]), at(root, finding.instancePath))}${about}`,
        },
      ];
    case "pattern":
      return [
        {
          path,
          found,
          problem: "has not the form expected",
          remedy: `${patternHint(String(params["pattern"]))}${about}`,
        },
      ];
    default:
      return [{ path, found, problem: finding.message, remedy: `Change it.${about}` }];
  }
}

/** YAML reads 0120123456 as a number, and a section whose keys are all commented out as null. */
function typeHint(type: string, found: unknown): string {
  if (found === null) return "Write one, or take the key out.";
  const isPlain = typeof found === "number" || typeof found === "boolean";
  return type === "string" && isPlain ? 'Put it in quotation marks: "…".' : "Write one.";
}

function patternHint(pattern: string): string {
  if (pattern === durationAboveZeroPattern)
    return "Write a duration above zero such as 30s, 5m, 4h or 4d.";
  if (pattern === durationPattern) return "Write a duration such as 30s, 5m, 4h or 4d.";
  if (pattern.startsWith("^[A-Za-z0-9][A-Za-z0-9_-]")) return "Use 1–64 letters, digits, - or _.";
  if (pattern === storagePattern) return "Write sqlite: and a file, such as sqlite:sekisho.db.";
  return `Match ${pattern}.`;
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function names(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function dotted(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`))
    .join("")
    .replace(/^\./, "");
}

function at(root: unknown, pointer: string): unknown {
  let value = root;
  for (const step of pointer.split("/").slice(1)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function schemaAt(schemaPath: string): Record<string, unknown> | undefined {
  const found = at(gatewaySchema, schemaPath.replace(/^#/, ""));
  return typeof found === "object" && found !== null
    ? (found as Record<string, unknown>)
    : undefined;
}

function known(schemaPath: string): readonly string[] {
  const properties = schemaAt(schemaPath)?.["properties"];
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
}

function describe(schemaPath: string): string {
  const description = schemaAt(schemaPath)?.["description"];
  return typeof description === "string" ? ` ${description}` : "";
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
