import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx, type FakeMxScript } from "../support/fake-mx.ts";

/** `words`: what the list, the log and the report say of it. */
const attacks: readonly (readonly [string, FakeMxScript, string, string])[] = [
  [
    "STARTTLS taken out of the answer to EHLO",
    { startTls: "absent" },
    "4.7.4",
    "STARTTLS is not offered",
  ],
  [
    "STARTTLS refused",
    { on: { starttls: "454 4.7.0 not now" } },
    "4.7.4",
    "STARTTLS refused (454 4.7.0 not now)",
  ],
  [
    "STARTTLS refused for good",
    { on: { starttls: "502 5.5.1 never heard of it" } },
    "4.7.4",
    "STARTTLS refused (502 5.5.1 never heard of it)",
  ],
  [
    "garbage in place of the handshake",
    { startTls: "garbage" },
    "4.7.5",
    "no SMTP reply: this is no TLS at all, and never will be",
  ],
  [
    "a reply injected behind the 220",
    { startTls: "inject" },
    "4.7.5",
    "an answer to nothing (250 injected)",
  ],
  [
    "a close behind the 220",
    { on: { starttls: { send: "220 go", afterwards: "close" } } },
    "4.7.5",
    "the connection was closed during the TLS handshake",
  ],
  [
    "EHLO refused altogether",
    { on: { ehlo: "502 5.5.1 HELO only" } },
    "4.4.1",
    "EHLO refused (502 5.5.1 HELO only)",
  ],
  [
    "TLS 1.1 at most",
    { tls: { minVersion: "TLSv1", maxVersion: "TLSv1.1" } },
    "4.7.5",
    "offers no TLS 1.2 or later",
  ],
];

for (const tls of ["encrypt", "verify"] as const) {
  test.each(attacks)(
    `row 36: under ${tls}, %s: the mail waits and nothing of it is said in clear text`,
    async (_name, script, status, words) => {
      await using mx = await startFakeMx(script);
      await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), tls });
      const { messageId } = await office.send({ to: ["a@sink.test"] });
      await office.queue.waitFor(() => office.queue.settled.length === 1);
      expect(office.queue.settled[0]).toMatchObject({
        kind: "deferred",
        counted: true,
        reply: { code: 451, enhanced: status, text: `127.0.0.1: ${words}` },
      });
      expect(office.queue.stateOf(`${messageId}-1`)).toBe("waiting");
      expect(mx.clearText()).not.toMatch(/MAIL|RCPT|sink\.test|Subject/);
      expect(mx.deliveries).toHaveLength(0);
    },
  );
}
