import { expect, test } from "vitest";

import { officeRoutes, sampleContent, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx, usualExtensions } from "../support/fake-mx.ts";

const japanese = sampleContent.replace("Hello.", "こんにちは。");

async function bounceFrom(missing: string, content: string): Promise<unknown> {
  await using mx = await startFakeMx({
    extensions: usualExtensions.filter((extension) => !extension.startsWith(missing)),
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@sink.test"], content });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(mx.commands.map(({ line }) => line.slice(0, 4))).not.toContain("MAIL");
  expect(mx.deliveries).toHaveLength(0);
  return office.queue.events[0];
}

test("row 34: 8-bit content is not sent to a host without 8BITMIME, but bounced 5.6.3", async () => {
  expect(await bounceFrom("8BITMIME", japanese)).toMatchObject({
    type: "Bounce",
    reply: { enhanced: "5.6.3" },
  });
});

test("row 34: raw UTF-8 in the header is not sent to a host without SMTPUTF8, but bounced 5.6.7", async () => {
  const content = sampleContent.replace("Subject: Hello", "Subject: こんにちは");
  expect(await bounceFrom("SMTPUTF8", content)).toMatchObject({
    type: "Bounce",
    reply: { enhanced: "5.6.7" },
  });
});

test("row 34: an address that needs SMTPUTF8 is never sent raw to a host without it", async () => {
  await using mx = await startFakeMx({ extensions: ["PIPELINING", "8BITMIME"] });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["jürgen@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.events[0]).toMatchObject({ type: "Bounce", reply: { enhanced: "5.6.7" } });
  expect(mx.commands.some(({ line }) => line.startsWith("RCPT"))).toBe(false);
});

test("row 34: a message larger than the host's SIZE is not offered to it", async () => {
  await using mx = await startFakeMx({ extensions: ["PIPELINING", "SIZE 100"] });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.events[0]).toMatchObject({ type: "Bounce", reply: { enhanced: "5.3.4" } });
});

test("row 34: a line longer than 998 octets never leaves", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@sink.test"], content: `${sampleContent}${"x".repeat(999)}\r\n` });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.events[0]).toMatchObject({ type: "Bounce", reply: { enhanced: "5.6.0" } });
  expect(mx.deliveries).toHaveLength(0);
});

test("row 34: where the host offers them, BODY, SMTPUTF8, SIZE and the DSN parameters are said", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({
    to: ["jürgen@sink.test"],
    content: japanese,
    envelope: { dsn: { ret: "HDRS", envid: "QQ314159" } },
    dsn: { notify: ["FAILURE", "DELAY"], orcpt: "rfc822;a@sink.test" },
  });
  await mx.waitFor(() => mx.deliveries.length === 1);
  const size = mx.deliveries[0]?.data.length ?? 0;
  expect(mx.deliveries[0]?.mail).toBe(
    `MAIL FROM:<bounce@example.jp> SIZE=${size} BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ314159`,
  );
  expect(mx.deliveries[0]?.rcpt[0]).toMatch(/ NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@sink\.test$/);
});

test("row 34: DSN parameters that could end the line are left out", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({
    to: ["a@sink.test"],
    envelope: { dsn: { envid: "x\r\nRSET" } },
    dsn: { orcpt: "rfc822;a b" },
  });
  await mx.waitFor(() => mx.deliveries.length === 1);
  expect(mx.deliveries[0]?.mail).not.toContain("ENVID");
  expect(mx.deliveries[0]?.rcpt[0]).not.toContain("ORCPT");
  expect(mx.commands.map(({ line }) => line)).not.toContain("RSET");
});
