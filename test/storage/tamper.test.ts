// Whatever is quietly changed in the past of the ledger or the chain, `audit verify` finds it.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import Database, { type Database as Connection } from "better-sqlite3";
import { describe, expect, test } from "vitest";

import type { Verification } from "../../src/audit/log.ts";
import { openStorage } from "../../src/storage/open.ts";
import {
  accept,
  granted,
  noon,
  settingsFor,
  submission,
  suppression,
  temporaryFolder,
  withdrawn,
} from "../support/storage-facts.ts";

const people = Array.from({ length: 12 }, (_, n) => `p${n}@example.jp`);

/** Sequences: 1 the import, 2–3 single consents, 4–6 suppressions, of which 5 replaces 4, 7 a removal, 8 another,
 * 9–11 refusals, 12 and 13 requests for consent, 14 the reception of their mail. */
async function fill(folder: string): Promise<void> {
  await using storage = await openStorage(settingsFor(folder));
  const { ledger, audit } = storage;
  await ledger.recordConsents(
    people.map((one) => granted(one, { evidence: { more: { a: "b" } } })),
  );
  await ledger.recordConsents([
    granted("taro@example.jp"),
    withdrawn("p1@example.jp", null, noon(1)),
  ]);
  await ledger.suppress([suppression("p2@example.jp", "manual", { reason: "first" })]);
  await ledger.suppress([suppression("p2@example.jp", "manual", { reason: "second" })]);
  const removed = suppression("p3@example.jp", "manual");
  await ledger.suppress([removed]);
  await ledger.unsuppress(removed.suppression.subject, { kind: "all" }, { actor: "cli:test" });
  await ledger.suppress([suppression("p4@example.jp", "complaint")]);
  for (const phase of ["mail", "rcpt", "data"])
    await audit.append([{ type: "Refusal", at: noon(), stream: "newsletter", detail: { phase } }]);
  const consentRequest = { topic: "news", evidence: { wording: "may we write?" } };
  await accept(storage, submission(["p5@example.jp", "p6@example.jp"], { consentRequest }));
}

async function verifyAfter(tamper: (db: Connection) => void): Promise<Verification> {
  using folder = temporaryFolder();
  await fill(folder.path);
  const db = new Database(join(folder.path, "sekisho.db"));
  tamper(db);
  db.close();
  await using storage = await openStorage(settingsFor(folder.path, "office"));
  return await storage.audit.verify();
}

const statement =
  (sql: string) =>
  (db: Connection): void => {
    expect(db.prepare(sql).run().changes).toBeGreaterThan(0);
  };

