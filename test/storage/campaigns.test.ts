// The gate for campaigns on a real store: one request for many messages at once, and nothing left behind by an approval.
import { afterEach, beforeEach, expect, test } from "vitest";

import {
  createCampaignGate,
  type CampaignGate,
  type CampaignMessage,
} from "../../src/intake/campaign.ts";
import {
  accept,
  noon,
  openSqliteStore,
  submission,
  type OpenedStore,
} from "../support/storage-facts.ts";
import { makeSender, makeStream } from "../support/smtp-gateway.ts";

const stream = makeStream({
  id: "newsletter",
  class: "marketing",
  sender: makeSender({ approvals: ["campaign"] }),
});
let opened: OpenedStore;
let gate: CampaignGate;
let now = noon();
beforeEach(async () => {
  opened = await openSqliteStore();
  now = noon();
  gate = createCampaignGate({
    campaigns: opened.storage.campaigns,
    queue: opened.storage.queue,
    headers: ["x-campaign-id"],
    expiresSeconds: 3600,
    clock: () => now,
  });
});
afterEach(async () => {
  await opened[Symbol.asyncDispose]();
});

let sent = 0;
async function send(change: Partial<CampaignMessage["sketch"]> = {}): Promise<string> {
  sent += 1;
  const given = submission([`p${sent}@example.net`], { messageId: `m${sent}` });
  const message: CampaignMessage = {
    messageId: given.message.messageId,
    actor: "credential:ma",
    stream,
    recipients: 1,
    content: given.message.content,
    findings: [],
    sketch: {
      sketch: ["a", "b", "c"],
      hosts: ["u.example.jp"],
      subject: "s",
      text: "t",
      ...change,
    },
  };
  const { verdict } = await gate.pass(message, async (campaign) => {
    const held =
      campaign.kind === "hold"
        ? {
            held: { reason: "campaign-unapproved", detail: campaign.detail, findings: [] } as const,
          }
        : {};
    await accept(opened.storage, { ...given, message: { ...given.message, ...held } });
  });
  return verdict.kind;
}

async function approve(): Promise<number> {
  const page = await opened.storage.approvals.list({ state: "open", limit: 10 });
  expect(page.items).toHaveLength(1);
  const act = { actor: "user:second", at: now };
  const done = await opened.storage.approvals.decide(page.items[0]?.id ?? "", "approve", act);
  return done.kind === "done" ? done.released : -1;
}

const states = async (): Promise<Readonly<Record<string, number>>> =>
  (await opened.storage.queue.counts()).states;

test("twenty first messages at once ask once, and one approval lets all of them go", async () => {
  const verdicts = await Promise.all(Array.from({ length: 20 }, () => send()));
  expect(new Set(verdicts)).toEqual(new Set(["hold"]));
  expect(await approve()).toBe(20);
  expect(await states()).toMatchObject({ held: 0, waiting: 20 });
  now = noon(1000);
  expect(await send()).toBe("flow");
});

test("no message stays behind whose campaign is approved while it comes in", async () => {
  await send();
  const [, ...verdicts] = await Promise.all([
    approve(),
    ...Array.from({ length: 10 }, () => send()),
  ]);
  expect(verdicts.every((verdict) => verdict === "hold" || verdict === "flow")).toBe(true);
  expect(await states()).toMatchObject({ held: 0, waiting: 11 });
});

test("a new host in an approved campaign is held anew, with what is new said", async () => {
  await send();
  await approve();
  now = noon(1000);
  expect(await send({ hosts: ["u.example.jp", "evil.example"] })).toBe("hold");
  const page = await opened.storage.approvals.list({ state: "open", limit: 10 });
  expect(page.items[0]?.act).toMatchObject({
    because: ["links to a host not seen before: evil.example"],
  });
  now = noon(2000);
  expect(await send()).toBe("hold"); // all of it waits until somebody has looked
  expect(await approve()).toBe(2);
  now = noon(3000);
  expect(await send({ hosts: ["u.example.jp", "evil.example"] })).toBe("flow");
});

test("a rejected campaign's messages are dropped and refused; one that nobody decided asks anew", async () => {
  await send();
  const [first] = (await opened.storage.approvals.list({ state: "open", limit: 1 })).items;
  await opened.storage.approvals.decide(first?.id ?? "", "reject", { actor: "user:x", at: now });
  expect(await states()).toMatchObject({ held: 0, dropped: 1 });
  now = noon(1000);
  expect(await send()).toBe("rejected");
  expect(await send({ sketch: ["x", "y", "z"] })).toBe("hold");
  now = noon(3_700_000);
  expect(await opened.storage.approvals.expire(now)).toBe(1);
  expect(await send({ sketch: ["x", "y", "z"] })).toBe("hold");
  expect((await opened.storage.approvals.list({ state: "open", limit: 10 })).items).toHaveLength(1);
});
