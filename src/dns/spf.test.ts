// How many look-ups an SPF record costs, over all that it includes.
import { expect, test } from "vitest";

import type { Resolver } from "./resolver.ts";
import { readSpf } from "./spf.ts";

type Records = Readonly<Record<string, string | readonly string[]>>;

/** TXT records by name; addresses for every name under `here.test`. */
function zone(records: Records): Resolver {
  const address = (
    name: string,
  ): Promise<{ kind: "nxdomain" } | { kind: "records"; records: string[] }> =>
    Promise.resolve(
      name.endsWith("here.test")
        ? { kind: "records", records: ["192.0.2.1"] }
        : { kind: "nxdomain" },
    );
  const no = (): Promise<{ kind: "nodata" }> => Promise.resolve({ kind: "nodata" });
  return {
    txt: (name) => {
      const found = records[name];
      return Promise.resolve(
        found === undefined
          ? { kind: "nxdomain" }
          : { kind: "records", records: typeof found === "string" ? [found] : found },
      );
    },
    a: address,
    aaaa: no,
    mx: no,
    ptr: no,
    cname: no,
    ns: no,
    soa: no,
    host: no,
    forget: () => undefined,
    close: () => undefined,
  };
}

const plain = { "b.test": "v=spf1 ip4:192.0.2.0/24 -all", "c.test": "v=spf1 include:b.test ~all" };

test.each<[string, number, number, string | undefined]>([
  ["v=spf1 -all", 0, 0, "-"],
  ["v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ?all", 0, 0, "?"],
  ["v=spf1 a:here.test a:here.test/24 a:here.test/24//64 mx:here.test ~all", 4, 1, "~"],
  ["v=spf1 include:b.test include:c.test -all", 3, 0, "-"],
  ["v=spf1 include:c.test redirect=b.test", 3, 0, "-"],
  ["v=spf1 -all redirect=b.test include:c.test", 0, 0, "-"],
  ["v=spf1 exists:%{i}._spf.here.test a:gone.test -all", 2, 1, "-"],
  ["v=spf1 A:here.test INCLUDE:B.TEST -ALL", 2, 0, "-"],
  ["v=spf1 mx", 1, 1, undefined],
])("%s: %i look-ups, %i of them empty", async (record, lookups, voids, all) => {
  const reading = await readSpf("a.test", zone({ ...plain, "a.test": record }));
  expect(reading).toMatchObject({ kind: "record", lookups, voids, flaws: [] });
  expect(reading.kind === "record" && reading.all).toBe(all);
});

test.each([
  ["v=spf1 ip4:999 -all", { kind: "syntax", term: "ip4:999" }],
  ["v=spf1 ip5:192.0.2.1 -all", { kind: "syntax", term: "ip5:192.0.2.1" }],
  ["v=spf1 include -all", { kind: "syntax", term: "include" }],
  [
    "v=spf1 include:gone.test -all",
    { kind: "include", domain: "gone.test", why: "has no SPF record" },
  ],
  ["v=spf1 include:a.test -all", { kind: "include", domain: "a.test", why: "includes itself" }],
])("%s has a flaw", async (record, flaw) => {
  const reading = await readSpf("a.test", zone({ ...plain, "a.test": record }));
  expect(reading).toMatchObject({ flaws: [flaw] });
});

test("a record that includes without end is read to a bound", async () => {
  const records: Record<string, string> = {};
  for (let index = 0; index < 200; index += 1)
    records[`n${index}.test`] = `v=spf1 include:n${index + 1}.test -all`;
  const reading = await readSpf("n0.test", zone(records));
  expect(reading.kind === "record" && reading.lookups).toBe(31);
});

test("what only looks like SPF is none", async () => {
  expect(await readSpf("a.test", zone({ "a.test": ["v=spf10 -all", "spf1 -all"] }))).toEqual({
    kind: "none",
  });
});
