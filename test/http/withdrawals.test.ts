// POST /v1/consents/withdrawals: a stop that is answered 201 stops the mail that it names.
import { afterAll, beforeAll, expect, test } from "vitest";

import { createClient, fieldsOf, type Answer, type Call } from "../support/http-client.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { address } from "../support/memory-stores.ts";

let office: HttpOffice;
let call: Call;
let person = 0;
beforeAll(async () => {
  office = await openHttpOffice();
  call = createClient(office.app, await office.bearer(["consents:write", "suppressions:write"]));
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

/** A person who agreed to mail of this topic an hour ago. */
async function granted(topic = "news"): Promise<string> {
  person += 1;
  const email = `taro${person}@example.net`;
  const to = address(email);
  await office.storage.ledger.recordConsents([
    {
      address: to,
      event: {
        kind: "granted",
        subject: office.indexer.address(to),
        sender: "sample",
        topic,
        basis: "consent",
        byPerson: true,
        at: office.parts.clock(),
        evidence: {},
        actor: "test",
      },
    },
  ]);
  office.pass(3600);
  return email;
}

const stop = (email: string, more: object): Promise<Answer> =>
  call("POST", "/v1/consents/withdrawals", { email, sender: "sample", ...more });

async function standing(email: string, topic = "news"): Promise<string> {
  const to = address(email);
  const record = await office.storage.ledger.lookUp({
    subject: office.indexer.address(to),
    domain: office.indexer.domain(to.domain),
    sender: "sample",
    stream: "newsletter",
    topic,
    now: office.parts.clock(),
  });
  return record.standing.kind;
}

test.each([
  ["ｔａｒｏ@example.net", "full-width"],
  ["taro．yamada@example.net", "full-width"],
  ["*@example.net", "whole domain"],
])("a stop for %s, which is nobody's address, is refused", async (email, word) => {
  for (const answer of [
    await stop(email, { topic: "news" }),
    await call("POST", "/v1/suppressions", { email }),
  ]) {
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect([fieldsOf(answer), answer.json["detail"]]).toEqual([
      ["email"],
      expect.stringContaining(word),
    ]);
  }
});

test.each(["News", "nws", "", " news", "news ", "＊"])(
  "topic %j is none of the sender: nothing is recorded, and the answer names those there are",
  async (topic) => {
    const email = await granted();
    for (const more of [{ topic }, { topic, until: "2027-01-01T00:00:00Z" }]) {
      const answer = await stop(email, more);
      expect([answer.status, fieldsOf(answer)]).toEqual([422, ["topic"]]);
      expect(answer.json["detail"]).toMatch(/known: news, \*$/);
    }
    expect(await standing(email)).toBe("granted");
  },
);

test.each([{ topic: "*" }, { topic: null }, {}])(
  "%j is every topic, as in a file",
  async (more) => {
    const email = await granted();
    expect((await stop(email, more)).status).toBe(201);
    expect([await standing(email), await standing(email, "events")]).toEqual([
      "withdrawn",
      "withdrawn",
    ]);
    const paused = await granted();
    expect((await stop(paused, { ...more, until: "2027-01-01T00:00:00Z" })).status).toBe(201);
    expect(await standing(paused)).toBe("paused");
  },
);

test("a topic that has left the configuration is stopped for whoever has events in it", async () => {
  const email = await granted("former");
  expect((await stop(email, { topic: "former" })).status).toBe(201);
  expect(await standing(email, "former")).toBe("withdrawn");
  expect((await stop(await granted(), { topic: "former" })).status).toBe(422);
});

test("a suppression in the scope of no sender or stream is none", async () => {
  for (const scope of ["sender:smaple", "stream:news", "stream:*"]) {
    const answer = await call("POST", "/v1/suppressions", { email: "a@example.net", scope });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ["scope"]]);
  }
});

test("a masked address is nobody's: a stop or suppression of it would hold for no one, and is refused", async () => {
  const email = "t***@example.net";
  const stopped = await stop(email, {});
  expect([stopped.status, fieldsOf(stopped)]).toEqual([422, ["email"]]);
  const suppressed = await call("POST", "/v1/suppressions", { email, scope: "all" });
  expect([suppressed.status, fieldsOf(suppressed)]).toEqual([400, ["email"]]);
});
