// Demands on a connection: one that was made under a demand serves those alone that ask for the same.
import { expect, test } from "vitest";

import type { TlsaRecord } from "../../dns/validating-resolver.ts";
import { demandKey, type TlsDemand } from "./demand.ts";

const record: TlsaRecord = { usage: 3, selector: 1, matchingType: 1, data: Buffer.alloc(32, 1) };
const dane = (change: Partial<TlsaRecord> = {}, names = ["mx.example.net"]): TlsDemand => ({
  kind: "dane",
  records: [{ ...record, ...change }],
  names,
});

test("demands that prove different things have different keys", () => {
  const demands: readonly TlsDemand[] = [
    { kind: "encrypt" },
    { kind: "verify", by: "operator" },
    dane(),
    dane({ usage: 2 }),
    dane({ selector: 0 }),
    dane({ matchingType: 2 }),
    dane({ data: Buffer.alloc(32, 2) }),
    dane({}, ["mx.example.com"]),
    dane({}, ["mx.example.net", "example.net"]),
    { kind: "dane", records: [record, { ...record, usage: 2 }], names: ["mx.example.net"] },
  ];
  expect(new Set(demands.map(demandKey)).size).toBe(demands.length);
});

test("equal demands have one key, whoever asks", () => {
  expect(demandKey(dane())).toBe(demandKey(dane({ data: Buffer.alloc(32, 1) })));
  expect(demandKey({ kind: "verify", by: "mta-sts" })).toBe(
    demandKey({ kind: "verify", by: "operator" }),
  );
});
