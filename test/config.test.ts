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
      "delivery: { pace: [{ stream: newsletter, sender: sample, rate: ['10/s'] }] }",
      "delivery.pace[0]: names not exactly one of sender, stream and from",
    ],
    [
      "delivery: { pace: [{ from: example.jp, rate: ['10 a second'] }] }",
      'delivery.pace[0].rate[0]: is no rate (found "10 a second")',
    ],
    [
      "dns: { validating: ['192.0.2.53:53'] }",
      'dns.validating[0]: is not on this machine (found "192.0.2.53:53")',
    ],
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
    ["http: { tls: { key_file: a.pem } }", "http.tls: has only one of cert_file and key_file"],
    ['http: { public_url: "https://gw.example.jp/?a=b" }', "http.public_url: is no URL"],
    [
      "feedback: { mailboxes: [{ address: nobody }] }",
      'feedback.mailboxes[0].address: is not of the form local@domain (found "nobody")',
    ],
    [
      "feedback: { mailboxes: [{ address: r@gw.example.jp, sender: other }] }",
      'feedback.mailboxes[0].sender: names no sender (found "other"). Use one of: sample.',
    ],
    [
      "feedback: { domain: gw }\nsmtp: { listeners: [{ port: 25, role: feedback }] }",
      "feedback.domain: ",
    ],
    [
      "dns: { servers: ['192.0.2.53', '[::1]:53', 'ns.example.jp:53'] }",
      'dns.servers[2]: is no address of a name server (found "ns.example.jp:53"). Write an IP address',
    ],
    ["dns: { servers: ['127.0.0.1:99999'] }", "dns.servers[0]: is no address of a name server"],
    [
      "dns: { source_addresses: ['192.0.2.0/24'] }",
      'dns.source_addresses[0]: is no IP address (found "192.0.2.0/24")',
    ],
    [
      "people: { roles: [{ id: administrator, scopes: ['keys:read'] }] }",
      'people.roles[0].id: is a role already (found "administrator")',
    ],
    [
      "people: { roles: [{ id: helper, scopes: ['*'] }, { id: helper }] }",
      'people.roles[1].id: is a role already (found "helper")',
    ],
    [
      "people: { roles: [{ id: helper, scopes: ['keys:read', 'bogus:read'] }] }",
      'people.roles[0].scopes[1]: is no scope (found "bogus:read"). Use * or noun:read|write with one of',
    ],
    [
      "people: { roles: [{ id: helper }], oidc: { issuer: 'https://id.example.jp', client_id: a, roles: { staff: [helper, auditors] } } }",
      'people.oidc.roles.staff[1]: names no role (found "auditors"). Use one of: administrator,',
    ],
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

  test.each(["list_unsubscribe: replace", "list_unsubscribe: add", "placeholder: true"])(
    "%s needs an address for opt-out links",
    (key) => {
      const text = good.replace("topic: news", `topic: news, ${key}`);
      expect(problemsOf(text)[0]).toContain(`streams[0].${key.split(":")[0] ?? ""}: needs opt-out`);
      expect(problemsOf(`${text}http: { public_url: "https://gw.example.jp" }`)).toEqual([]);
    },
  );

  test("changes return paths only where a listener takes what comes back", () => {
    const feedback = parseConfig(good, "/srv/gateway.yaml").feedback;
    expect(feedback.domain).toBeUndefined();
    const listening = parseConfig(
      `${good.replace("domains:", "bounce_domain: bounce.example.jp\n    domains:")}smtp: { listeners: [{ port: 25, role: feedback }] }`,
      "/srv/gateway.yaml",
    ).feedback;
    expect(listening).toMatchObject({
      domain: "gw.example.jp",
      bounceDomains: { sample: "bounce.example.jp" },
    });
  });

  test("takes values from the environment, and refuses variables that name no key", () => {
    const config = parseConfig(good, "/srv/gateway.yaml", {
      SEKISHO_HTTP_PORT: "9000",
      SEKISHO_DNS_SERVERS: "[127.0.0.1:53]",
      SEKISHO_CONFIG: "/etc/sekisho/gateway.yaml", // where this file was found
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

test("a star without quotes is a problem with a remedy, not a fault of the program", () => {
  const text =
    "version: 1\nhostname: gw.example.jp\ndelivery: { routes: [{ domain: *, via: mx }] }\n";
  const star = "version: 1\nhostname: *gw\n";
  for (const each of [text, star])
    expect(() => parseConfig(each, "/etc/sekisho/gateway.yaml")).toThrow(ConfigError);
  expect(() => parseConfig(star, "/etc/sekisho/gateway.yaml")).toThrow(/Quote a value/);
});
