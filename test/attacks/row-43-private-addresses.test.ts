import { expect, test } from "vitest";

import { createAddressGuard } from "../../src/delivery/address-guard.ts";
import { createResolver } from "../../src/dns/resolver.ts";
import { parseAddress } from "../../src/mail/address.ts";
import { startDeliveryOffice } from "../support/delivery-office.ts";
import { startDnsStub } from "../support/dns-stub.ts";
import { startFakeMx } from "../support/fake-mx.ts";

const inward = [
  "127.0.0.1",
  "127.255.255.254",
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::127.0.0.1",
  "::ffff:0:127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b::10.0.0.1",
  "64:ff9b:1::a00:1",
  "2002:7f00:1::1",
  "2002:a9fe:a9fe::",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "fe80::1%eth0",
  "ff02::1",
  "FE80::1",
  "not an address",
  "",
];

test.each(inward)("row 43: %s is not dialled on a stranger's word", (address) => {
  expect(createAddressGuard([]).refuse(address)).toMatch(/^is /);
});

test.each([
  "192.0.1.1",
  "172.32.0.1",
  "8.8.8.8",
  "2606:4700::1111",
  "64:ff9b::808:808",
  "2002:808:808::1",
])("row 43: %s is public and may be dialled", (address) => {
  expect(createAddressGuard([]).refuse(address)).toBeUndefined();
});

test("row 43: an allowed range opens itself in every notation, and nothing else", () => {
  const guard = createAddressGuard(["127.0.0.0/8", "fd00::/8"]);
  expect(guard.refuse("127.0.0.1")).toBeUndefined();
  expect(guard.refuse("::ffff:127.0.0.1")).toBeUndefined();
  expect(guard.refuse("fd12::1")).toBeUndefined();
  expect(guard.refuse("10.0.0.1")).toMatch(/public/);
});

test("row 43: the gateway's own address is refused in every notation", () => {
  const guard = createAddressGuard([], ["8.8.4.4", "2606:4700::1"]);
  expect(guard.refuse("8.8.4.4")).toMatch(/own/);
  expect(guard.refuse("::ffff:8.8.4.4")).toMatch(/own/);
  expect(guard.refuse("2606:4700::1")).toMatch(/own/);
});

test("row 43: a range that is none is an error, not an empty permission", () => {
  expect(() => createAddressGuard(["localhost"])).toThrow(RangeError);
});

test("row 43: an address literal is no recipient", () => {
  expect(parseAddress("user@[127.0.0.1]").kind).toBe("bad");
  expect(parseAddress("user@127.0.0.1").kind).toBe("bad");
});

test("row 43: mail whose MX leads to this machine is bounced 5.4.6, and nobody is dialled", async () => {
  await using mx = await startFakeMx();
  await using dns = await startDnsStub({
    "evil.test": { MX: [{ preference: 10, exchange: "in.evil.test" }] },
    "in.evil.test": { A: ["127.0.0.1"], AAAA: ["::1"] },
    "self.test": { MX: [{ preference: 10, exchange: "gw.example.jp" }] },
  });
  await using office = startDeliveryOffice({
    mxPort: mx.port,
    resolver: createResolver({ servers: [dns.server], timeoutMs: 500 }),
  });
  await office.send({ to: ["a@evil.test", "a@self.test"], from: null });
  await office.queue.waitFor(() => office.queue.settled.length === 2);
  for (const event of office.queue.events)
    expect(event).toMatchObject({
      type: "Bounce",
      reply: { code: 550, enhanced: "5.4.6" },
      detail: { class: "no-route" }, // which teaches nothing: the address is not to blame
    });
  expect(mx.connections()).toBe(0);
});

test("row 43: in a network that the operator allowed, the same MX is dialled", async () => {
  await using mx = await startFakeMx();
  await using dns = await startDnsStub({
    "inner.test": { MX: [{ preference: 10, exchange: "in.inner.test" }] },
    "in.inner.test": { A: ["127.0.0.1"] },
  });
  await using office = startDeliveryOffice({
    mxPort: mx.port,
    allowPrivate: ["127.0.0.0/8"],
    resolver: createResolver({ servers: [dns.server], timeoutMs: 500 }),
  });
  await office.send({ to: ["a@inner.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.events[0]).toMatchObject({
    type: "Delivery",
    detail: { remoteHost: "in.inner.test", remoteAddress: "127.0.0.1" },
  });
});
