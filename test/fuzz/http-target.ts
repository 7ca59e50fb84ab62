// The HTTP API and the pages, asked for anything: documented bodies with pieces changed, names of nothing, headers of any kind.
import fc from "fast-check";

import { buildOpenApi } from "../../src/http/build-openapi.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { must } from "./must.ts";
import { mutated } from "./mutations.ts";
import type { FuzzTarget } from "./targets.ts";

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, Media>>;
  };
}

interface Media {
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

/** One route as the document has it. */
interface Route {
  readonly method: "GET" | "POST" | "DELETE" | "PUT" | "PATCH";
  readonly path: string;
  readonly query: readonly string[];
  readonly type: string | undefined;
  readonly bodies: readonly string[];
}

async function listRoutes(): Promise<readonly Route[]> {
  const { paths } = JSON.parse(JSON.stringify(await buildOpenApi())) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody }]) => {
      const [[type, media] = [undefined, undefined]] = Object.entries(requestBody?.content ?? {});
      const named = Object.values(media?.examples ?? {}).map(({ value }) => value);
      const examples = media?.example === undefined ? named : [media.example, ...named];
      return {
        method: method.toUpperCase() as Route["method"],
        path,
        query: parameters.filter((each) => each.in === "query").map(({ name }) => name),
        type,
        bodies: examples.map((each) => (typeof each === "string" ? each : JSON.stringify(each))),
      };
    }),
  );
}

const bodyWords = [
  "null",
  "true",
  "-1",
  "1e400",
  "9007199254740993",
  '""',
  "[]",
  "{}",
  '"__proto__":{"a":1},',
  '"constructor":1,',
  '"\\u0000"',
  '"\\ud800"',
  '"\\u202e"',
  '"0000-00-00T00:00:00Z"',
  '"+275760-09-13T00:00:00.000Z"',
  '"9999-12-31T23:59:59+99:99"',
  '"@example.net"',
  '"a@example.net,b@example.net"',
  '"sender:"',
  '"stream:nobody"',
  ",",
  ":",
  '"',
  "\\",
  "\xff",
];
const names = [
  "example",
  "example.jp",
  "sample",
  "newsletter",
  "taro@example.net",
  "1",
  "-1",
  "0",
  "99999999999999999999",
  "%00",
  "%ff",
  "%F0%9F%98%80",
  "..%2f..%2fetc%2fpasswd",
  "%e5%ae%9b",
  "__proto__",
  "null",
  "a%40b%40c",
  "'%20OR%201=1--",
  "x".repeat(3000),
];
const values = [
  ...names,
  "",
  "2026-11-25",
  "2026-11-25T09:00:00Z",
  "0000-00-00",
  "%5B%5D",
  "true",
  "sender:sample",
  "stream:newsletter",
  "all",
];
const headers = [
  {},
  { "if-match": '"x"' },
  { "if-match": "*" },
  { "if-none-match": 'W/"x", ' },
  { "idempotency-key": "a" },
  { "idempotency-key": "x".repeat(500) },
  { "content-type": "text/plain" },
  { "content-type": "application/json; charset=utf-7" },
  { "content-encoding": "gzip" },
  { accept: "text/csv" },
  { accept: "text/html" },
  { range: "bytes=0-" },
  { "x-forwarded-for": "1.2.3.4, , ::1, x" },
  { host: "evil.example" },
  { origin: "https://evil.example" },
];

/** An answer or a no in words, below 500, and nothing in the log that an operator would have to look at. */
export const httpTarget: FuzzTarget = {
  name: "HTTP API",
  weight: 1,
  run: async ({ seed, runs }) => {
    const routes = await listRoutes();
    await using office = await openHttpOffice();
    const asked = fc
      .record({
        route: fc.nat(routes.length - 1),
        names: fc.array(fc.constantFrom(...names), { minLength: 3, maxLength: 3 }),
        query: fc.array(fc.tuple(fc.nat(20), fc.constantFrom(...values)), { maxLength: 3 }),
        headers: fc.constantFrom<Record<string, string>>(...headers),
        caller: fc.constantFrom("token", "token", "token", "person", "person", "nobody"),
      })
      .chain((request) =>
        mutated(["{}", ...(routes[request.route]?.bodies ?? [])], bodyWords, 3).map((body) => ({
          ...request,
          body,
        })),
      );
    await fc.assert(
      fc.asyncProperty(asked, async ({ caller, body, ...request }) => {
        const route = routes[request.route];
        if (route === undefined) return;
        let place = 0;
        const path = route.path.replace(/\{[^}]+\}/g, () => {
          place += 1;
          return request.names[place - 1] ?? "";
        });
        const query = request.query
          .filter(() => route.query.length > 0)
          .map(([at, value]) => `${route.query[at % route.query.length] ?? ""}=${value}`)
          .join("&");
        const before = office.logged().length;
        const answer = await office.app.inject({
          method: route.method,
          url: `${path}${query === "" ? "" : `?${query}`}`,
          headers: {
            ...(await credentialsOf(office, caller)),
            ...(route.type === undefined ? {} : { "content-type": route.type }),
            ...request.headers,
          },
          ...(route.type === undefined ? {} : { payload: Buffer.from(body, "latin1") }),
        });
        const what = `${route.method} ${path} ${query}: ${answer.statusCode} ${answer.body.slice(0, 500)}`;
        must(answer.statusCode < 500, what);
        const loud = office
          .logged()
          .slice(before)
          .split("\n")
          .filter((line) => /"level":[56]0/.test(line));
        must(loud.length === 0, `${what}\nlogged ${loud.join("\n")}`);
        if (answer.statusCode < 400 || !path.startsWith("/v1/")) return;
        must(String(answer.headers["content-type"]).startsWith("application/problem+json"), what);
        const { title, detail } = JSON.parse(answer.body) as Readonly<Record<string, unknown>>;
        must(typeof title === "string" && typeof detail === "string" && detail !== "", what);
      }),
      { seed, numRuns: runs },
    );
  },
};

async function credentialsOf(
  office: HttpOffice,
  caller: string,
): Promise<Readonly<Record<string, string>>> {
  if (caller === "token") return office.bearer(["*"]);
  if (caller === "person") return (await office.person(["administrator"])).headers;
  return {};
}
