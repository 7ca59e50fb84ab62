// Calls the HTTP application as a client with one token would, or a person by the headers of their browser.
import type { App } from "../../src/http/app.ts";

export interface Answer {
  readonly status: number;
  /** Empty where the answer is no JSON. */
  readonly json: Record<string, unknown>;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

export type Call = (
  method: "GET" | "POST" | "DELETE",
  url: string,
  payload?: object | string,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

export function createClient(app: App, caller: Readonly<Record<string, string>>): Call {
  return async (method, url, payload, headers = {}) => {
    const answer = await app.inject({
      method,
      url,
      headers: { ...caller, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    const isJson = String(answer.headers["content-type"]).includes("json");
    return {
      status: answer.statusCode,
      body: answer.body,
      headers: answer.headers,
      json: isJson ? (JSON.parse(answer.body) as Record<string, unknown>) : {},
    };
  };
}

/** Events of one type, newest first. */
export async function eventsOf(
  call: Call,
  type: string,
): Promise<readonly Record<string, unknown>[]> {
  const { json } = await call("GET", `/v1/audit?type=${type}&limit=1000&order=newest`);
  return json["items"] as Record<string, unknown>[];
}

/** Names of the fields that a refusal names. */
export function fieldsOf(answer: Answer): readonly string[] {
  const errors = answer.json["errors"] as readonly { readonly field: string }[] | undefined;
  return (errors ?? []).map(({ field }) => field);
}
