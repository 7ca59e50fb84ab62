import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";
import { makeAuthority, makeSelfSigned, type TlsPair } from "../support/tls-pair.ts";

const authority = makeAuthority();
const pairs: readonly (readonly [string, TlsPair, RegExp | undefined])[] = [
  ["a good certificate", authority.issue(["127.0.0.1"]), undefined],
  ["an expired certificate", authority.issue(["127.0.0.1"], { expired: true }), /EXPIRED|expired/],
  ["a trusted certificate of another name", authority.issue(["other.test"]), /wrong name/],
  ["a self-signed certificate", makeSelfSigned(["127.0.0.1"]), /SELF_SIGNED|self-signed/],
  ["a self-signed certificate of another name", makeSelfSigned(["other.test"]), /wrong name/],
];

test.each(pairs)(
  "row 37: under encrypt, %s is accepted and recorded as what it is",
  async (_name, pair, fault) => {
    await using mx = await startFakeMx({ tls: pair });
    await using office = startDeliveryOffice({
      routes: officeRoutes(mx.port),
      tls: "encrypt",
      authorities: [authority.cert],
    });
    await office.send({ to: ["a@sink.test"] });
    await office.queue.waitFor(() => office.queue.settled.length === 1);
    const [event] = office.queue.events;
    expect(event?.type).toBe("Delivery");
    expect(event?.detail?.["tlsVerified"]).toBe(fault === undefined);
    expect(event?.detail?.["certificateFingerprint"]).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    if (fault !== undefined) expect(event?.detail?.["tlsInvalid"]).toMatch(fault);
  },
);

test.each(pairs)(
  "row 37: under verify, %s is judged before anything is said of the mail",
  async (_name, pair, fault) => {
    await using mx = await startFakeMx({ tls: pair });
    await using office = startDeliveryOffice({
      routes: officeRoutes(mx.port),
      tls: "verify",
      authorities: [authority.cert],
    });
    await office.send({ to: ["a@sink.test"] });
    await office.queue.waitFor(() => office.queue.settled.length === 1);
    const [event] = office.queue.events;
    if (fault === undefined) {
      expect(event).toMatchObject({ type: "Delivery", detail: { tlsVerified: true } });
      return;
    }
    expect(event).toMatchObject({
      type: "TransientFailure",
      reply: { code: 451, enhanced: "4.7.5" },
      detail: { class: "tls", phase: "handshake", tlsVerified: false },
    });
    expect(event?.detail?.["tlsInvalid"]).toMatch(fault);
    expect(mx.commands.map(({ line }) => line.slice(0, 4))).not.toContain("MAIL");
  },
);
