import { generate } from "selfsigned";
import { expect, test } from "vitest";

import { watchCertificates, type ShownCertificate } from "./certificate-watch.ts";

const day = 86_400_000;
const begin = Date.UTC(2026, 0, 1);

async function pem(days: number): Promise<string> {
  const { cert } = await generate([{ name: "commonName", value: "gw.example.jp" }], {
    keyType: "ec",
    notBeforeDate: new Date(begin),
    notAfterDate: new Date(begin + days * day),
  });
  return cert;
}

test("a certificate is told of once a day from two weeks before its end on, until another is shown", async () => {
  let now = begin;
  let shown: ShownCertificate = { setting: "smtp.tls", cert: await pem(90) };
  const told: string[] = [];
  using watch = watchCertificates({
    shown: () => [shown],
    wall: () => now,
    ending: (setting, end) => {
      told.push(`${setting} ${end.toISOString().slice(0, 10)}`);
    },
  });
  const at = (days: number): number => {
    now = begin + days * day;
    watch.look();
    return told.length;
  };
  expect([at(0), at(75.9), at(76.1), at(76.5), at(77.2), at(91)]).toEqual([0, 0, 1, 1, 2, 3]);
  expect(told.at(-1)).toBe("smtp.tls 2026-04-01");
  shown = { ...shown, cert: await pem(180) };
  expect(at(92)).toBe(3);
});

test("one that lives for six days is told of in its last day and a half", async () => {
  const cert = await pem(6);
  const told: Date[] = [];
  for (const days of [0, 4.4, 4.6])
    watchCertificates({
      shown: () => [{ setting: "http.tls", cert }],
      wall: () => begin + days * day,
      ending: (_setting, end) => void told.push(end),
    })[Symbol.dispose]();
  expect(told).toHaveLength(1);
});
