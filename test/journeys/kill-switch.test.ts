// The kill switch in a running gateway: by the time that POST /v1/freezes answers, nothing comes in and nothing goes out.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { createClient } from "../../src/demo/client.ts";
import { startGateway } from "../../src/gateway.ts";
import { watchPauses } from "../../src/outgoing.ts";
import { openOffice } from "../../src/office.ts";
import type { Freeze } from "../../src/queue/freeze.ts";
import { runHere } from "../support/command-here.ts";
import { startFakeMx } from "../support/fake-mx.ts";
import { composeMail } from "../support/judged-mail.ts";

function workplace(mxPort: number): { readonly configFile: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "sekisho-kill-"));
  const configFile = join(folder, "gateway.yaml");
  writeFileSync(
    configFile,
    `
version: 1
hostname: gw.example.jp
log: { level: error }
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: starttls, auth: required }] }
http: { host: 127.0.0.1, port: 0 }
senders:
  - id: sample
    legal: { names: ["株式会社サンプル商事"] }
    domains: [example.jp]
streams:
  - { id: receipts, sender: sample, class: transactional, topic: receipts, on_violation: observe }
dkim: { require_published: false }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${mxPort}" }] }
`,
  );
  return {
    configFile,
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test("the next MAIL behind the answer is refused, what waits is not leased, and lifting lets it flow", async () => {
  await using mx = await startFakeMx();
  using place = workplace(mx.port);
  const { configFile } = place;
  // Paused by its stream before the gateway starts, so that it is in force for the first mail: what is sent waits.
  await runHere(configFile, "queue", "pause", "--stream", "receipts", "--reason", "wait");
  await using gateway = await startGateway(loadConfig(configFile));
  const [tool] = (await runHere(configFile, "credential", "create", "--stream", "receipts", "--name", "tool")).json(); // prettier-ignore
  const [token] = (await runHere(configFile, "token", "create", "--name", "t", "--scopes", "freezes:write")).json(); // prettier-ignore
  const call = (method: "POST" | "DELETE", path: string, body?: object): Promise<Response> =>
    fetch(`http://127.0.0.1:${gateway.httpPort}/v1/freezes${path}`, {
      method,
      headers: {
        authorization: `Bearer ${String(token?.["token"])}`,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const send = async (to: string): Promise<string> => {
    const client = createClient(
      gateway.smtpPorts[0] ?? 0,
      tool as Parameters<typeof createClient>[1],
    );
    try {
      const raw = composeMail({ to, subject: "ご注文の確認", text: "ありがとうございます。\n" });
      return await client.send({ from: "news@example.jp", to, raw });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      await client.close();
    }
  };
  await expect.poll(() => send("first@example.com"), { timeout: 20_000 }).toMatch(/^250/);
  const waiting = async (): Promise<number> =>
    (await gateway.office.storage.queue.counts()).states.waiting;
  await expect.poll(waiting, { timeout: 20_000 }).toBeGreaterThan(0);
  const held = await waiting();
  const delivered = mx.deliveries.length;
  const frozen = await call("POST", "", { scope: "sender:sample", reason: "wrong list" });
  expect(frozen.status).toBe(201);
  expect(await send("second@example.com")).toMatch(/451 4\.7\.1 frozen:/);
  await gateway.office.storage.freezes.resume(
    { kind: "stream", name: "receipts" },
    { actor: "test", at: new Date() },
  );
  expect(await waiting()).toBe(held);
  expect((await gateway.office.storage.queue.counts()).states.leased).toBe(0);
  expect(mx.deliveries).toHaveLength(delivered);
  const lifted = await call("DELETE", "?scope=sender:sample&reason=mended");
  expect(lifted.status).toBe(200);
  await mx.waitFor(() => mx.deliveries.length === delivered + held, 40_000);
  expect(await send("third@example.com")).toMatch(/^250/);
}, 60_000);

test("delivery is told before the call resolves, and no older list of the store takes it back", async () => {
  using place = workplace(25);
  await using office = await openOffice(loadConfig(place.configFile));
  const told: string[] = [];
  const { freezes } = office.storage;
  const late: ((list: readonly Freeze[]) => void)[] = [];
  // What the watch reads comes when the test says so: as from a database that is slow.
  const slow: typeof freezes = {
    list: () => new Promise((resolve) => void late.push(resolve)),
    pauses: () => freezes.pauses(),
    freeze: (...act) => freezes.freeze(...act),
    lift: (...act) => freezes.lift(...act),
    pause: (...act) => freezes.pause(...act),
    resume: (...act) => freezes.resume(...act),
  };
  using watch = watchPauses(
    { ...office, storage: { ...office.storage, freezes: slow } },
    {
      pause: (what, by) => void told.push(`pause ${what.kind} ${by ?? ""}`),
      resume: (what, by) => void told.push(`resume ${what.kind} ${by ?? ""}`),
    },
    { freezes: [], pauses: [] },
  );
  await expect.poll(() => late.length).toBeGreaterThan(0); // The watch has begun to read.
  const act = { actor: "user:a", at: new Date() };
  await watch.freezes.freeze({ kind: "all", name: "" }, "leak", act);
  expect(told).toEqual(["pause all freeze"]);
  for (const resolve of late.splice(0)) resolve([]); // Read before the freeze.
  await expect.poll(() => late.length).toBeGreaterThan(0);
  expect(told).toEqual(["pause all freeze"]);
  expect(await watch.freezes.lift({ kind: "all", name: "" }, act)).toBe(true);
  expect(told).toEqual(["pause all freeze", "resume all freeze"]);
  expect(await watch.freezes.lift({ kind: "all", name: "" }, act)).toBe(false);
  expect(told).toHaveLength(2);
});
