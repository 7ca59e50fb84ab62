import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test("row 52: a deferred recipient is tried by the schedule, expires, and is reported once", async () => {
  await using mx = await startFakeMx({
    on: {
      rcpt: (_session, line) =>
        line.includes("a@sink.test") ? "451 4.3.0 mailbox on holiday" : undefined,
    },
  });
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    retryScheduleSeconds: [300, 900],
    maxAgeSeconds: 3000,
  });
  const { messageId } = await office.send({ to: ["a@sink.test"] });
  const waits: number[] = [];
  for (
    let attempt = 1;
    office.queue.stateOf(`${messageId}-1`) === "waiting" || attempt === 1;
    attempt += 1
  ) {
    await office.queue.waitFor(() => office.queue.settled.length >= attempt);
    const settled = office.queue.settled[attempt - 1];
    if (settled?.kind !== "deferred") break;
    const wait = settled.nextAttemptAt.getTime() - office.now().getTime();
    waits.push(wait / 1000);
    office.advance(wait);
  }
  expect(waits).toEqual([300, 900, 900, 900]);
  await mx.waitFor(() => mx.deliveries.length === 1);
  expect(office.queue.stateOf(`${messageId}-1`)).toBe("expired");
  expect(office.queue.events.map(({ type }) => type).slice(0, 6)).toEqual([
    "TransientFailure",
    "TransientFailure",
    "TransientFailure",
    "TransientFailure",
    "Expiration",
    "Report",
  ]);
  const [report] = mx.deliveries;
  expect(report?.recipients).toEqual(["bounce@example.jp"]);
  expect(report?.data.toString()).toContain("mailbox on holiday");
  office.advance(86_400_000);
  office.advance(86_400_000);
  await office.delivery.close(1);
  expect(mx.deliveries).toHaveLength(1);
});

