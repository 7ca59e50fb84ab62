// Each login may use its own sender's domains and nobody else's, in the envelope and in the header.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { dial, type RawClient } from "../support/raw-client.ts";
import {
  domain,
  makeSender,
  makeStream,
  plainToken,
  startSmtpGateway,
  type SmtpGateway,
} from "../support/smtp-gateway.ts";
import { createMemoryStores } from "../support/memory-stores.ts";

const tenants = {
  a: { own: "a.example", stream: "stream-a" },
  b: { own: "b.example", stream: "stream-b" },
} as const;
type Tenant = keyof typeof tenants;

let gateway: SmtpGateway;
const secrets = new Map<Tenant, string>();

beforeAll(async () => {
  const stores = createMemoryStores();
  const streams = (["a", "b"] as const).map((id) => {
    const { own, stream } = tenants[id];
    return makeStream({ id: stream, sender: makeSender({ id, domains: [domain(own)] }) });
  });
  gateway = await startSmtpGateway({
    stores,
    listener: { tls: "starttls", auth: "required", allow: [] },
    intake: { streams: [makeStream(), ...streams] },
  });
  for (const id of ["a", "b"] as const)
    secrets.set(id, await stores.addCredential(`tool-${id}`, tenants[id].stream));
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function login(tenant: Tenant): Promise<RawClient> {
  const plain = await dial(gateway.port);
  await plain.command("EHLO tool.example");
  const client = await plain.startTls();
  await client.command("EHLO tool.example");
  const token = plainToken(`tool-${tenant}`, secrets.get(tenant) ?? "");
  expect(await client.command(`AUTH PLAIN ${token}`)).toMatch(/^235 /);
  return client;
}

/** The last reply: to MAIL where that is refused, else to the end of DATA. */
async function send(tenant: Tenant, mailFrom: string, header: readonly string[]): Promise<string> {
  const client = await login(tenant);
  try {
    const begun = await client.command(`MAIL FROM:<${mailFrom}>`);
    if (!begun.startsWith("250")) return begun;
    expect(await client.command("RCPT TO:<taro@example.net>")).toMatch(/^250/);
    expect(await client.command("DATA")).toMatch(/^354/);
    return await client.command([...header, "Subject: x", "", "text", "."].join("\r\n"));
  } finally {
    client.end();
  }
}

const others = { a: "b", b: "a" } as const;
const notPermitted = /^550 5\.7\.1 sender-not-permitted/;

describe.each(["a", "b"] as const)("row 20: login %s", (tenant) => {
  const { own } = tenants[tenant];
  const other = tenants[others[tenant]].own;
  const from = `From: <news@${own}>`;

  test("may use its own domain, and its key is chosen by it", async () => {
    expect(await send(tenant, `b@${own}`, [from, `Sender: <desk@${own}>`])).toMatch(/^250 2\.0\.0/);
    expect(gateway.stores.stored.at(-1)?.message.fromDomain).toBe(own);
  });

  test.each<[string, string, readonly string[], RegExp]>([
    ["the other's MAIL FROM", `b@${other}`, [from], notPermitted],
    ["a subdomain in MAIL FROM", `b@x.${own}`, [from], notPermitted],
    ["the other's From", `b@${own}`, [`From: <news@${other}>`], notPermitted],
    ["a subdomain in From", `b@${own}`, [`From: <news@x.${own}>`], notPermitted],
    ["a domain that ends alike", `b@${own}`, [`From: <news@not${own}>`], notPermitted],
    ["the other's Sender", `b@${own}`, [from, `Sender: <news@${other}>`], notPermitted],
    ["two From addresses", `b@${own}`, [`From: <a@${own}>, <b@${other}>`], notPermitted],
    ["two From addresses of its own", `b@${own}`, [`From: <a@${own}>, <b@${own}>`], notPermitted],
    ["two From fields", `b@${own}`, [from, `From: <news@${other}>`], notPermitted],
    [
      "a From with white space before the colon",
      `b@${own}`,
      [`From : <a@${other}>`],
      /^550 5\.6\.0/,
    ],
    ["no From", `b@${own}`, [`To: <taro@example.net>`], /^550 5\.6\.0/],
    [
      "an own name around the other's address",
      `b@${own}`,
      [`From: "a@${own}" <b@${other}>`],
      notPermitted,
    ],
    ["the other's address in a group", `b@${own}`, [`From: g: <b@${other}>;`], notPermitted],
  ])("may not use %s", async (_what, mailFrom, header, reply) => {
    const before = gateway.stores.stored.length;
    expect(await send(tenant, mailFrom, header)).toMatch(reply);
    expect(gateway.stores.stored.length).toBe(before);
  });
});