const attacks: readonly (readonly [string, (db: Connection) => void])[] = [
  ["an event's time", statement("UPDATE audit_events SET at = at + 1 WHERE sequence = 9")],
  ["an event's type", statement("UPDATE audit_events SET type = 'Held' WHERE sequence = 9")],
  ["an event's words", statement("UPDATE audit_events SET rest = '{}' WHERE sequence = 9")],
  ["an event's stream", statement("UPDATE audit_events SET stream = NULL WHERE sequence = 9")],
  [
    "an event's person",
    statement("UPDATE audit_events SET subject = zeroblob(16) WHERE sequence = 2"),
  ],
  [
    "an event's sealed part",
    statement("UPDATE audit_events SET sealed = zeroblob(9) WHERE sequence = 4"),
  ],
  ["an event's hash", statement("UPDATE audit_events SET hash = zeroblob(32) WHERE sequence = 9")],
  ["a stream's name", statement("UPDATE names SET name = 'other' WHERE name = 'newsletter'")],
  ["a removed event", statement("DELETE FROM audit_events WHERE sequence = 9")],
  ["a removed first event", statement("DELETE FROM audit_events WHERE sequence = 1")],
  ["a cut tail", statement("DELETE FROM audit_events WHERE sequence >= 10")],
  [
    "two events that changed places",
    (db) => {
      for (const [from, to] of [
        [9, 999],
        [10, 9],
        [999, 10],
      ])
        db.prepare("UPDATE audit_events SET sequence = ? WHERE sequence = ?").run(to, from);
    },
  ],
  [
    "an invented event at the end",
    statement(
      `INSERT INTO audit_events SELECT sequence + 1, at, type, message_id, subject, stream, sender, rest, sealed, hash
       FROM audit_events ORDER BY sequence DESC LIMIT 1`,
    ),
  ],
  [
    "a consent of an import",
    statement("UPDATE consent_events SET at = at - 1 WHERE id = 65536 + 3"),
  ],
  ["a consent's topic", statement("UPDATE consent_events SET topic = sender WHERE id = 2 * 65536")],
  [
    "a withdrawal made a grant",
    statement("UPDATE consent_events SET kind = 0, basis = 0 WHERE kind = 1"),
  ],
  ["a consent's evidence", statement("UPDATE consent_events SET sealed = NULL WHERE id = 65536")],
  [
    "a consent given to another person",
    statement("UPDATE consent_events SET subject = zeroblob(16) WHERE id = 65536"),
  ],
  ["a removed withdrawal", statement("DELETE FROM consent_events WHERE kind = 1")],
  ["a removed consent of an import", statement("DELETE FROM consent_events WHERE id = 65536 + 11")],
  [
    "an invented consent",
    statement(
      `INSERT INTO consent_events SELECT 99 * 65536, subject, sender, topic, kind, basis, by_person, at, until_at,
         recorded_at, actor, message_id, evidence, sealed FROM consent_events LIMIT 1`,
    ),
  ],
  ["a removed suppression", statement("DELETE FROM suppressions WHERE kind = 1")],
  [
    "a suppression that ends sooner",
    statement("UPDATE suppressions SET expires_at = 1 WHERE kind = 1"),
  ],
  [
    "a suppression of another scope",
    statement("UPDATE suppressions SET scope_kind = 1, scope_name = 1 WHERE kind = 1"),
  ],
  [
    "a suppression of somebody else",
    statement("UPDATE suppressions SET subject = zeroblob(16) WHERE kind = 1"),
  ],
  ["a removed request for consent", statement("DELETE FROM consent_requests WHERE sequence = 12")],
  ["a request's time", statement("UPDATE consent_requests SET at = at + 1 WHERE sequence = 12")],
  ["a request's proof", statement("UPDATE consent_requests SET sealed = zeroblob(9)")],
  [
    "a request made to somebody else",
    statement("UPDATE consent_requests SET subject = zeroblob(16) WHERE sequence = 12"),
  ],
  [
    "a request that the chain tells nothing of",
    statement("UPDATE consent_requests SET sequence = 0 WHERE sequence = 13"),
  ],
  [
    "an invented request",
    statement(
      `INSERT INTO consent_requests SELECT zeroblob(16), sender, message_id, topic, at, sealed, 99
       FROM consent_requests LIMIT 1`,
    ),
  ],
  [
    "a suppression made to stand for an older one",
    statement("UPDATE suppressions SET sequence = 4 WHERE sequence = 5"),
  ],
];

/** Takes the record of whoever the rows of a table are about. */
const withoutRecords =
  (where: string) =>
  (db: Connection): void => {
    statement(`DELETE FROM subjects WHERE subject IN (SELECT subject FROM ${where})`)(db);
  };

const told = "SELECT subject FROM audit_events WHERE subject IS NOT NULL";

describe("a person's record that is gone", () => {
  test.each([
    [
      "of one with a consent",
      `consent_events WHERE id < 2 * 65536 AND subject NOT IN (${told}) LIMIT 1`,
      1,
    ],
    ["of one who withdrew", "consent_events WHERE kind = 1", 3],
    ["of one whose address is suppressed", "suppressions WHERE sequence = 8", 8],
    ["of one who was asked for consent", "consent_requests WHERE sequence = 12", 12],
    ["of one whom an event's sealed words are about", "audit_events WHERE sequence = 5", 5],
  ])("%s is found where nobody was erased", async (_whose, where, sequence) => {
    const verification = await verifyAfter(withoutRecords(where));
    expect(verification).toMatchObject({
      kind: "broken",
      sequence,
      problem: "the record of the person it is about is gone, and nobody erased them",
    });
  });

  test("is as it should be where they were erased, and found again where they came back since", async () => {
    using folder = temporaryFolder();
    await fill(folder.path);
    const taken = (address: string): void => {
      const db = new Database(join(folder.path, "sekisho.db"));
      const { subject } = suppression(address, "manual").suppression;
      db.prepare("DELETE FROM subjects WHERE subject = ?").run(Buffer.from(subject, "hex"));
      db.close();
    };
    const erased = ["p0@example.jp", "p1@example.jp", "p4@example.jp", "p5@example.jp"];
    {
      await using storage = await openStorage(settingsFor(folder.path));
      for (const one of erased)
        await storage.ledger.erase(suppression(one, "manual").suppression.subject, {
          actor: "cli:test",
        });
      expect((await storage.audit.verify()).kind).toBe("intact");
      await storage.ledger.recordConsents([granted("p0@example.jp", { at: noon(99) })]);
      expect((await storage.audit.verify()).kind).toBe("intact");
    }
    taken("p0@example.jp");
    await using storage = await openStorage(settingsFor(folder.path, "office"));
    expect((await storage.audit.verify()).kind).toBe("broken");
  });
});

