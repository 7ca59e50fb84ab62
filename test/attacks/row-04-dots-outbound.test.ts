import { once } from "node:events";
import type { AddressInfo } from "node:net";

import fc from "fast-check";
import { SMTPServer } from "smtp-server";
import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { makeSelfSigned } from "../support/tls-pair.ts";

test("row 04: a server that is not ours reads every body as it was, dots and all, over few connections", async () => {
  const got = new Map<string, string>();
  let connections = 0;
  const server = new SMTPServer({
    ...makeSelfSigned(["127.0.0.1"]),
    authOptional: true,
    disabledCommands: ["AUTH"],
    onConnect: (_session, callback) => {
      connections += 1;
      callback();
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
      });
      stream.on("end", () => {
        const text = Buffer.concat(chunks).toString("latin1");
        const who = session.envelope.rcptTo[0]?.address ?? "";
        got.set(who, text.slice(text.indexOf("\r\n\r\n") + 4));
        callback();
      });
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  await using office = startDeliveryOffice({ routes: officeRoutes(port), maxConnections: 4 });

  const line = fc.constantFrom(
    "",
    ".",
    "..",
    "...",
    ".a",
    "a.",
    " .",
    "plain",
    "\t.",
    "x".repeat(998),
  );
  const bodies = fc.sample(fc.array(line, { minLength: 1, maxLength: 300 }), 200);
  const sent = bodies.map(
    (lines, index) => [`u${index}@x.test`, `${lines.join("\r\n")}\r\n`] as const,
  );
  for (const [who, body] of sent)
    await office.send({ to: [who], content: `From: a@example.jp\r\n\r\n${body}` });
  await office.queue.waitFor(() => office.queue.settled.length === sent.length, 20_000);
  expect([...got].toSorted(byName)).toEqual([...sent].toSorted(byName));
  expect(connections).toBeLessThanOrEqual(8);
  await office.delivery.close(2);
  await new Promise<void>((resolve) => {
    server.close(resolve);
  });
});

function byName(one: readonly [string, string], other: readonly [string, string]): number {
  return one[0].localeCompare(other[0]);
}
