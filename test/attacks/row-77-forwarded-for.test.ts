// X-Forwarded-For counts only where a configured proxy wrote it: otherwise anybody could be anybody.
import { expect, test } from "vitest";

import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";

/** The address that the record of a reading names for a request from `peer` with this header. */
async function seenFrom(office: HttpOffice, peer: string, forwarded: string): Promise<unknown> {
  const token = await office.bearer(["queue:read"]);
  await office.app.inject({
    url: "/v1/queue",
    remoteAddress: peer,
    headers: {
      ...token,
      "x-forwarded-for": forwarded,
      forwarded: `for=${forwarded}`,
      "x-real-ip": forwarded,
    },
  });
  const page = await office.storage.audit.search({
    types: ["Export"],
    newestFirst: true,
    limit: 1,
  });
  return page.items[0]?.detail?.["from"];
}

test("row 77: without a configured proxy the header is ignored", async () => {
  await using office = await openHttpOffice();
  expect(await seenFrom(office, "192.0.2.1", "127.0.0.1")).toBe("192.0.2.1");
  expect(await seenFrom(office, "127.0.0.1", "10.0.0.1")).toBe("127.0.0.1");
});

test("row 77: with one, the last address that is no proxy counts, however many stand before it", async () => {
  await using office = await openHttpOffice({ settings: { trustedProxies: ["192.0.2.0/24"] } });
  expect(await seenFrom(office, "192.0.2.1", "203.0.113.7")).toBe("203.0.113.7");
  expect(await seenFrom(office, "192.0.2.1", "127.0.0.1, 203.0.113.7")).toBe("203.0.113.7");
  expect(await seenFrom(office, "192.0.2.1", "127.0.0.1, 203.0.113.7, 192.0.2.9")).toBe(
    "203.0.113.7",
  );
  expect(await seenFrom(office, "198.51.100.1", "203.0.113.7")).toBe("198.51.100.1");
});

test("row 77: guesses cannot be spread over forged addresses", async () => {
  await using office = await openHttpOffice();
  const statuses: number[] = [];
  for (let count = 0; count < 7; count += 1) {
    const headers = { authorization: "Bearer abc", "x-forwarded-for": `10.0.${count}.1` };
    const answer = await office.app.inject({
      url: "/v1/keys",
      remoteAddress: "192.0.2.1",
      headers,
    });
    statuses.push(answer.statusCode);
  }
  expect(statuses.slice(-2)).toEqual([429, 429]);
});
