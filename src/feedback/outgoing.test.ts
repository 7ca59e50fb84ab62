import { expect, test } from "vitest";

import { createIndexer } from "../consent/address-index.ts";
import { createTokens } from "../consent/token.ts";
import { parseAddress } from "../mail/address.ts";
import { parseDomain, type Domain } from "../mail/domain.ts";
import { createMessageId } from "../mail/message-id.ts";
import type { Stream } from "../policy/stream.ts";
import type { Lease } from "../queue/store.ts";
import { createOutgoing } from "./outgoing.ts";
import { createReturnPath } from "./return-path.ts";

const now = new Date("2026-11-25T00:00:00Z");
const messageId = createMessageId(now);
const key = Buffer.alloc(32, 1);
const tokens = createTokens(key);
const returnPath = createReturnPath(key);

function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed.kind === "bad") throw new Error(parsed.problem);
  return parsed.value;
}

const to = parseAddress("hanako@example.net");
if (to.kind === "bad") throw new Error(to.problem);
const subject = createIndexer(key).address(to.value);
const lease: Lease = {
  recipientId: `${messageId}-1`,
  messageId,
  address: to.value,
  subject,
  destination: to.value.domain,
  attempts: 0,
  stream: "newsletter",
  sender: "sample",
  envelope: { mailFrom: null, eightBit: false, smtpUtf8: false },
  fromDomain: domain("example.jp"),
  receivedAt: now,
  trace: { helo: "ma", protocol: "ESMTPS" },
  notification: false,
  uncertain: false,
};
const sender = {
  id: "sample",
  legal: { names: [], addresses: [], contacts: [], optOutHosts: [] },
  domains: [domain("example.jp")],
  strictOptIn: false,
};

function outgoing(listUnsubscribe: Stream["listUnsubscribe"]): ReturnType<typeof createOutgoing> {
  const stream: Stream = {
    id: "newsletter",
    sender,
    class: "marketing",
    topic: "news",
    rules: [],
    onViolation: "refuse",
    observe: [],
    disabled: [],
    listUnsubscribe,
  };
  return createOutgoing({
    returnPath,
    tokens,
    stream: () => stream,
    mailHost: () => domain("gw.example.jp"),
    publicUrl: "https://gw.example.jp",
    clock: () => now,
  });
}

test("the return path names this recipient's copy and nobody else", () => {
  const address = outgoing("add").returnPath(lease);
  expect(address?.domain).toBe("gw.example.jp");
  expect(returnPath.read(address?.local ?? "", now)).toEqual({
    kind: "ok",
    purpose: "bounce",
    recipientId: lease.recipientId,
  });
});

test("the opt-out link is a token for person, sender and topic, with no address in it", () => {
  const { add, unless } = outgoing("add").headers(lease);
  const header = add.join("");
  const token = /\/u\/([\w-]+)>/.exec(header)?.[1] ?? "";
  expect(tokens.read(token, [{ sender: "sample", topic: "news" }])).toEqual({
    subject,
    sender: "sample",
    topic: "news",
    messageId,
  });
  expect(header).not.toContain("hanako");
  expect(header).toContain("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
  expect(unless).toBe("list-unsubscribe");
});

test("two attempts carry the same fields, so that one signature serves them", () => {
  expect(outgoing("replace").headers(lease)).toEqual(
    outgoing("replace").headers({ ...lease, attempts: 3 }),
  );
});

test("a stream that keeps the client's fields gets none of ours", () => {
  expect(outgoing("keep").headers(lease)).toEqual({ add: [], remove: [] });
});
