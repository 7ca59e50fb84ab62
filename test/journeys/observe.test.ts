// Shadow mode end to end: a stream or a single rule judges, counts and logs, and the mail goes out all the same.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { startReceiver, type Receiver } from "../../src/demo/receiver.ts";
import { selfSignedCertificate } from "../../src/smtp/certificate.ts";
import { runHere } from "../support/command-here.ts";
import { startGatewayHere, type GatewayHere } from "../support/gateway-here.ts";
import { composeMail } from "../support/judged-mail.ts";

const folder = mkdtempSync(join(tmpdir(), "sekisho-observe-"));
let receiver: Receiver;
let place: GatewayHere;

beforeAll(async () => {
  receiver = await startReceiver(await selfSignedCertificate(folder, "receiver.example.com"));
  place = await startGatewayHere(
    `delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${receiver.port}" }] }`,
    {
      streams: [
        "{ id: shadow, sender: sample, class: marketing, topic: news, rules: [jp], on_violation: observe }",
        "{ id: trial, sender: sample, class: marketing, topic: news, rules: [jp], observe: [jp/contact] }",
      ],
    },
  );
  for (const name of ["one", "two", "three"]) {
    const email = `${name}@example.com`;
    const added = await runHere(place.configFile, "consent", "add", "--email", email, "--sender", "sample", "--topic", "news", "--basis", "consent", "--method", "web-form", "--source", "https://www.example.jp/signup"); // prettier-ignore
    expect(added.code, added.stderr).toBe(0);
  }
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const footer =
  "株式会社サンプル商事\n東京都架空区見本町1-2-3\n配信停止はこちら\nhttps://u.example.jp/s/1\n";
const complete = `${footer}お問い合わせ：support@example.jp\n`;

async function send(stream: string, to: string, text: string): Promise<string> {
  const client = await place.clientFor(stream);
  const raw = composeMail({ to, subject: "お知らせ", text });
  const reply = await client.send({ from: "news@example.jp", to, raw });
  await client.close();
  return reply;
}

async function observed(): Promise<readonly { readonly stream: string; readonly rule: string }[]> {
  const found = await runHere(place.configFile, "log", "search", "--type", "Observed", "--json");
  expect(found.code, found.stderr).toBe(0);
  return found.json().map((event) => ({
    stream: String(event["stream"]),
    rule: String((event["detail"] as { readonly rule?: string }).rule),
  }));
}

async function counted(): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`http://127.0.0.1:${place.gateway.httpPort}/metrics`)).text();
  const lines = text.matchAll(/^sekisho_observed_total\{rule="([^"]+)"\} (\d+)$/gm);
  return Object.fromEntries(
    Array.from(lines, ([, rule, count]): [string, number] => [rule ?? "", Number(count)]),
  );
}

test("a stream in shadow lets everything go, and tells by rule what it would have refused", async () => {
  expect(await send("shadow", "one@example.com", "こんにちは。\n")).toMatch(
    /^250 2\.0\.0 accepted/,
  );
  const rules = ["jp/address", "jp/contact", "jp/name", "jp/opt-out-address", "jp/opt-out-notice"];
  const events = await observed();
  expect(events.map(({ rule }) => rule).toSorted()).toEqual(rules);
  expect(new Set(events.map(({ stream }) => stream))).toEqual(new Set(["shadow"]));
  expect(await counted()).toEqual(Object.fromEntries(rules.map((rule) => [rule, 1])));
  while (!receiver.mails.some((mail) => mail.to === "one@example.com")) await receiver.changed();
});

test("a single rule in shadow lets its own failure go and no other", async () => {
  expect(await send("trial", "two@example.com", footer)).toMatch(/^250 /);
  expect((await observed()).filter(({ stream }) => stream === "trial")).toEqual([
    { stream: "trial", rule: "jp/contact" },
  ]);
  expect((await counted())["jp/contact"]).toBe(2);
  expect(await send("trial", "two@example.com", footer.replace("商事", "商会"))).toMatch(
    /^550 5\.7\.1 sender-name-missing: .*the registered name is not in the visible text\); see|^550 5\.7\.1 sender-name-missing: .*the registered name is not in the visible text\)$/,
  );
});

test("a mail in order is not observed", async () => {
  const before = await counted();
  expect(await send("shadow", "three@example.com", complete)).toMatch(/^250 /);
  expect(await counted()).toEqual(before);
});
