// What anybody may see: pages on reasons, health, metrics.
import { afterAll, beforeAll, expect, test } from "vitest";

import { reasons } from "../../src/policy/reasons.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";

let office: HttpOffice;
beforeAll(async () => {
  office = await openHttpOffice();
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

test.each(Object.entries(reasons))(
  "/r/%s tells in both languages what to do",
  async (reason, row) => {
    const answer = await office.app.inject({ url: `/r/${reason}` });
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    const plain = answer.body
      .replaceAll("&#39;", "'")
      .replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">");
    for (const text of [row.text.ja, row.text.en, row.remedy.ja, row.remedy.en])
      expect(plain).toContain(text);
  },
);

test("a page loads and runs nothing, names its languages, and has one heading of the first rank", async () => {
  const { body, headers } = await office.app.inject({ url: "/r/no-consent" });
  expect(headers["content-security-policy"]).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; /,
  );
  expect(body).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|style="/i);
  expect(body.match(/<h1>/g)).toHaveLength(1);
  expect(body).toMatch(/^<!doctype html>\n<html lang="ja">/);
  expect(body).toContain('<section lang="en">');
  const english = await office.app.inject({
    url: "/r/no-consent",
    headers: { "accept-language": "fr, en;q=0.8, ja;q=0.5" },
  });
  expect(english.body).toContain('<html lang="en">');
});

test.each([
  "nothing",
  "__proto__",
  "constructor",
  "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
  "a".repeat(128),
])("/r/%s is a 404 that repeats nothing of it", async (reason) => {
  const answer = await office.app.inject({ url: `/r/${reason}` });
  expect(answer.statusCode).toBe(404);
  expect(answer.body).not.toContain("alert");
});

test("health says alive, and readiness what is not ready", async () => {
  expect((await office.app.inject({ url: "/healthz" })).json()).toEqual({ alive: true });
  expect((await office.app.inject({ url: "/readyz" })).statusCode).toBe(200);
  const checks = [{ name: "delivery", ok: false, detail: "paused" }];
  await using tired = await openHttpOffice({
    parts: { ready: () => Promise.resolve({ ready: false, checks }) },
  });
  const answer = await tired.app.inject({ url: "/readyz" });
  expect([answer.statusCode, answer.json()]).toEqual([503, { ready: false, checks }]);
  expect((await tired.app.inject({ url: "/metrics" })).body).toContain(
    'sekisho_ready{part="delivery"} 0',
  );
});

test("metrics count events and hold no address", async () => {
  const token = await office.bearer(["suppressions:write"]);
  await office.app.inject({
    method: "POST",
    url: "/v1/suppressions",
    headers: token,
    payload: { email: "hidden@example.net" },
  });
  const answer = await office.app.inject({ url: "/metrics" });
  expect(answer.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(answer.body).toContain('sekisho_events_total{type="Suppression"} 1');
  expect(answer.body).toContain('sekisho_queue_recipients{state="waiting"} 0');
  expect(answer.body).toContain('sekisho_connections{kind="smtp"} 1');
  expect(answer.body).toContain("nodejs_eventloop_lag_seconds");
  expect(answer.body).not.toContain("hidden");
});

test("https is told to browsers once the public URL has it", async () => {
  expect(
    (await office.app.inject({ url: "/healthz" })).headers["strict-transport-security"],
  ).toBeUndefined();
  await using secure = await openHttpOffice({ settings: { publicUrl: "https://gw.example.jp" } });
  const answer = await secure.app.inject({ url: "/healthz" });
  expect(answer.headers["strict-transport-security"]).toMatch(/^max-age=\d{8}$/);
});
