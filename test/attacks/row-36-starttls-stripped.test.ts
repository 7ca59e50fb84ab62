import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx, type FakeMxScript } from "../support/fake-mx.ts";

const attacks: readonly (readonly [string, FakeMxScript, string])[] = [
  ["STARTTLS taken out of the answer to EHLO", { startTls: "absent" }, "4.7.4"],
  ["STARTTLS refused", { on: { starttls: "454 4.7.0 not now" } }, "4.7.4"],
  ["STARTTLS refused for good", { on: { starttls: "502 5.5.1 never heard of it" } }, "4.7.4"],
  ["garbage in place of the handshake", { startTls: "garbage" }, "4.7.5"],
  ["a reply injected behind the 220", { startTls: "inject" }, "4.7.5"],
  [
    "a close behind the 220",
    { on: { starttls: { send: "220 go", afterwards: "close" } } },
    "4.7.5",
  ],
  ["EHLO refused altogether", { on: { ehlo: "502 5.5.1 HELO only" } }, "4.4.1"],
  ["TLS 1.1 at most", { tls: { minVersion: "TLSv1", maxVersion: "TLSv1.1" } }, "4.7.5"],
];

for (const tls of ["encrypt", "verify"] as const) {
  test.each(attacks)(
    `row 36: under ${tls}, %s: the mail waits and nothing of it is said in clear text`,
    async (_name, script, status) => {
      await using mx = await startFakeMx(script);
      await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), tls });
      const { messageId } = await office.send({ to: ["a@sink.test"] });
      await office.queue.waitFor(() => office.queue.settled.length === 1);
      expect(office.queue.settled[0]).toMatchObject({
        kind: "deferred",
        counted: true,
        reply: { code: 451, enhanced: status },
      });
      expect(office.queue.stateOf(`${messageId}-1`)).toBe("waiting");
      expect(mx.clearText()).not.toMatch(/MAIL|RCPT|sink\.test|Subject/);
      expect(mx.deliveries).toHaveLength(0);
    },
  );
}
