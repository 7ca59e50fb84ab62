// What a schema has against a request, in words for whoever sent it: the field, and what it should be.
export interface FieldProblem {
  /** Name of the field as the client wrote it: `email`, `line 3: sender`. */
  readonly field: string;
  readonly problem: string;
}

/** As ajv (bodies, queries, paths) and TypeBox (lines of NDJSON) tell it. */
export interface Violation {
  readonly keyword?: string;
  readonly instancePath: string;
  readonly message?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Patterns of the API's schemas, with what they mean. */
export const patterns = {
  notBlank: "\\S",
  name: "^(?=.*\\S)[^\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]*$",
  scope: "^(all|(sender|stream):.+)$",
  pauseScope: "^(destination|sender|stream):.+$",
} as const;
const meanings: Readonly<Record<string, string>> = {
  [patterns.notBlank]: "is empty",
  [patterns.name]: "must be one line of text, without marks that turn its direction",
  [patterns.scope]: "must be all, sender:ID or stream:ID",
  [patterns.pauseScope]: "must be destination:DOMAIN, sender:ID or stream:ID",
};

/** `context` stands for the whole where no field is to blame: `body`, `querystring`. */
export function fieldProblems(violation: Violation, context: string): readonly FieldProblem[] {
  const { keyword, params } = violation;
  if (keyword === "boolean") return []; // TypeBox tells of an unknown field twice: this one has no name.
  const path = violation.instancePath.slice(1).replaceAll("/", ".");
  const missing = names(params["missingProperty"], params["requiredProperties"]);
  const unknown = names(params["additionalProperty"], params["additionalProperties"]);
  const at = (problem: string, inner = ""): FieldProblem => {
    const field = [path, inner].filter((part) => part !== "").join(".");
    return { field: field === "" ? context : field, problem };
  };
  if (missing.length > 0) return missing.map((name) => at("is missing", name));
  if (unknown.length > 0) return unknown.map((name) => at("is not a field of this request", name));
  return [at(wordsOf(violation))];
}

function wordsOf({ keyword, params, message }: Violation): string {
  const { allowedValues, pattern, limit } = params;
  if (Array.isArray(allowedValues)) return `must be one of ${allowedValues.join(", ")}`;
  const meaning = meanings[pattern instanceof RegExp ? pattern.source : String(pattern)];
  if (meaning !== undefined) return meaning;
  if (keyword === "minLength" && limit === 1) return "is empty";
  return message ?? "is not valid";
}

function names(one: unknown, several: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(several) ? several : [one];
  return all.filter((name) => typeof name === "string");
}
