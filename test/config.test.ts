import { describe, expect, test } from "vitest";

import { ConfigError } from "../src/config/config-error.ts";
import { parseConfig } from "../src/config/load.ts";

const good = `
version: 1
hostname: gw.example.jp
senders:
  - id: sample
    legal: { names: ["株式会社サンプル商事"] }
    domains: [example.jp]
streams:
  - { id: newsletter, sender: sample, topic: news }
`;

function problemsOf(text: string, environment: Record<string, string> = {}): readonly string[] {
  try {
    parseConfig(text, "/srv/gateway.yaml", environment);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.message
        .split("\n")
        .slice(1)
        .map((line) => line.trim());
    throw error;
  }
  return [];
}

describe("parseConfig", () => {
  test("fills in the defaults and resolves paths from the file's folder", () => {
    const config = parseConfig(good, "/srv/gateway.yaml");
    expect(config.dataDir).toBe("/srv/data");
    expect(config.masterKeyFile).toBe("/srv/keys/master.key");
    expect(config.delivery.retryScheduleSeconds).toEqual([300, 900, 3600, 14_400, 43_200]);
    expect(config.streams[0]).toMatchObject({
      class: "marketing",
      rules: ["jp"],
      onViolation: "refuse",
    });
  });

  test.each([
    ["smtp: { prot: 1 }", "smtp.prot: is not a known key"],
    ["http: { port: 70000 }", "http.port: must be <= 65535 (found 70000)"],
    ["http: { port: eighty }", 'http.port: must be an integer (found "eighty")'],
    [
      "smtp: { timeouts: { command: 5 minutes } }",
      'smtp.timeouts.command: has not the form expected (found "5 minutes"). Write a duration',
    ],
    [
      "delivery: { tls: { default: plain } }",
      'delivery.tls.default: is not one of the values allowed (found "plain"). Use encrypt, verify.',
    ],
    ["delivery: { routes: [{ domain: '*', via: 'smtp://' }] }", "delivery.routes[0].via: "],
    [
      "smtp: { listeners: [{ port: 2525, tls: optional, auth: none, stream: newsletter }] }",
      "smtp.listeners[0].allow: is empty although auth is none: this would be an open relay",
    ],
    [
      "smtp: { listeners: [{ port: 2525, tls: optional, auth: none, allow: ['0.0.0.0/0'], stream: newsletter }] }",
      "smtp.listeners[0].allow: lets everybody in",
    ],
    [
      "smtp: { listeners: [{ port: 2525, tls: optional, auth: required }] }",
      "smtp.listeners[0].tls: would let passwords pass in clear text",
    ],
    [
      "smtp: { listeners: [{ port: 2525, tls: optional, auth: none, allow: ['127.0.0.0/8'], stream: other }] }",
      "smtp.listeners[0].stream: must name the stream",
    ],
    ["smtp: { tls: { cert_file: a.pem } }", "smtp.tls: has only one of cert_file and key_file"],
  ])("%s → %s", (addition, expected) => {
    const problems = problemsOf(good + addition);
    expect(
      problems.some((problem) => problem.startsWith(expected)),
      problems.join("\n"),
    ).toBe(true);
  });

  test("names every problem, not only the first", () => {
    expect(problemsOf("version: 2\nhostnam: x\nhttp: { port: -1 }")).toHaveLength(3);
  });

  test("refuses a stream of an unknown sender and a pack that does not exist", () => {
    const problems = problemsOf(
      good.replace("sender: sample, topic: news", "sender: nobody, topic: news"),
    );
    expect(problems[0]).toBe(
      'streams[0].sender: names no sender (found "nobody"). Use one of: sample.',
    );
    expect(problemsOf(good.replace("topic: news", "topic: news, rules: [us]"))[0]).toContain(
      "streams[0].rules[0]: names no rule pack",
    );
  });

  test("takes values from the environment, and refuses variables that name no key", () => {
    const config = parseConfig(good, "/srv/gateway.yaml", {
      SEKISHO_HTTP_PORT: "9000",
      SEKISHO_DNS_SERVERS: "[127.0.0.1:53]",
    });
    expect(config.http.port).toBe(9000);
    expect(config.dns.servers).toEqual(["127.0.0.1:53"]);
    expect(problemsOf(good, { SEKISHO_HTTP_PROT: "1" })[0]).toContain(
      "SEKISHO_HTTP_PROT: is an environment variable that names no key",
    );
  });

  test("says where the YAML is broken", () => {
    expect(problemsOf("version: 1\nhttp: {")[0]).toMatch(/^line 2: /);
  });
});
