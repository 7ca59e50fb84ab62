// Examples of the API's requests and answers, as they stand in /openapi.json.

/** Of one route. */
export interface RouteExamples {
  /** Of the request's body, by media type; a plain value is JSON's. */
  readonly body?: unknown;
  /** By status. */
  readonly answers: Readonly<Record<number, unknown>>;
}

/** By method and path as the document has it: `POST /v1/users/{id}/roles`. */
export type ExampleTable = Readonly<Record<string, RouteExamples>>;

/** One page that is the last. */
export function page(...items: readonly unknown[]): object {
  return { items, next: null };
}

export const made = "2026-11-25T09:00:00.000Z";
export const later = "2026-11-26T10:30:00.000Z";
export const reason = { reason: "asked for in ticket 4711" };
