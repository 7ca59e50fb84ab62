import { expect, test } from "vitest";

import { compose } from "../../src/delivery/compose.ts";
import { splitMessage } from "../../src/mail/header.ts";
import { officeRoutes, startDeliveryOffice, toAddress } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test("row 33: what the receiver gets is octet for octet what was signed, with the signature on top", async () => {
  const signed: Buffer[] = [];
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    signer: {
      sign: (message) => {
        signed.push(Buffer.from(message));
        return Promise.resolve({ kind: "signed", header: "DKIM-Signature: v=1;\r\n\tb=abc\r\n" });
      },
    },
  });
  const content = Buffer.concat([
    Buffer.from(
      "From: a@example.jp\r\nSubject: =?utf-8?B?44GT?=\r\n folded\r\nMessage-ID: <1@example.jp>\r\n",
    ),
    Buffer.from("Date: Wed, 25 Nov 2026 09:00:00 +0900\r\n\r\n.dot\r\n..\r\n \t \r\n\r\n\r\n"),
    Buffer.from([0xe3, 0x81, 0x82, 13, 10]),
    Buffer.from("last line without an end \t"),
  ]);
  await office.send({ to: ["a@sink.test"], content });
  await mx.waitFor(() => mx.deliveries.length === 1);
  const got = mx.deliveries[0]?.data ?? Buffer.alloc(0);
  const [message] = signed;
  // A last line without CRLF gets one from SMTP itself; simple and relaxed hashing both end the body with CRLF.
  expect(got.toString("latin1")).toBe(
    `DKIM-Signature: v=1;\r\n\tb=abc\r\n${message?.toString("latin1")}\r\n`,
  );
  const body = got.subarray(splitMessage(got).bodyOffset);
  expect(body.toString("latin1")).toBe(
    `${content.subarray(splitMessage(content).bodyOffset).toString("latin1")}\r\n`,
  );
});

test("row 33: a message for many recipients is signed once, and goes to each in an envelope of its own", async () => {
  let signings = 0;
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    signer: {
      sign: () => {
        signings += 1;
        return Promise.resolve({ kind: "signed", header: "DKIM-Signature: v=1\r\n" });
      },
    },
  });
  const to = Array.from({ length: 12 }, (_, index) => `user${index}@sink.test`);
  await office.send({ to });
  await mx.waitFor(() => mx.deliveries.length === 12);
  expect(signings).toBe(1);
  expect(mx.deliveries.map(({ recipients }) => recipients.join()).toSorted()).toEqual(
    to.toSorted(),
  );
});

test("row 33: headers that differ by recipient are signed by recipient", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    headers: (lease) => ({
      add: [`List-Unsubscribe: <https://gw.example.jp/u/${lease.recipientId}>\r\n`],
      remove: ["list-unsubscribe"],
    }),
    signer: {
      sign: (message) => {
        const url = /^List-Unsubscribe: (.*)$/m.exec(message.toString())?.[1] ?? "";
        return Promise.resolve({ kind: "signed", header: `DKIM-Signature: about=${url}\r\n` });
      },
    },
  });
  const { messageId } = await office.send({
    to: ["a@sink.test", "b@sink.test"],
    content: "From: a@example.jp\r\nList-Unsubscribe: <https://old.example.jp/>\r\n\r\nx\r\n",
  });
  await mx.waitFor(() => mx.deliveries.length === 2);
  for (const [index, name] of ["a", "b"].entries()) {
    const copy = mx.deliveries.find(({ recipients }) => recipients[0] === `${name}@sink.test`);
    const url = `<https://gw.example.jp/u/${messageId}-${index + 1}>`;
    const text = copy?.data.toString() ?? "";
    expect(text).toContain(`DKIM-Signature: about=${url}\r\n`);
    expect(text.match(/^List-Unsubscribe:.*$/gm)).toEqual([`List-Unsubscribe: ${url}`]);
  }
});

test("row 33: Bcc, Return-Path and our own control headers never leave; all other fields stay as they were", () => {
  const content = Buffer.from(
    "Return-Path: <x@y.test>\r\nFrom: a@example.jp\r\nbcc: secret@sink.test,\r\n more@sink.test\r\n" +
      "X-Sekisho-Stream: news\r\nX-Other:  kept \r\n as is\r\nResent-Bcc: z@y.test\r\n\r\nbody\r\n",
  );
  const composed = compose(content, {
    messageId: "id",
    hostname: "gw.example.jp",
    receivedAt: new Date("2026-11-25T00:00:00Z"),
    trace: { helo: "evil\r\nX: y", protocol: "ESMTPSA" },
    fromDomain: toAddress("a@example.jp").domain,
    headers: { add: [], remove: [] },
  });
  if (composed.kind === "bad") throw new Error(composed.problem);
  expect(composed.value.split).toEqual(splitMessage(composed.value.message));
  expect(composed.value.message.toString()).toBe(
    "Received: from unknown\r\n\tby gw.example.jp with ESMTPSA id id;\r\n\tWed, 25 Nov 2026 00:00:00 +0000\r\n" +
      "Date: Wed, 25 Nov 2026 00:00:00 +0000\r\nMessage-ID: <id@example.jp>\r\n" +
      "From: a@example.jp\r\nX-Other:  kept \r\n as is\r\n\r\nbody\r\n",
  );
});
