import { expect, test } from "vitest";

import type { AuditDraft } from "../../src/audit/event.ts";
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
    const event = await deliver(pair, "encrypt");
    expect(event?.type).toBe("Delivery");
    expect(event?.detail?.["tlsVerified"]).toBe(fault === undefined);
    expect(event?.detail?.["certificateFingerprint"]).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(String(event?.detail?.["tlsInvalid"])).toMatch(fault ?? /^undefined$/);
  },
);

test("row 37: under verify, a good certificate is good enough", async () => {
  const event = await deliver(authority.issue(["127.0.0.1"]), "verify");
  expect(event).toMatchObject({ type: "Delivery", detail: { tlsVerified: true } });
});

test.each(pairs.filter(([, , fault]) => fault !== undefined))(
  "row 37: under verify, %s is refused before anything is said of the mail",
  async (_name, pair, fault) => {
    const event = await deliver(pair, "verify");
    expect(event).toMatchObject({
      type: "TransientFailure",
      reply: { code: 451, enhanced: "4.7.5" },
      detail: { class: "tls", phase: "handshake", tlsVerified: false },
    });
    expect(event?.detail?.["tlsInvalid"]).toMatch(fault ?? "");
  },
);

test("row 37: the reason that a postmaster reads has words, and the code behind them", async () => {
  const text = async (pair: TlsPair): Promise<string | undefined> =>
    (await deliver(pair, "verify"))?.reply?.text;
  expect(await text(makeSelfSigned(["127.0.0.1"]))).toBe(
    "127.0.0.1: certificate: it is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT)",
  );
  expect(await text(authority.issue(["other.test"]))).toBe(
    "127.0.0.1: certificate: it bears another name than the host's",
  );
  expect(await text(makeSelfSigned(["other.test"]))).toBe(
    "127.0.0.1: certificate: it is self-signed, and it bears another name than the host's (DEPTH_ZERO_SELF_SIGNED_CERT)",
  );
  expect(await text(authority.issue(["127.0.0.1"], { expired: true }))).toBe(
    "127.0.0.1: certificate: it has expired (CERT_HAS_EXPIRED)",
  );
});

async function deliver(pair: TlsPair, tls: "encrypt" | "verify"): Promise<AuditDraft | undefined> {
  await using mx = await startFakeMx({ tls: pair });
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    tls,
    authorities: [authority.cert],
  });
  await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  const [event] = office.queue.events;
  const spoken = mx.commands.some(({ line }) => line.startsWith("MAIL"));
  expect(spoken).toBe(event?.type === "Delivery");
  return event;
}
