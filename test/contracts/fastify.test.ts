// What Fastify does unless it is told otherwise, as src/http/server.ts tells it.
import Fastify from "fastify";
import { expect, test } from "vitest";

test("1.7 finding 4: no request, connection or handler has a time limit", () => {
  expect(Fastify().initialConfig).toMatchObject({
    connectionTimeout: 0,
    requestTimeout: 0,
    handlerTimeout: 0,
  });
});

test("1.7 finding 4: a path's parameter has 100 characters at most", async () => {
  const app = Fastify();
  app.get("/:token", () => "ok");
  const codes = [];
  for (const length of [100, 101])
    codes.push((await app.inject(`/${"t".repeat(length)}`)).statusCode);
  expect(codes).toEqual([200, 414]);
});

test("1.7 finding 4: HEAD is answered wherever GET is", async () => {
  const app = Fastify();
  app.get("/", () => "ok");
  expect((await app.inject({ method: "HEAD", url: "/" })).statusCode).toBe(200);
});

test("1.7 finding 4: the log of requests has the whole URL", async () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const app = Fastify({ logger: { stream: { write } } });
  app.get("/", () => "ok");
  await app.inject("/?token=secret");
  expect(lines.join("")).toContain("/?token=secret");
});
