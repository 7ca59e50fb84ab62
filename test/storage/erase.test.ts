// After `consent erase` no byte of the data directory tells who the person was; before it, only sealed bytes did.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { SuppressionScope } from "../../src/consent/suppression.ts";
import { openStorage } from "../../src/storage/open.ts";
import {
  accept,
  address,
  granted,
  indexer,
  noon,
  settingsFor,
  submission,
  suppression,
  temporaryFolder,
} from "../support/storage-facts.ts";

const who = "Unusual.Name+tag@quiet-corner.example";
const needles = [who, who.toLowerCase(), "Unusual.Name", "見本 花子", "asked by letter"].flatMap(
  (text) => [
    Buffer.from(text),
    Buffer.from(text, "utf16le"),
    Buffer.from(
      Buffer.from(text)
        .toString("base64")
        .replace(/.{2}=*$/, ""),
    ),
    Buffer.from(Buffer.from(text).toString("hex")),
  ],
);

function found(folder: string): readonly string[] {
  const hits: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    for (const needle of needles)
      if (bytes.includes(needle)) hits.push(`${name}: ${needle.toString()}`);
  }
  return hits;
}

function sealedRecordIn(folder: string, sealed: Buffer): boolean {
  return readdirSync(folder).some(
    (name) =>
      statSync(join(folder, name)).isFile() && readFileSync(join(folder, name)).includes(sealed),
  );
}

test("no file holds the address, a name or the evidence in readable form, before or after", async () => {
  using folder = temporaryFolder();
  await using storage = await openStorage(settingsFor(folder.path));
  const person = address(who);
  const subject = indexer.address(person);
  await storage.ledger.recordConsents([
    granted(who, {
      evidence: {
        source: `letter of ${who}`,
        wording: "Unusual.Name agreed",
        more: { 氏名: "見本 花子" },
      },
    }),
  ]);
  await storage.ledger.suppress([suppression(who, "manual", { reason: "asked by letter" })]);
  const given = submission([who], { text: `To: ${who}\r\n\r\nhello\r\n` });
  await accept(storage, given);
  const [lease] = await storage.queue.lease({
    owner: "a",
    now: noon(1),
    leaseUntil: noon(2),
    limit: 1,
  });
  if (lease === undefined) throw new Error("nothing was leased");
  const words = { code: 450, text: `<${who}> is busy; unusual.name is over quota` };
  await storage.queue.settle("a", [
    {
      kind: "deferred",
      recipientId: lease.recipientId,
      nextAttemptAt: noon(2),
      reply: words,
      counted: true,
      event: {
        type: "TransientFailure",
        at: noon(1),
        messageId: lease.messageId,
        subject,
        reply: words,
        detail: { command: `RCPT TO:<${who}>` },
        personal: { note: "見本 花子" },
      },
    },
  ]);
  expect(found(folder.path)).toEqual([]);
  const events = await storage.audit.search({ types: ["TransientFailure"], limit: 1 });
  expect(events.items[0]).toMatchObject({
    recipient: who,
    reply: words,
    detail: { command: `RCPT TO:<${who}>` },
  });

  await storage.ledger.erase(subject, { actor: "cli:test", reason: `asked by ${who}` });
  expect(found(folder.path)).toEqual([]);
  const after = await storage.audit.search({ subject, limit: 100 });
  const shown = JSON.stringify(after.items) + JSON.stringify(await storage.ledger.events(subject));
  expect(shown.toLowerCase()).not.toContain("unusual");
  expect(shown).not.toContain("花子");
  expect(await storage.queue.content(given.message.messageId)).toBeUndefined();
  expect((await storage.audit.verify()).kind).toBe("intact");
});

test("the sealed record itself is gone from the file and the write-ahead log", async () => {
  using folder = temporaryFolder();
  const { default: Database } = await import("better-sqlite3");
  await using storage = await openStorage(settingsFor(folder.path));
  const others = Array.from({ length: 400 }, (_, n) => granted(`other${n}@example.jp`));
  await storage.ledger.recordConsents([...others, granted(who)]);
  const subject = indexer.address(address(who));
  const db = new Database(join(folder.path, "sekisho.db"), { readonly: true });
  const sealed = db
    .prepare<[Buffer], Buffer>("SELECT sealed FROM subjects WHERE subject = ?")
    .pluck()
    .get(Buffer.from(subject, "hex"));
  db.close();
  if (sealed === undefined) throw new Error("the record was stored");
  expect(sealedRecordIn(folder.path, sealed)).toBe(true);
  await storage.ledger.erase(subject, { actor: "cli:test" });
  expect(sealedRecordIn(folder.path, sealed)).toBe(false);
});

test("requests of a second person keep what was decided, and neither address nor reason", async () => {
  using folder = temporaryFolder();
  const { default: Database } = await import("better-sqlite3");
  await using storage = await openStorage(settingsFor(folder.path));
  const subject = indexer.address(address(who));
  const act = { actor: "cli:test", reason: `asked by ${who}`, at: noon() };
  const ask = async (id: string, scope: SuppressionScope = { kind: "all" }): Promise<void> => {
    await storage.approvals.ask(
      {
        id,
        askedBy: "cli:test",
        askedAt: noon(),
        expiresAt: noon(1000),
        reason: act.reason,
        act: { kind: "suppression-removal", subject, scope, address: who },
      },
      act,
    );
  };
  await ask("decided");
  await storage.approvals.decide("decided", "reject", { ...act, actor: "cli:other" });
  await ask("open");
  const db = new Database(join(folder.path, "sekisho.db"), { readonly: true });
  const sealed = db.prepare<[], Buffer>("SELECT sealed FROM approvals").pluck().all();
  db.close();
  expect(sealed.map((each) => sealedRecordIn(folder.path, each))).toEqual([true, true]);

  for (const round of ["known", "erased before, asked since"]) {
    if (round !== "known") await ask("asked since", { kind: "sender", id: "sample" });
    expect(await storage.ledger.erase(subject, { actor: "cli:test" })).toEqual({ erased: true });
    const { items } = await storage.approvals.list({ limit: 10 });
    expect(items.map(({ state }) => state).slice(0, 2)).toEqual(["rejected", "open"]);
    for (const { act: left, reason } of items)
      expect([left, reason]).toEqual([expect.not.objectContaining({ address: who }), undefined]);
  }
  expect(sealed.map((each) => sealedRecordIn(folder.path, each))).toEqual([false, false]);
  const decided = await storage.approvals.decide("open", "approve", {
    ...act,
    actor: "cli:other",
    at: noon(1),
  });
  expect(decided.kind).toBe("done");
  expect((await storage.audit.verify()).kind).toBe("intact");
});
