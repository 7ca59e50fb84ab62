import { describe, expect, test } from "vitest";

import { ConfigError } from "../src/config/config-error.ts";
import { loadConfig, parseConfig } from "../src/config/load.ts";
import { ruleNames } from "../src/config/rule-names.ts";
import { generalPacks, namedPacks } from "../src/policy/packs/packs.ts";

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
    ['names: [x, "　"]', 'legal.names[1]: is blank (found "　")'],
    ['addresses: [" "]', "legal.addresses[0]: is blank"],
    [
      "contacts: [hello]",
      'legal.contacts[0]: is no phone number, mail address or URL (found "hello")',
    ],
    ['contacts: ["電話 03-0000-0000"]', "legal.contacts[0]: is no phone number"],
    ['contacts: ["support＠example.jp"]', "legal.contacts[0]: is no phone number"],
    ['contacts: ["http://"]', "legal.contacts[0]: is no phone number"],
    ['contacts: [" support@example.jp"]', "legal.contacts[0]: is no phone number"],
  ])("what no message can show of a sender is refused: %s", (legal, problem) => {
    const before = good.replace(
      'names: ["株式会社サンプル商事"]',
      /names/.test(legal) ? legal : `names: [x], ${legal}`,
    );
    expect(problemsOf(before)).toEqual([expect.stringContaining(problem)]);
  });

  test("a phone number may be written as an input method writes it", () => {
    const contacts =
      '"０３－００００－００００", "+81 3 0000 0000", "(+81)3-0000-0000", "03ー0000ー0000", "0120(000)000"';
    expect(problemsOf(good.replace("] }", `], contacts: [${contacts}] }`))).toEqual([]);
  });

  test("zero is a duration where it has a meaning", () => {
    const config = parseConfig(
      `${good}
delivery: { retry: { schedule: [0.5s], delay_notice: 0s } }
pages: { wait: 0s, max_age: 0s, max_stale: 0s }
dkim: { retire_after: 0d }`,
      "/srv/gateway.yaml",
    );
    expect(config.delivery.retryScheduleSeconds).toEqual([0.5]);
    expect(config.pages.waitMs).toBe(0);
  });

  test.each(["", " \n\n", "# all of it was commented out\n", "---\n"])(
    "a file without a setting (%j) is no configuration: a full disk leaves such a one",
    (text) => {
      expect(problemsOf(text)).toEqual([expect.stringContaining("is empty") as string]);
    },
  );

  test.each([
    ["smtp: { prot: 1 }", "smtp.prot: is not a known key"],
    ["http: { port: 70000 }", "http.port: must be <= 65535 (found 70000)"],
    ["http: { port: eighty }", 'http.port: must be an integer (found "eighty")'],
    [
      "smtp: { timeouts: { command: 5 minutes } }",
      'smtp.timeouts.command: has not the form expected (found "5 minutes"). Write a duration',
    ],
    [
      "smtp: { timeouts: { command: 0s } }",
      'smtp.timeouts.command: has not the form expected (found "0s"). Write a duration above zero',
    ],
    ["delivery: { retry: { schedule: [5m, 0.0h] } }", "delivery.retry.schedule[1]: has not the"],
    ["people: { session: { idle: 0m } }", "people.session.idle: has not the form expected"],
    ["dkim: { rotate_every: 0d }", "dkim.rotate_every: has not the form expected"],
    [
      "smtp: { listeners: [{ host: '*', port: 25 }] }",
      'smtp.listeners[0].host: is no address to listen on (found "*"). Write an IP address of this machine',
    ],
    ["smtp: { listeners: [{ host: '[::1]', port: 25 }] }", "smtp.listeners[0].host: is no address"],
    ["http: { host: '127.0.0.1:8080' }", "http.host: is no address to listen on"],
    [
      "feedback: { domain: 20 }",
      "feedback.domain: must be a string (found 20). Put it in quotation marks",
    ],
    ["dkim:", "dkim: must be an object (found null). Write one, or take the key out."],
    [
      "delivery: { routes: [{ domain: '*', via: '127.0.0.1:25' }] }",
      'delivery.routes[0].via: is no route (found "127.0.0.1:25"). Use mx or smtp://host:port.',
    ],
    [
      "storage: { url: sekisho.db }",
      'storage.url: has not the form expected (found "sekisho.db"). Write sqlite: and a file',
    ],
    ["---\nhttp: { port: 1 }", "line 10: begins a second document (---). Keep all settings in one"],
    [
      "people: { banner: *all }",
      'Unresolved alias (the anchor must be set before the alias): all. Quote a value that begins with *, as in "*"; an alias needs its anchor',
    ],
    [
      "delivery: { tls: { default: plain } }",
      'delivery.tls.default: is not one of the values allowed (found "plain"). Use encrypt, verify.',
    ],
    ["delivery: { routes: [{ domain: '*', via: 'smtp://' }] }", "delivery.routes[0].via: "],
    [
      "delivery: { routes: [{ domain: '*example.jp', via: mx }] }",
      'delivery.routes[0].domain: matches no recipient\'s domain (found "*example.jp"). Write a domain such as example.jp',
    ],
    [
      "delivery: { tls: { domains: [{ domain: '.example.jp', policy: verify }] } }",
      "delivery.tls.domains[0].domain: matches no recipient's domain",
    ],
    [
      "delivery: { retry: { destinations: [{ domain: taro@example.jp, max_age: 1d }] } }",
      "delivery.retry.destinations[0].domain: matches no recipient's domain",
    ],
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
    [
      "smtp: { listeners: [{ port: 2525, tls: optional, auth: none, allow: ['0.0.0.0/1', '128.0.0.0/1'], stream: newsletter }] }",
      "smtp.listeners[0].allow: lets everybody in",
    ],
    [
      "smtp: { listeners: [{ port: 2525 }, { port: 0 }, { port: 0 }, { host: 0.0.0.0, port: 2525, tls: implicit }] }",
      "smtp.listeners[3].port: is taken by smtp.listeners[0] at 0.0.0.0 (found 2525). Give each its own",
    ],
    [
      "smtp: { listeners: [{ host: 127.0.0.1, port: 8080 }] }",
      "http.port: is taken by smtp.listeners[0] at 127.0.0.1 (found 8080)",
    ],
    [
      "smtp: { max_message_bytes: 2000000, max_bytes_in_flight: 1048576 }",
      "smtp.max_message_bytes: is more than smtp.max_bytes_in_flight (1048576)",
    ],
    [
      "delivery: { routes: [{ domain: '*', via: 'smtp://relay.example.jp:99999' }] }",
      'delivery.routes[0].via: has no port that can be dialled (found "smtp://relay.example.jp:99999")',
    ],
    [
      "delivery: { routes: [{ domain: '*', via: 'smtp://relay.example.jp:0' }] }",
      "delivery.routes[0].via: has no port that can be dialled",
    ],
    [
      "delivery: { pace: [{ stream: other, rate: ['1/s'] }] }",
      'delivery.pace[0].stream: names no stream (found "other"). Use one of: newsletter.',
    ],
    [
      "delivery: { pace: [{ sender: other, rate: ['1/s'] }] }",
      'delivery.pace[0].sender: names no sender (found "other"). Use one of: sample.',
    ],
    [
      "delivery: { pace: [{ from: example.com, rate: ['1/s'] }] }",
      'delivery.pace[0].from: is no From domain of a sender (found "example.com"). Use one of: example.jp.',
    ],
    [
      "delivery: { pace: [{ from: Example.JP, warm_up: 2026-02-30 }] }",
      'delivery.pace[0].warm_up: is no day of the calendar (found "2026-02-30")',
    ],
    [
      "delivery: { tls: { report_from: foo } }",
      'delivery.tls.report_from: is not of the form local@domain (found "foo"). Write an address at one of: example.jp.',
    ],
    [
      "delivery: { tls: { report_from: tls@example.com } }",
      "delivery.tls.report_from: is at no From domain of a sender",
    ],
    ["dns: { validating: ['127.0.0.1:99999'] }", "dns.validating[0]: is not on this machine"],
    ["dns: { validating: ['127.999.0.1'] }", "dns.validating[0]: is not on this machine"],
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

  test.each(["observe", "disable"])("%s names rules or packs that there are", (key) => {
    const text = (names: string): string =>
      good.replace("topic: news", `topic: news, ${key}: [${names}]`);
    const found = problemsOf(text("jp/contact, human, jp/nope"));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(
      `streams[0].${key}[2]: names no rule (found "jp/nope"). Use one of: mime, mime/readable,`,
    );
    const every = [...generalPacks, ...namedPacks].flatMap((pack) => [
      pack.name,
      ...pack.rules.map(({ name }) => name),
    ]);
    expect(problemsOf(text(every.join(", ")))).toEqual([]);
    expect(ruleNames).toEqual(every);
  });

  test.each(["gw example", "gw.example.jp\\r\\nX: y", "gw.日本.jp"])(
    "%s is no host name",
    (name) => {
      expect(problemsOf(good.replace("gw.example.jp", `"${name}"`))[0]).toContain(
        "hostname: is no host name",
      );
    },
  );

  test.each([
    "hostname: relay_1.local",
    "hostname: '[192.0.2.1]'",
    "hostname: gw",
    "smtp: { listeners: [{ host: 192.0.2.1, port: 25 }, { host: 192.0.2.2, port: 25 }, { host: '::1', port: 25 }] }",
    "smtp: { listeners: [{ port: 0 }, { port: 0 }] }\nhttp: { host: 0.0.0.0, port: 0 }",
    "smtp: { max_message_bytes: 1048576, max_bytes_in_flight: 1048576 }",
    "delivery: { routes: [{ domain: '*', via: 'smtp://mail_relay' }, { domain: a.jp, via: 'smtp://[::1]:65535' }] }",
    "delivery: { pace: [{ from: Example.JP, warm_up: 2028-02-29 }] }",
    "delivery: { tls: { report_from: tls@example.jp } }",
    "dns: { validating: ['127.0.0.53', '[::1]:53', '::1'] }",
  ])("takes %s", (addition) => {
    const base = addition.startsWith("hostname") ? good.replace(/hostname:.*\n/, "") : good;
    expect(problemsOf(base + addition)).toEqual([]);
  });

  test("patterns of recipients' domains stand as those domains do: in lower case, as A-labels", () => {
    const { delivery } = parseConfig(
      `${good}delivery:
  routes: [{ domain: 日本語.jp, via: mx }, { domain: "*.Example.JP.", via: mx }, { domain: "*.jp", via: mx }, { domain: "*", via: mx }]
  tls: { domains: [{ domain: "*.日本語.jp", policy: verify }] }
  retry: { destinations: [{ domain: 日本語.jp, max_age: 1d }] }
`,
      "/srv/gateway.yaml",
    );
    expect(delivery.routes.map(({ domain }) => domain)).toEqual([
      "xn--wgv71a119e.jp",
      "*.example.jp",
      "*.jp",
      "*",
    ]);
    expect(delivery.tlsDomains).toEqual([{ domain: "*.xn--wgv71a119e.jp", policy: "verify" }]);
    expect(delivery.retryDestinations[0]?.domain).toBe("xn--wgv71a119e.jp");
  });

  test.runIf(process.platform === "linux")("one address has no port beside all addresses", () => {
    const two = (first: string, second: string): readonly string[] =>
      problemsOf(
        `${good}smtp: { listeners: [{ host: "${first}", port: 25 }, { host: "${second}", port: 25 }] }`,
      );
    expect(two("127.0.0.1", "0.0.0.0")[0]).toContain("smtp.listeners[1].port: is taken by");
    expect(two("::", "127.0.0.1")).toHaveLength(1);
    expect(two("0.0.0.0", "::1")).toEqual([]);
  });

  test("a look-up or page may take weeks: a longer time limit is the longest that a timer counts", () => {
    const text = `${good}dns: { timeout: 60d, check_every: 60d }\npages: { timeout: 30d, wait: 5s }`;
    const { dns, pages } = parseConfig(text, "/srv/gateway.yaml");
    expect([dns.timeoutMs, dns.checkEveryMs]).toEqual([2 ** 31 - 1, 60 * 86_400_000]);
    expect([pages.timeoutMs, pages.waitMs]).toEqual([2 ** 31 - 1, 5000]);
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

test("a file that is not there is told apart from one that cannot be read, which must not be written anew", () => {
  expect(() => loadConfig("/nowhere/gateway.yaml")).toThrow(/does not exist\..*sekisho init/);
  expect(() => loadConfig("/")).toThrow(/cannot be read \(EISDIR\)\. Let the user who runs this/);
});
