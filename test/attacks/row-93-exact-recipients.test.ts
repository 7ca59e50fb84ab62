import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice, toAddress } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test("row 93: mail leaves from the return path given, for the recipients accepted and for nobody else", async () => {
  await using mx = await startFakeMx({
    on: { rcpt: (_session, line) => (line.includes("b@") ? "550 5.1.1 unknown" : undefined) },
  });
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    returnPath: (lease) => toAddress(`r-${lease.recipientId}@gw.example.jp`),
  });
  const content =
    "From: n@example.jp\r\nTo: a@sink.test\r\nCc: c@sink.test\r\nBcc: d@sink.test\r\n\r\nx\r\n";
  const { messageId } = await office.send({ to: ["a@sink.test", "b@sink.test"], content });
  await mx.waitFor(() => mx.deliveries.length === 2);
  const exchanged = mx.deliveries.map(({ mailFrom, recipients }) => [mailFrom, ...recipients]);
  // The report of b's failure goes to the client's own MAIL FROM, from nobody.
  expect(exchanged.toSorted((one, other) => one.join().localeCompare(other.join()))).toEqual([
    ["", "bounce@example.jp"],
    [`r-${messageId}-1@gw.example.jp`, "a@sink.test"],
  ]);
});
