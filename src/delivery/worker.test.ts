import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../../test/support/delivery-office.ts";
import { startFakeMx } from "../../test/support/fake-mx.ts";

test("delivers a message over TLS with its body untouched, and records host, words and certificate", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const { messageId } = await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.stateOf(`${messageId}-1`) === "delivered");
  const [delivery] = mx.deliveries;
  const text = delivery?.data.toString() ?? "";
  expect(text.split("\r\n\r\n")[1]).toBe("Hello.\r\n..two dots\r\n.\r\nend\r\n");
  expect(text).toMatch(/^DKIM-Signature: .*\r\nReceived: from ma\.example\.jp\r\n/);
  expect(delivery?.recipients).toEqual(["a@sink.test"]);
  expect(delivery?.mailFrom).toBe("bounce@example.jp");
  expect(mx.clearText()).toBe("EHLO gw.example.jp\r\nSTARTTLS\r\n");
  expect(office.queue.events).toMatchObject([
    {
      type: "Delivery",
      reply: { code: 250, enhanced: "2.0.0", text: "taken" },
      detail: {
        remoteHost: "127.0.0.1",
        remoteAddress: "127.0.0.1",
        tlsProtocol: "TLSv1.3",
        tlsVerified: false,
        certificateSubject: "mx.test",
      },
    },
  ]);
});
