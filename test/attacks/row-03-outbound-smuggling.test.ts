import fc from "fast-check";
import { expect, test } from "vitest";

import { toWire } from "../../src/delivery/wire-message.ts";
import { officeRoutes, sampleContent, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

const laxTerminators = ["\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\n.\r"];
const smuggled = "MAIL FROM:<evil@example.jp>\r\nRCPT TO:<victim@sink.test>\r\nDATA\r\nx";

test.each(laxTerminators.map((terminator) => [JSON.stringify(terminator), terminator]))(
  "row 03: a receiver that ends DATA at %s gets no second message from us",
  async (_name, terminator) => {
    await using mx = await startFakeMx({ terminators: [terminator] });
    await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
    const content = `${sampleContent}before${terminator}${smuggled}\r\n`;
    const { messageId } = await office.send({ to: ["a@sink.test"], content });
    await office.queue.waitFor(() => office.queue.stateOf(`${messageId}-1`) !== "leased");
    await office.queue.waitFor(() => office.queue.settled.length > 0);
    expect(mx.deliveries).toHaveLength(0);
    expect(mx.commands.map(({ line }) => line)).not.toContain("MAIL FROM:<evil@example.jp>");
    expect(office.queue.events[0]).toMatchObject({ type: "Bounce", reply: { enhanced: "5.6.0" } });
  },
);

test("row 03: lines of dots arrive as they were, as one message, at the laxest receiver", async () => {
  await using mx = await startFakeMx({ terminators: laxTerminators });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const body = `.\r\n..\r\n...\r\n.${smuggled}\r\n.\r\n`;
  await office.send({ to: ["a@sink.test"], content: `${sampleContent}${body}` });
  await mx.waitFor(() => mx.deliveries.length > 0);
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(mx.deliveries).toHaveLength(1);
  expect(mx.deliveries[0]?.data.toString().endsWith(body)).toBe(true);
});

test("row 03: whatever the octets, the wire form holds one end of data, at its end, and gives the message back", () => {
  const common = fc.constantFrom("\r\n", ".", "..", "a", " ", "\r\n.\r\n", "é", "a".repeat(498));
  const alphabet = fc.oneof(
    { weight: 20, arbitrary: common },
    { weight: 1, arbitrary: fc.constantFrom("\r", "\n", "\0") },
  );
  fc.assert(
    fc.property(fc.array(alphabet, { maxLength: 60 }), (pieces) => {
      const message = Buffer.from(pieces.join(""));
      const wire = toWire(Buffer.alloc(0), message);
      const text = message.toString("latin1");
      const stray = /\0|\r(?!\n)|(?<!\r)\n/.test(text);
      const long = text.split("\r\n").some((line) => line.length > 998);
      expect(wire.kind).toBe(stray || long ? "bad" : "ok");
      if (wire.kind === "bad") return;
      const octets = wire.value.octets.toString("latin1");
      expect(`\r\n${octets}`.indexOf("\r\n.\r\n")).toBe(octets.length - 3);
      const unstuffed = octets.slice(0, -3).replace(/(^|\n)\./g, "$1");
      expect(unstuffed).toBe(text === "" || text.endsWith("\r\n") ? text : `${text}\r\n`);
      expect(wire.value.size).toBe(unstuffed.length);
      const header = /^([^]*?(?:^|\r\n))\r\n/.exec(text)?.[1] ?? text;
      expect(wire.value.headerEightBit).toBe(/[\u0080-\u00FF]/.test(header));
    }),
    { numRuns: 1000 },
  );
});
