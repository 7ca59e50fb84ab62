import { describe, expect, test } from "vitest";

import type { Config } from "./config.ts";
import { parseConfig } from "./load.ts";
import { differences, planReload, reloadableKeys } from "./reload-plan.ts";
import { gatewaySchema } from "./schema/gateway.ts";

const base = `
version: 1
hostname: gw.example.jp
smtp: { listeners: [{ port: 2587 }], tls: { cert_file: a.pem, key_file: a.key } }
senders:
  - id: sample
    legal: { names: [サンプル], addresses: [東京都], contacts: ["03-0000-0000"], opt_out_hosts: [u.example.jp] }
    domains: [example.jp]
streams:
  - { id: news, sender: sample, class: marketing, topic: news, rules: [jp] }
`;

function config(text: string): Config {
  return parseConfig(text, "/etc/sekisho/gateway.yaml");
}

function plan(edit: (text: string) => string): ReturnType<typeof planReload> {
  return planReload(config(base), config(edit(base)));
}

describe("a reload", () => {
  test("changes nothing where nothing was changed", () => {
    expect(plan((text) => text)).toMatchObject({ kind: "ok", changed: [], waiting: [] });
  });

  test("takes up senders, streams and listeners, named by their ids and keys", () => {
    const found = plan((text) =>
      text
        .replace("topic: news", "topic: offers")
        .replace("port: 2587", "port: 2588")
        .replace("tls: { cert_file: a.pem, key_file: a.key }", "bare_lf: normalise")
        .concat("  - { id: more, sender: sample, class: transactional, topic: x, rules: [] }\n"),
    );
    if (found.kind === "bad") throw new Error("bad");
    expect(found.changed).toEqual([
      "smtp.bare_lf",
      "smtp.listeners",
      "smtp.tls.cert_file",
      "smtp.tls.key_file",
      "streams[more]",
      "streams[news].topic",
    ]);
    expect(found.waiting).toEqual([]);
    expect(found.config.streams.map(({ topic }) => topic)).toEqual(["offers", "x"]);
    expect(found.config.smtp.tls).toBeUndefined();
  });

  test("leaves to a restart what cannot change under way, and says so", () => {
    const found = plan((text) =>
      text
        .replace("hostname: gw.example.jp", "hostname: other.example.jp\ndata_dir: ./elsewhere")
        .replace("topic: news", "topic: offers"),
    );
    if (found.kind === "bad") throw new Error("bad");
    expect(found.changed).toEqual(["streams[news].topic"]);
    expect(found.waiting).toEqual(["data_dir", "hostname"]);
    expect(found.config.hostname).toBe("gw.example.jp");
    expect(found.config.dataDir).toBe("/etc/sekisho/data");
  });

  test("is refused where the new part needs what waits for a restart", () => {
    const found = plan((text) =>
      text
        .replace("rules: [jp]", "rules: [jp], list_unsubscribe: replace")
        .concat('http: { public_url: "https://gw.example.jp" }\n'),
    );
    expect(found).toMatchObject({
      kind: "bad",
      problems: [{ path: "streams[0].list_unsubscribe" }],
    });
    expect(JSON.stringify(found)).toContain("waiting for a restart: http.public_url");
  });

  test("names only keys that there are", () => {
    for (const key of reloadableKeys) {
      let node = gatewaySchema as { properties?: Record<string, object> };
      for (const step of key.split(".")) {
        expect(Object.keys(node.properties ?? {}), key).toContain(step);
        node = node.properties?.[step] as typeof node;
      }
    }
  });
});

test("lists without ids differ as a whole", () => {
  expect(differences({ a: [1, 2] }, { a: [1, 3] }, "")).toEqual(["a"]);
  expect(differences({ a: [] }, { a: [{ id: "x" }] }, "")).toEqual(["a[x]"]);
  expect(differences({ a: { b: 1 } }, {}, "")).toEqual(["a"]);
});
