// Requests that are too large, too deep, too many or too slow; on a real socket where that matters.
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startHttp, type HttpServer } from "../../src/http/server.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";

let office: HttpOffice;
let server: HttpServer;
let token: { readonly authorization: string };
beforeAll(async () => {
  office = await openHttpOffice();
  server = await startHttp(office.settings, office.parts);
  token = await office.bearer(["*"]);
});
afterAll(async () => {
  await server.close();
  await office[Symbol.asyncDispose]();
});

/** Sends raw octets and resolves to the answer, or its status line, once the server has answered or closed. */
async function raw(request: string): Promise<string> {
  return (await answerTo(request)).split("\r\n")[0] ?? "";
}

function answerTo(request: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(server.port, "127.0.0.1", () => {
      socket.write(request);
    });
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString("latin1");
      socket.end();
    });
    socket.on("error", () => undefined); // A server that hangs up while we still write is within its rights.
    socket.on("close", () => {
      resolve(answer);
    });
  });
}

const post = (length: number): string =>
  `POST /v1/suppressions HTTP/1.1\r\nHost: x\r\nAuthorization: ${token.authorization}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

test("row 75: a body announced as 1 GB is refused before it is sent", async () => {
  expect(await raw(post(1_000_000_000))).toContain("413");
});

test("row 75: a chunked body without end is cut at the limit", async () => {
  const head = post(0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
  const chunk = `4000\r\n${" ".repeat(0x4000)}\r\n`;
  expect(await raw(head + chunk.repeat(8))).toContain("413");
});

test("row 75: headers and URLs beyond 16 KB are refused", async () => {
  expect(
    await raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`),
  ).toContain("431");
  const many = Array.from({ length: 10_000 }, (_, n) => `p${n}=1`).join("&");
  expect(await raw(`GET /v1/queue?${many} HTTP/1.1\r\nHost: x\r\n\r\n`)).toContain("431");
});

test("row 75: two lengths, or a length and chunks, are no request (smuggling)", async () => {
  const host = "Host: x\r\n";
  expect(
    await raw(`POST /v1/keys HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`),
  ).toContain("400");
  expect(
    await raw(
      `POST /v1/keys HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ),
  ).toContain("400");
});

test("row 75: two hosts are no request, whether they differ or not (RFC 9112 §3.2)", async () => {
  for (const second of ["Host: y", "host: x", "HOST:"]) {
    const [head = "", body = ""] = (
      await answerTo(`GET /healthz HTTP/1.1\r\nHost: x\r\n${second}\r\n\r\n`)
    ).split("\r\n\r\n");
    expect(head).toContain("HTTP/1.1 400 ");
    expect(JSON.parse(body)).toMatchObject({ type: "urn:sekisho:problem:bad-request" });
  }
});

test.each([
  ["no HTTP", "EHLO client.example.jp\r\n\r\n", 400, "bad-request"],
  ["TLS on a port without", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc", 400, "bad-request"],
  [
    "a long header",
    `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`,
    431,
    "header-too-large",
  ],
])(
  "row 75: %s is answered as any other problem, and stands in the log",
  async (_name, request, status, name) => {
    const [head = "", body = ""] = (await answerTo(request)).split("\r\n\r\n");
    const problem = JSON.parse(body) as Readonly<Record<string, unknown>>;
    expect(problem).toMatchObject({ type: `urn:sekisho:problem:${name}`, status });
    const { headers } = await office.app.inject({ url: "/v1/nothing" });
    const fields = head
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(": ", 2));
    const { date: _date, "content-length": _length, connection: _open, ...expected } = headers;
    expect(Object.fromEntries(fields)).toMatchObject({ ...expected, connection: "close" });
    const line = office
      .logged()
      .split("\n")
      .find((each) => each.includes(String(problem["requestId"])));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ msg: "http request", route: "none", status });
  },
);

test("row 75: what comes behind a request is no answer to that", async () => {
  const get = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  expect(await answerTo(`${get}EHLO x\r\n\r\n`)).not.toContain("HTTP/1.1 400");
  const body = post(0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
  expect(await raw(`${body}no chunk\r\n`)).toContain("400");
});

test("row 75: slow requests and silent connections have an end", () => {
  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout } = office.app.server;
  for (const limit of [headersTimeout, requestTimeout, keepAliveTimeout, timeout]) {
    expect(limit).toBeGreaterThan(0);
    expect(limit).toBeLessThanOrEqual(120_000);
  }
});

test.each([
  ["deep JSON", `{"email":${"[".repeat(20_000)}${"]".repeat(20_000)}}`],
  ["__proto__", '{"email":"a@example.net","__proto__":{"kind":"manual"}}'],
  ["constructor.prototype", '{"email":"a@example.net","constructor":{"prototype":{}}}'],
  ["half a document", '{"email":'],
  ["an array", "[]"],
  ["null", "null"],
  ["a number", "1e999"],
  ["a repeated unknown field", '{"a":1,"a":2}'],
])("row 75: %s is a 400", async (_name, payload) => {
  const headers = { ...token, "content-type": "application/json" };
  const answer = await office.app.inject({
    method: "POST",
    url: "/v1/suppressions",
    headers,
    payload,
  });
  expect(answer.statusCode).toBe(400);
  expect(answer.headers["content-type"]).toMatch(/problem\+json/);
});

test("row 75: unknown and repeated query parameters are refused", async () => {
  for (const query of [
    "unknown=1",
    "limit=1&limit=2",
    "limit=0",
    "limit=1001",
    "limit=x",
    "cursor=",
  ])
    expect([
      query,
      (await office.app.inject({ url: `/v1/queue?${query}`, headers: token })).statusCode,
    ]).toEqual([query, 400]);
});

test("row 75: a flood from one address is told to wait", async () => {
  const busy = await openHttpOffice();
  let last = 0;
  for (let count = 0; count < 3001; count += 1)
    last = (await busy.app.inject({ url: "/healthz", remoteAddress: "192.0.2.1" })).statusCode;
  const other = await busy.app.inject({ url: "/healthz", remoteAddress: "192.0.2.2" });
  await busy[Symbol.asyncDispose]();
  expect([last, other.statusCode]).toEqual([429, 200]);
});
