// REQUIRETLS (RFC 8689), told as a case of row 36: what must not be relied on is not relied on, and the sender hears of it.
import { describe, expect, test } from "vitest";

import { createValidatingResolver } from "../../src/dns/validating-resolver.ts";
import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startDnsStub, type Zone, type Zones } from "../support/dns-stub.ts";
import { startFakeMx, usualExtensions, type FakeMx } from "../support/fake-mx.ts";
import { makeAuthority, makeSelfSigned } from "../support/tls-pair.ts";
import { tlsa } from "../support/tlsa-record.ts";

const authority = makeAuthority();
const good = authority.issue(["127.0.0.1", "mx.x.test"]);
const own = makeSelfSigned(["mx.x.test"]);
const willing = [...usualExtensions, "REQUIRETLS"];
const required = { requireTls: true } as const;

test("row 36: mail that requires TLS goes to a proven host that takes the wish over", async () => {
  await using mx = await startFakeMx({ tls: good, extensions: willing });
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    authorities: [authority.cert],
  });
  await office.send({ to: ["a@x.test"], envelope: required });
  await office.send({ to: ["b@x.test"] });
  await office.queue.waitFor(() => office.queue.states()["delivered"] === 2);
  const mails = mx.deliveries.map(({ mail, recipients }) => [recipients[0], mail]);
  expect(Object.fromEntries(mails)).toEqual({
    "a@x.test": expect.stringMatching(/ REQUIRETLS$/) as unknown,
    "b@x.test": expect.not.stringContaining("REQUIRETLS") as unknown,
  });
});

test.each([
  ["does not offer REQUIRETLS", good, usualExtensions, "does not offer"],
  ["has a certificate that proves nothing", own, willing, "does not prove"],
] as const)(
  "row 36: mail that requires TLS is returned where the host %s",
  async (_name, tls, extensions, words) => {
    await using mx = await startFakeMx({ tls, extensions });
    await using office = startDeliveryOffice({
      routes: officeRoutes(mx.port),
      authorities: [authority.cert],
    });
    const dsn = { ret: "FULL" } as const;
    await office.send({ to: ["a@x.test"], envelope: { ...required, dsn } });
    await office.queue.waitFor(() => office.queue.states()["failed"] === 1);
    const [event] = office.queue.events;
    expect(event).toMatchObject({ type: "Bounce", reply: { code: 550, enhanced: "5.7.30" } });
    expect(event?.reply?.text).toContain(words);
    // The report goes all the same, without the body (RFC 8689 §5).
    await mx.waitFor(() => mx.deliveries.length === 1);
    const report = mx.deliveries[0];
    expect(report?.mailFrom).toBe("");
    expect(report?.data.toString()).not.toContain("..two dots");
    expect(report?.mail.endsWith(" REQUIRETLS")).toBe(extensions === willing);
  },
);

test.each([
  ["signed", true, { delivered: 1 }],
  ["unsigned", false, { failed: 1 }],
] as const)(
  "row 36: a host found by %s DNS is trusted with it accordingly",
  async (_name, secure, states) => {
    await using mx = await startFakeMx({ tls: good, extensions: willing });
    const zones: Zones = {
      "x.test": { MX: [{ preference: 1, exchange: "mx.x.test" }], secure },
      "mx.x.test": { A: ["127.0.0.1"], secure },
      [`_${mx.port}._tcp.mx.x.test`]: { TLSA: [tlsa(good.cert, 3, 1, 1)], secure },
    };
    await using dns = await startDnsStub(zones);
    const validating = createValidatingResolver({ servers: [dns.server], timeoutMs: 500 });
    await using office = startDeliveryOffice({
      validating,
      allowPrivate: ["127.0.0.0/8"],
      mxPort: mx.port,
      authorities: [authority.cert],
    });
    const { messageId } = await office.send({ to: ["a@x.test"], envelope: required });
    await office.queue.waitFor(() => office.queue.settled.length === 1);
    expect({ [office.queue.stateOf(`${messageId}-1`) ?? ""]: 1 }).toEqual(states);
  },
);

describe("row 36: where the first host is unfit for mail that requires TLS", () => {
  const zonesFor = (port: number, addresses: readonly string[]): Zones => {
    const names = addresses.map((_address, n) => `mx${n + 1}.x.test`);
    const zones: Record<string, Zone> = {
      "x.test": {
        MX: names.map((exchange, preference) => ({ preference, exchange })),
        secure: true,
      },
    };
    for (const [n, name] of names.entries()) {
      zones[name] = { A: [addresses[n] ?? ""], secure: true };
      zones[`_${port}._tcp.${name}`] = { TLSA: [tlsa(good.cert, 3, 1, 1)], secure: true };
    }
    return zones;
  };
  const send = async (
    first: FakeMx,
    addresses: readonly string[],
  ): Promise<{ readonly states: object; readonly text: string }> => {
    await using dns = await startDnsStub(zonesFor(first.port, addresses));
    await using office = startDeliveryOffice({
      validating: createValidatingResolver({ servers: [dns.server], timeoutMs: 500 }),
      allowPrivate: ["127.0.0.0/8"],
      mxPort: first.port,
      authorities: [authority.cert],
    });
    const { messageId } = await office.send({ to: ["a@x.test"], envelope: required });
    await office.queue.waitFor(() => office.queue.settled.length === 1);
    const [event] = office.queue.events;
    return {
      states: { [office.queue.stateOf(`${messageId}-1`) ?? ""]: event?.type },
      text: event?.reply?.text ?? "",
    };
  };

  test("row 36: the next one that takes the wish over gets it", async () => {
    await using unfit = await startFakeMx({ tls: good, extensions: usualExtensions });
    const { port } = unfit;
    await using fit = await startFakeMx({
      tls: good,
      extensions: willing,
      port,
      address: "127.0.0.2",
    });
    expect(await send(unfit, ["127.0.0.1", "127.0.0.2"])).toMatchObject({
      states: { delivered: "Delivery" },
    });
    expect([unfit.deliveries.length, fit.deliveries.length]).toEqual([0, 1]);
    expect(fit.deliveries[0]?.mail).toMatch(/ REQUIRETLS$/);
  });

  test("row 36: it waits while another one cannot be reached", async () => {
    await using unfit = await startFakeMx({ tls: good, extensions: usualExtensions });
    // Nothing listens on 127.0.0.2, in either order.
    for (const addresses of [
      ["127.0.0.1", "127.0.0.2"],
      ["127.0.0.2", "127.0.0.1"],
    ])
      expect(await send(unfit, addresses)).toMatchObject({
        states: { waiting: "TransientFailure" },
      });
    expect(unfit.deliveries).toHaveLength(0);
  });

  test("row 36: it is returned where none is fit", async () => {
    await using first = await startFakeMx({ tls: good, extensions: usualExtensions });
    await using second = await startFakeMx({
      tls: good,
      extensions: usualExtensions,
      port: first.port,
      address: "127.0.0.2",
    });
    const { states, text } = await send(first, ["127.0.0.1", "127.0.0.2"]);
    expect(states).toEqual({ failed: "Bounce" });
    expect(text).toContain("REQUIRETLS support required");
    expect(second.connections()).toBeGreaterThan(0);
  });
});
