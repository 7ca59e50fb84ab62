// Ten thousand idle connections, then a burst of ten times what the gateway delivers: memory must stay within bounds.
//   node scripts/bench-burst.ts [--idle 10000] [--clients 200] [--seconds 20]
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";

import { newsletter } from "../src/demo/messages.ts";
import {
  createWorkplace,
  giveConsent,
  startGatewayProcess,
  type GatewayProcess,
} from "../test/support/gateway-process.ts";
import { wholeNumber } from "./whole-number.ts";

const { values } = parseArgs({
  options: {
    idle: { type: "string", default: "10000" },
    clients: { type: "string", default: "200" },
    seconds: { type: "string", default: "20" },
  },
});
const idleCount = wholeNumber("idle", values.idle, 0);
const burstSeconds = wholeNumber("seconds", values.seconds);
const clientCount = wholeNumber("clients", values.clients);
const addressesPerHundred = 100; // connections from one loopback address

await using stack = new AsyncDisposableStack();
// A receiver that takes connections and says nothing: all that is accepted stays in the queue.
const tarpit = createServer(() => undefined).listen(0, "127.0.0.1");
await once(tarpit, "listening");
stack.defer(() => void tarpit.close());
const address = tarpit.address();
const tarpitPort = typeof address === "object" && address !== null ? address.port : 0;
const workplace = stack.use(
  createWorkplace(`
smtp:
  listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }]
  max_connections: ${idleCount + clientCount + 100}
  max_connections_per_address: 1000
http: { host: 127.0.0.1, port: 0 }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${tarpitPort}" }] }
`),
);
await giveConsent(workplace.configFile);
const gateway = await startGatewayProcess(workplace.configFile);
const before = rssMegabytes(gateway);
const idle = await openIdle(gateway);
const withIdle = rssMegabytes(gateway);
const health = await fetch(`http://127.0.0.1:${gateway.httpPort}/healthz`);
const burst = await runBurst(gateway, burstSeconds * 1000);
for (const socket of idle) socket.destroy();
const result = {
  rssMegabytes: { before, withIdle, peakInBurst: burst.peak, after: rssMegabytes(gateway) },
  idleConnections: idle.length,
  kilobytesPerIdleConnection: Math.round(((withIdle - before) * 1024) / Math.max(1, idle.length)),
  healthWithIdle: health.status,
  burst: { clients: clientCount, replies: burst.replies },
};
console.log(JSON.stringify(result, undefined, 2));
tarpit.close();
await gateway.stop("SIGKILL");
process.exit(0); // the tarpit's connections hold nothing that is worth an orderly end

function rssMegabytes({ child }: GatewayProcess): number {
  const status = readFileSync(`/proc/${child.pid ?? 0}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

/** From many loopback addresses, as from many clients. */
async function openIdle({ smtpPorts }: GatewayProcess): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  for (let n = 0; n < idleCount; n += addressesPerHundred) {
    const localAddress = `127.0.${1 + Math.floor(n / 25_000)}.${1 + ((n / addressesPerHundred) % 250)}`;
    const some = Array.from({ length: Math.min(addressesPerHundred, idleCount - n) }, () =>
      connect({ host: "127.0.0.1", port: smtpPorts[0] ?? 0, localAddress }),
    );
    for (const socket of some) socket.on("error", () => undefined);
    await Promise.all(some.map((socket) => once(socket, "data"))); // the greeting
    sockets.push(...some);
  }
  return sockets;
}

async function runBurst(
  running: GatewayProcess,
  milliseconds: number,
): Promise<{ readonly peak: number; readonly replies: Readonly<Record<string, number>> }> {
  const replies: Record<string, number> = {};
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, rssMegabytes(running));
  }, 100);
  const end = performance.now() + milliseconds;
  await Promise.all(
    Array.from({ length: clientCount }, async (_, n) => {
      const socket = connect({
        host: "127.0.0.1",
        port: running.smtpPorts[0] ?? 0,
        localAddress: `127.0.9.${1 + (n % 250)}`,
      });
      socket.on("error", () => undefined);
      const say = async (text: string): Promise<string> => {
        if (text !== "") socket.write(text);
        const [data] = (await once(socket, "data")) as [Buffer];
        return data.toString("latin1").slice(0, 3);
      };
      await say("");
      await say("EHLO burst.example\r\n");
      for (let sent = 0; performance.now() < end; sent += 1) {
        const from = await say("MAIL FROM:<news@example.jp>\r\n");
        const to = from === "250" ? await say("RCPT TO:<taro@example.com>\r\n") : from;
        const go = to === "250" ? await say("DATA\r\n") : to;
        const mail = newsletter({ to: "taro@example.com", subject: `${n} ${sent}` });
        const last = go === "354" ? await say(`${mail.toString()}\r\n.\r\n`) : go;
        replies[last] = (replies[last] ?? 0) + 1;
        if (last !== "250") await say("RSET\r\n");
      }
      socket.destroy();
    }),
  );
  clearInterval(timer);
  return { peak, replies };
}