test("row 52: a failure for good is reported to MAIL FROM in RFC 3464 form, with the remote's words and no Bcc", async () => {
  await using mx = await startFakeMx({
    on: {
      rcpt: (_session, line) =>
        line.includes("nobody@") ? "550 5.1.1 <nobody@sink.test>: no such user" : undefined,
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const { messageId } = await office.send({
    to: ["nobody@sink.test"],
    content: "From: a@example.jp\r\nSubject: offer\r\nBcc: secret@sink.test\r\n\r\nsecret body\r\n",
    envelope: { dsn: { envid: "QQ1" } },
    dsn: { orcpt: "rfc822;nobody@sink.test" },
  });
  await mx.waitFor(() => mx.deliveries.length === 1);
  const report = mx.deliveries[0];
  const text = report?.data.toString() ?? "";
  expect(report?.mail).toMatch(/^MAIL FROM:<> /);
  expect(text).toContain("From: MAILER-DAEMON <MAILER-DAEMON@gw.example.jp>\r\n");
  expect(text).toContain("To: <bounce@example.jp>\r\n");
  expect(text).toContain("Auto-Submitted: auto-replied\r\n");
  expect(text).toContain("Content-Type: multipart/report; report-type=delivery-status;");
  expect(text).toContain("Original-Envelope-Id: QQ1\r\n");
  expect(text).toContain("Original-Recipient: rfc822;nobody@sink.test\r\n");
  expect(text).toContain(
    "Final-Recipient: rfc822; nobody@sink.test\r\nAction: failed\r\nStatus: 5.1.1\r\n",
  );
  expect(text).toContain("Diagnostic-Code: smtp; 550 5.1.1 <nobody@sink.test>: no such user\r\n");
  expect(text).toContain("Subject: offer");
  expect(text).not.toMatch(/secret/);
  const encoded = /base64\r\n\r\n([\s\S]*?)\r\n--/.exec(text)?.[1] ?? "";
  const words = Buffer.from(encoded, "base64").toString();
  expect(words).toContain("配信できませんでした");
  expect(words).toContain("could not be delivered");
  expect(words).toContain(messageId);
  expect(text.split("\r\n").every((line) => line.length <= 998)).toBe(true);
});

test("row 52: a report gives ENVID and ORCPT as the client meant them, not as SMTP carried them", async () => {
  await using mx = await startFakeMx({
    on: {
      rcpt: (_session, line) => (line.includes("taro+") ? "550 5.1.1 no such user" : undefined),
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({
    to: ["taro+shop@sink.test"],
    envelope: { dsn: { envid: "campaign+3D7" } },
    dsn: { orcpt: "rfc822;taro+2Bshop@sink.test" },
  });
  await mx.waitFor(() => mx.deliveries.length === 1);
  const text = mx.deliveries[0]?.data.toString() ?? "";
  expect(text).toContain("Original-Envelope-Id: campaign=7\r\n");
  expect(text).toContain("Original-Recipient: rfc822;taro+shop@sink.test\r\n");
  const refused = mx.commands.find(({ line }) => line.startsWith("RCPT TO:<taro+"));
  expect(refused?.line).toContain("ORCPT=rfc822;taro+2Bshop@sink.test");
});

test("row 52: an address that does not exist becomes a suppression in the same commit; other refusals do not", async () => {
  await using mx = await startFakeMx({
    on: {
      rcpt: (_session, line) =>
        line.includes("unknown@") ? "550 5.1.1 User unknown" : "550 5.7.1 blocked by policy",
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["unknown@sink.test", "blocked@sink.test"], from: null });
  await office.queue.waitFor(() => office.queue.settled.length === 2);
  const lessons = office.queue.settled.map((settled) =>
    settled.kind === "failed" ? settled.suppress?.suppression.kind : undefined,
  );
  expect(lessons.filter((lesson) => lesson === "hard-bounce")).toHaveLength(1);
  const taught = office.queue.settled.find(
    (settled) => settled.kind === "failed" && settled.suppress !== undefined,
  );
  expect(taught).toMatchObject({
    suppress: { target: { text: "unknown@sink.test" }, suppression: { scope: { kind: "all" } } },
  });
  expect(JSON.stringify(taught?.kind === "failed" && taught.suppress?.suppression)).not.toContain(
    "@",
  );
});

test("row 52: consent that went away while the message waited stops it, and the sender is told", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  office.record = () => ({
    standing: { kind: "withdrawn", since: new Date(), scope: "sender" },
    suppressions: [],
  });
  const { messageId } = await office.send({ to: ["a@sink.test"] });
  await mx.waitFor(() => mx.deliveries.length === 1);
  expect(office.queue.stateOf(`${messageId}-1`)).toBe("dropped");
  expect(office.queue.events[0]).toMatchObject({ type: "Dropped", reason: "withdrawn" });
  expect(mx.deliveries[0]?.recipients).toEqual(["bounce@example.jp"]);
  expect(mx.deliveries[0]?.data.toString()).toContain("Status: 5.7.1");
});

test("row 52: while the ledger cannot answer, nothing leaves and no attempt is counted", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  office.record = () => {
    throw new Error("ledger away");
  };
  await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.settled[0]).toMatchObject({ kind: "deferred", counted: false });
  expect(mx.connections()).toBe(0);
  office.record = () => ({
    standing: { kind: "granted", basis: "consent", since: new Date() },
    suppressions: [],
  });
  office.advance(180_000);
  await mx.waitFor(() => mx.deliveries.length === 1);
});

test("row 52: mail of a stream that is configured no more waits with that as its reason, goes when it is back, and expires with it", async () => {
  const reason = "the stream newsletter is not in the configuration: put it back, or drop its mail";
  await using mx = await startFakeMx();
  let isConfigured = false;
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    maxAgeSeconds: 3600,
    isConfigured: () => isConfigured,
  });
  await office.send({ to: ["a@x.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.settled[0]).toMatchObject({
    kind: "deferred",
    reply: { code: 451, enhanced: "4.3.5", text: reason },
    counted: false,
  });
  isConfigured = true;
  office.advance(600_000);
  await office.queue.waitFor(() => office.queue.states()["delivered"] === 1);
  isConfigured = false;
  await office.send({ to: ["b@x.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 3);
  office.advance(3_600_000);
  await office.queue.waitFor(() => office.queue.states()["expired"] === 1);
  const expired = office.queue.settled.find(({ kind }) => kind === "expired");
  expect(expired?.reply?.text).toContain(reason);
});

test.each([
  ["the receiver refuses the second copy", "550 5.7.1 seen before", 345_600, "Bounce"],
  ["its time is over", "451 4.3.0 later", 600, "Expiration"],
] as const)(
  "row 52: a report says that the message may have arrived where nobody answered to it, and then %s",
  async (_name, rcpt, maxAgeSeconds, type) => {
    await using mx = await startFakeMx({
      on: { end: { afterwards: "close" } },
    });
    await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), maxAgeSeconds });
    await office.send({ to: ["a@sink.test"] });
    await office.queue.waitFor(() => office.queue.events.length === 1);
    mx.rescript({ on: { rcpt: (_session, line) => (line.includes("a@sink") ? rcpt : undefined) } });
    office.advance(3_600_000);
    await mx.waitFor(() => mx.deliveries.length === 2);
    expect(office.queue.events.map((event) => event.type)).toContain(type);
    const base64 = /base64\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n--/.exec(
      mx.deliveries[1]?.data.toString("latin1") ?? "",
    )?.[1];
    const text = Buffer.from(base64 ?? "", "base64").toString();
    expect(text).toContain("届いている可能性があります");
    expect(text).toContain("may have got your message");
  },
);