test("an event that only speaks of rows and digests is no proof of them", async () => {
  using folder = temporaryFolder();
  await fill(folder.path);
  await using storage = await openStorage(settingsFor(folder.path, "office"));
  const detail = { change: "consents", rows: 5, digest: "00".repeat(32), removes: 6, replaces: 6 };
  for (const type of ["Import", "Consent", "Suppression"] as const)
    await storage.audit.append([{ type, at: noon(), actor: "cli:test", detail }]);
  expect(await storage.audit.verify()).toMatchObject({ kind: "intact", events: 17 });
});

test("a cut tail is found by a head kept elsewhere, also where the counters were cut with it", async () => {
  using folder = temporaryFolder();
  await fill(folder.path);
  const heads = await (async () => {
    await using storage = await openStorage(settingsFor(folder.path, "office"));
    const proof = await storage.audit.verify();
    if (proof.kind !== "intact") throw new Error(proof.problem);
    return proof.heads;
  })();
  const db = new Database(join(folder.path, "sekisho.db"));
  db.exec("DELETE FROM audit_events WHERE sequence > 9");
  db.exec("UPDATE counters SET value = value - 2 WHERE name IN ('audit/Refusal', 'audit/Consent')");
  db.exec("DELETE FROM counters WHERE name = 'audit/Reception'");
  db.exec("DELETE FROM consent_requests");
  db.close();
  await using storage = await openStorage(settingsFor(folder.path, "office"));
  expect((await storage.audit.verify()).kind).toBe("intact");
  expect(await storage.audit.verify(heads)).toMatchObject({ kind: "broken", sequence: 10 });
  const invented = heads.map((head) => ({ ...head, sequence: 9 }));
  const verified = await storage.audit.verify(invented);
  expect(JSON.stringify(verified)).toContain("not signed");
});

describe("row 78: a quiet change of the past is found", () => {
  test("an untouched store verifies", async () => {
    expect(await verifyAfter(() => undefined)).toMatchObject({ kind: "intact", events: 14 });
  });
  test.each(attacks)("%s", async (_name, tamper) => {
    const verification = await verifyAfter(tamper);
    expect(verification.kind).toBe("broken");
  });
  test("names the event that was changed", async () => {
    const verification = await verifyAfter(
      statement("UPDATE audit_events SET rest = '{}' WHERE sequence = 9"),
    );
    expect(verification).toMatchObject({ kind: "broken", chain: "main", sequence: 9 });
  });
});

test("who has docs/consent.md and a copy of the database recomputes the chain without the gateway", async () => {
  using folder = temporaryFolder();
  await fill(folder.path);
  const page = readFileSync(resolve(import.meta.dirname, "../../docs/consent.md"), "utf8");
  const [, script = ""] = /^```js\n([^]*?)^```/m.exec(page) ?? [];
  const file = join(folder.path, "chain.mjs");
  writeFileSync(file, script);
  const path = join(folder.path, "sekisho.db");
  const recompute = (): { readonly stdout: string; readonly stderr: string } =>
    spawnSync(process.execPath, [file, path], { encoding: "utf8" });
  await using storage = await openStorage(settingsFor(folder.path, "office"));
  const proof = await storage.audit.verify();
  const head = proof.kind === "intact" ? proof.heads[0] : undefined;
  expect(recompute().stdout.trimEnd().split("\n").at(-1)).toBe(`${head?.sequence} ${head?.hash}`);
  const db = new Database(path);
  statement("UPDATE audit_events SET at = at + 1 WHERE sequence = 7")(db);
  db.close();
  expect(recompute().stderr).toContain("broken at event 7");
});
