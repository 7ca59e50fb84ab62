// Examples: keys, DNS, credentials, senders, streams, the kill switch, health.
import { later, made, page, reason, type ExampleTable } from "./example.ts";

// The example of RFC 8410 §10.3: known to everybody, and nobody's.
const exampleKey =
  "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
const value = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const key = {
  domain: "example.jp",
  selector: "s20261125e",
  algorithm: "ed25519",
  bits: 256,
  state: "pending",
  since: made,
  createdAt: made,
  record: { name: "s20261125e._domainkey.example.jp", type: "TXT", value, strings: [value] },
};
const credential = {
  username: "newsletter-k7m2x9qa",
  name: "MA tool",
  stream: "newsletter",
  createdAt: made,
  lastUsedAt: later,
  ranges: ["192.0.2.0/24"],
};
const secret = {
  username: credential.username,
  password: "Zm9yLWV4YW1wbGUtb25seQ",
  stream: credential.stream,
  name: credential.name,
};
const sender = {
  id: "sample",
  legal: {
    names: ["株式会社サンプル商事"],
    addresses: ["〒999-9999 東京都架空区見本町1-2-3"],
    contacts: ["03-0000-0000", "support@example.jp"],
    optOutHosts: ["u.example.jp"],
  },
  domains: ["example.jp"],
  strictOptIn: false,
  approvals: ["campaign", "release"],
};
const stream = {
  id: "newsletter",
  sender: "sample",
  class: "marketing",
  topic: "news",
  rules: ["jp"],
  onViolation: "refuse",
  observe: [],
  disabled: [],
  listUnsubscribe: "add",
  placeholder: false,
};
const freeze = {
  scope: "stream:newsletter",
  reason: "wrong list",
  actor: "user:k7m2x9qa4p",
  at: made,
};
const pause = { ...freeze, scope: "destination:example.com", reason: "asked us to slow down" };

export const setupExamples: ExampleTable = {
  "GET /v1/keys": { answers: { 200: page(key) } },
  "POST /v1/keys": { body: { domain: key.domain, algorithm: "ed25519" }, answers: { 201: key } },
  "GET /v1/keys/{domain}/{selector}": { answers: { 200: key } },
  "POST /v1/keys/{domain}/rotate": {
    body: { algorithm: "ed25519", reason: "yearly rotation" },
    answers: { 200: key },
  },
  "POST /v1/keys/import": {
    body: {
      domain: key.domain,
      selector: "s2025",
      privateKey: exampleKey,
    },
    answers: { 201: { ...key, selector: "s2025" } },
  },
  "POST /v1/keys/{domain}/{selector}/publish": {
    body: reason,
    answers: { 200: { ...key, state: "published", since: later } },
  },
  "POST /v1/keys/{domain}/{selector}/activate": {
    body: reason,
    answers: { 200: { ...key, state: "active", since: later } },
  },
  "POST /v1/keys/{domain}/{selector}/retire": {
    body: reason,
    answers: {
      200: {
        ...key,
        state: "retiring",
        since: later,
        warning: "mail from example.jp waits until another RSA key is active",
      },
    },
  },
  "GET /v1/dns": {
    answers: {
      200: {
        at: made,
        ...page({
          sender: "sample",
          domain: "example.jp",
          check: "spf",
          outcome: "fail",
          problem: "spf-missing",
          found: "no TXT record that begins with v=spf1",
          expected: "one record that names this gateway",
          remedy: "Publish: v=spf1 ip4:192.0.2.25 -all",
        }),
      },
    },
  },
  "GET /v1/dns/{sender}/checklist": {
    answers: {
      200: {
        sender: "sample",
        ready: false,
        items: [
          { item: "spf", title: "SPF names this gateway", outcome: "fail", detail: "no record" },
        ],
      },
    },
  },
  "GET /v1/credentials": { answers: { 200: page(credential) } },
  "POST /v1/credentials": {
    body: { stream: "newsletter", name: "MA tool", ranges: ["192.0.2.0/24"] },
    answers: { 201: secret },
  },
  "GET /v1/credentials/{username}": { answers: { 200: credential } },
  "POST /v1/credentials/{username}/rotate": {
    body: { overlapSeconds: 86_400, reason: "yearly rotation" },
    answers: { 200: secret },
  },
  "POST /v1/credentials/{username}/revoke": {
    body: reason,
    answers: { 200: { ...credential, revokedAt: later } },
  },
  "GET /v1/senders": { answers: { 200: page(sender) } },
  "GET /v1/senders/{id}": { answers: { 200: sender } },
  "GET /v1/streams": { answers: { 200: page(stream) } },
  "GET /v1/streams/{id}": { answers: { 200: stream } },
  "GET /v1/freezes": { answers: { 200: page(freeze) } },
  "POST /v1/freezes": {
    body: { scope: freeze.scope, reason: freeze.reason },
    answers: { 201: freeze },
  },
  "DELETE /v1/freezes": { answers: { 200: { scope: freeze.scope, lifted: true } } },
  "GET /v1/freezes/{scope}": { answers: { 200: freeze } },
  "GET /v1/pauses": { answers: { 200: page(pause) } },
  "POST /v1/pauses": {
    body: { scope: pause.scope, reason: pause.reason },
    answers: { 201: pause },
  },
  "DELETE /v1/pauses": { answers: { 200: { scope: pause.scope, resumed: true } } },
  "GET /v1/pauses/{scope}": { answers: { 200: pause } },
  "GET /healthz": { answers: { 200: { alive: true } } },
  "GET /readyz": {
    answers: {
      200: { ready: true, checks: [{ name: "storage", ok: true }] },
      503: {
        ready: false,
        checks: [{ name: "storage", ok: false, detail: "the disk takes no more data" }],
      },
    },
  },
};
