// A gateway that is killed between a receiver's last octet and its own commit: all that was accepted is accounted for.
import { expect, test } from "vitest";

import { createTransport } from "nodemailer";

import { newsletter } from "../../src/demo/messages.ts";
import { startFakeMx, type FakeMxSession } from "../support/fake-mx.ts";
import {
  createWorkplace,
  sekisho,
  startGatewayProcess,
  type GatewayProcess,
} from "../support/gateway-process.ts";

const messages = 12;
const atOnce = 3; // connections: so many may be in flight

test(
  "row 47: balance with a gateway that dies while receivers hold its messages: at most one copy more for each in flight",
  { timeout: 120_000 },
  async () => {
    await using stack = new AsyncDisposableStack();
    // The receiver takes the first messages, and keeps its answer to itself until the gateway is dead.
    const gate = Promise.withResolvers<void>();
    let silent = true;
    const mx = stack.use(
      await startFakeMx({
        on: {
          end: (_session: FakeMxSession) =>
            silent ? { until: gate.promise, send: "250 2.0.0 taken" } : undefined,
        },
      }),
    );
    const workplace = stack.use(
      createWorkplace(
        `
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: receipts }] }
http: { host: 127.0.0.1, port: 0 }
delivery:
  routes: [{ domain: "*", via: "smtp://127.0.0.1:${mx.port}" }]
  max_connections: ${atOnce}
  retry: { schedule: ["1s"], max_age: "1h" }
`,
        {
          streams: [
            "{ id: receipts, sender: sample, class: transactional, topic: receipts, rules: [jp], on_violation: observe }",
          ],
        },
      ),
    );
    const first = await startGatewayProcess(workplace.configFile);
    await submit(first);
    await mx.waitFor(() => mx.deliveries.length === atOnce, 30_000);
    await first.stop("SIGKILL");
    silent = false;
    gate.resolve();

    const second = await startGatewayProcess(workplace.configFile);
    stack.defer(async () => void (await second.stop("SIGKILL")));
    await mx.waitFor(() => copiesAt(mx.deliveries).size === messages, 60_000);
    await expect
      .poll(() => statesOf(workplace.configFile), { timeout: 30_000 })
      .toEqual({
        delivered: messages,
      });

    // accepted = delivered; the receiver has each of them, and one copy more of those that were in flight.
    const copies = copiesAt(mx.deliveries);
    const doubled = mx.deliveries.length - copies.size;
    expect(Math.max(...copies.values())).toBe(2);
    expect(doubled).toBe(atOnce);
    const log = await sekisho(workplace.configFile, "log", "search", "--limit", "10000");
    const events = log.json();
    const count = (type: string): number => events.filter((event) => event["type"] === type).length;
    expect([count("Reception"), count("Delivery")]).toEqual([messages, messages]);
    // They are counted: what was leased when the process died is uncertain, in flight or not.
    const uncertain = events.filter(
      (event) => (event["detail"] as { readonly uncertain?: boolean }).uncertain === true,
    );
    expect(uncertain.length).toBeGreaterThanOrEqual(doubled);
    expect((await sekisho(workplace.configFile, "audit", "verify")).json()[0]).toMatchObject({
      kind: "intact",
    });
  },
);

async function submit({ smtpPorts }: GatewayProcess): Promise<void> {
  const transport = createTransport({
    host: "127.0.0.1",
    port: smtpPorts[0] ?? 0,
    ignoreTLS: true,
  });
  for (let index = 0; index < messages; index += 1) {
    const to = `u${index}@example.com`;
    const raw = newsletter({ to, subject: `ご注文 ${index}` });
    const info = (await transport.sendMail({ envelope: { from: "news@example.jp", to }, raw })) as {
      readonly response: string;
    };
    expect(info.response).toMatch(/^250 /);
  }
  transport.close();
}

function copiesAt(
  deliveries: readonly { readonly recipients: readonly string[] }[],
): ReadonlyMap<string, number> {
  const copies = new Map<string, number>();
  for (const { recipients } of deliveries)
    for (const who of recipients) copies.set(who, (copies.get(who) ?? 0) + 1);
  return copies;
}

async function statesOf(configFile: string): Promise<Readonly<Record<string, number>>> {
  const list = await sekisho(configFile, "queue", "list", "--all", "--limit", "1000");
  const states: Record<string, number> = {};
  for (const { state } of list.json()) states[String(state)] = (states[String(state)] ?? 0) + 1;
  return states;
}
