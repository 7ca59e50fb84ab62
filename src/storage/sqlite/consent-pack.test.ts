// Consents as octets come back as they were, and share what many rows say, but not without end.
import fc from "fast-check";
import { expect, test } from "vitest";

import { bases, type Evidence } from "../../consent/event.ts";
import { granted, noon } from "../../../test/support/storage-facts.ts";
import {
  absent,
  createConsentPacker,
  joinRecords,
  readRecords,
  type PackedConsents,
} from "./consent-pack.ts";

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 6000 });
const anyConsent = fc
  .record({
    local: fc.stringMatching(/^[a-z0-9]{1,64}$/),
    topic: text,
    basis: fc.constantFrom(...bases),
    byPerson: fc.boolean(),
    at: fc.date({ noInvalidDate: true }),
    expiresAt: fc.option(fc.date({ noInvalidDate: true }), { nil: undefined }),
    messageId: fc.option(text, { nil: undefined }),
    wording: text,
    note: fc.option(text, { nil: undefined }),
  })
  .map(({ local, expiresAt, messageId, wording, note, ...rest }) =>
    granted(`${local}@example.jp`, {
      ...rest,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(messageId === undefined ? {} : { messageId }),
      evidence: { wording, ...(note === undefined ? {} : { more: { note } }) },
    }),
  );

function told(packed: PackedConsents): readonly unknown[] {
  const textAt = (place: number): string | undefined => packed.texts[place];
  return readRecords(packed).map((record) => {
    const shared = JSON.parse(textAt(record.evidence) ?? "{}") as Evidence;
    const personal = JSON.parse(record.personal ?? "{}") as Evidence;
    return {
      subject: record.subject.toString("hex"),
      address: record.address(),
      sender: textAt(record.sender),
      topic: textAt(record.topic),
      basis: bases[record.basis ?? absent],
      byPerson: record.byPerson === 1,
      at: record.at,
      until: record.until,
      messageId: record.messageId,
      evidence: { ...shared, ...personal },
    };
  });
}

test("what is packed and joined is read as it was", () => {
  fc.assert(
    fc.property(fc.array(anyConsent, { maxLength: 6 }), (consents) => {
      const { pack, texts } = createConsentPacker();
      const packed = joinRecords(
        consents.map((consent) => Uint8Array.from(pack(consent))),
        texts,
      );
      expect(told(packed)).toEqual(
        consents.map(({ address, event }) => {
          if (event.kind !== "granted") throw new Error("only grants are made here");
          return {
            subject: event.subject,
            address: address?.text,
            sender: event.sender,
            topic: event.topic,
            basis: event.basis,
            byPerson: event.byPerson,
            at: event.at.getTime(),
            until: event.expiresAt?.getTime() ?? null,
            messageId: event.messageId ?? null,
            evidence: event.evidence,
          };
        }),
      );
    }),
    { numRuns: 200 },
  );
});

test("evidence that nearly every row has of its own is sealed with the person, not shared", () => {
  const { pack, texts } = createConsentPacker();
  const rows = Array.from({ length: 1200 }, (_, n) =>
    granted(`p${n}@example.jp`, { at: noon(), evidence: { source: `counter ${n}, till` } }),
  );
  const records = readRecords(
    joinRecords(
      rows.map((row) => Uint8Array.from(pack(row))),
      texts,
    ),
  );
  const shared = records.filter(({ evidence }) => evidence !== absent);
  expect(shared).toHaveLength(1000);
  expect(records.at(-1)).toMatchObject({
    evidence: absent,
    personal: JSON.stringify({ source: "counter 1199, till" }),
  });
});
