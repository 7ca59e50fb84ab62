// An operator pauses and resumes from the command line beside a running gateway, and asks the log how mail was encrypted.
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Client } from "../../src/demo/client.ts";
import { runHere } from "../support/command-here.ts";
import { startFakeMx, type FakeMx } from "../support/fake-mx.ts";
import { startGatewayHere, type GatewayHere } from "../support/gateway-here.ts";
import { composeMail } from "../support/judged-mail.ts";

let mx: FakeMx;
let place: GatewayHere;
let client: Client;

beforeAll(async () => {
  mx = await startFakeMx();
  place = await startGatewayHere(
    `delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${mx.port}" }] }`,
    {
      streams: [
        "{ id: receipts, sender: sample, class: transactional, topic: receipts, rules: [jp], on_violation: observe }",
      ],
    },
  );
  client = await place.clientFor("receipts");
});

afterAll(async () => {
  await client.close();
  await place[Symbol.asyncDispose]();
  await mx[Symbol.asyncDispose]();
});

function send(to: string): Promise<string> {
  const raw = composeMail({ to, subject: "ご注文の確認", text: "ありがとうございます。\n" });
  return client.send({ from: "news@example.jp", to, raw });
}

test.each([
  ["--destination", "paused.example.com"],
  ["--stream", "receipts"],
  ["--sender", "sample"],
])(
  "queue pause %s %s keeps mail back that is accepted, says so, and resume lets it go",
  async (option, name) => {
    const before = mx.deliveries.length;
    const paused = await runHere(
      place.configFile,
      "queue",
      "pause",
      option,
      name,
      "--reason",
      "stock is wrong",
    );
    expect(paused.code, paused.stderr).toBe(0);
    expect((await runHere(place.configFile, "queue", "pauses")).json()).toMatchObject([
      {
        scope: `${option.slice(2)}:${name}`,
        kind: option.slice(2),
        name,
        reason: "stock is wrong",
      },
    ]);
    // The running gateway reads pauses four times a second: what is sent now is leased, and given back at the next look.
    await expect
      .poll(async () => (await place.gateway.office.storage.freezes.pauses()).length)
      .toBe(1);
    await new Promise((resolve) => {
      setTimeout(resolve, 600);
    });
    expect(await send(`${option.slice(2)}@paused.example.com`)).toMatch(/^250/);
    const [entry] = (await runHere(place.configFile, "queue", "list")).json();
    expect(entry?.["waitingFor"]).toBe(`sekisho queue resume ${option} ${name}: stock is wrong`);
    expect(mx.deliveries).toHaveLength(before);
    expect((await runHere(place.configFile, "queue", "resume", option, name)).code).toBe(0);
    await mx.waitFor(() => mx.deliveries.length === before + 1, 40_000);
    expect((await runHere(place.configFile, "queue", "resume", option, name)).stderr).toContain(
      "is not paused",
    );
  },
);

test("queue pause wants exactly one target", async () => {
  const none = await runHere(place.configFile, "queue", "pause");
  const two = await runHere(place.configFile, "queue", "pause", "--stream", "a", "--sender", "b");
  expect([none.code, two.code]).not.toContain(0);
  expect(two.stderr).toContain("exactly one");
});

test("the log finds attempts by their TLS, and reports hosts that cannot do it", async () => {
  const seen = mx.deliveries.length;
  expect(await send("hana@example.com")).toMatch(/^250/);
  await mx.waitFor(() => mx.deliveries.length === seen + 1, 40_000);
  // What is kept open is closed at its next MAIL; a new connection finds no STARTTLS.
  mx.rescript({ startTls: "absent", on: { mail: { send: "421 4.3.2 bye", afterwards: "close" } } });
  expect(await send("hana@example.org")).toMatch(/^250/);
  const search = async (state: string): Promise<readonly Record<string, unknown>[]> =>
    (await runHere(place.configFile, "log", "search", "--tls", state)).json();
  await expect
    .poll(() => search("failed"), { timeout: 30_000 })
    .toMatchObject([{ type: "TransientFailure" }]);
  expect(await search("verified")).toEqual([]);
  const unverified = await search("unverified");
  expect(unverified.length).toBe(mx.deliveries.length);
  const report = (await runHere(place.configFile, "log", "tls-report")).json();
  expect(report).toMatchObject([
    {
      host: "127.0.0.1",
      failed: 1,
      verified: 0,
      lastProblem: expect.stringContaining("4.7.4") as unknown,
    },
  ]);
});
