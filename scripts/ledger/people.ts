// The made-up people of the ledger's benchmark: the same number is the same person in every run.
import type { Indexer } from "../../src/consent/address-index.ts";
import type { Basis } from "../../src/consent/event.ts";
import type { NewConsent } from "../../src/consent/ledger.ts";
import { parseAddress, type Address } from "../../src/mail/address.ts";

const domains = 997; // recipients' domains

export const evidence = {
  method: "web-form",
  source: "https://www.example.jp/form",
  wording: "お知らせメールを受け取ります",
};

export function person(number: number): Address {
  const parsed = parseAddress(`user${number}@mail${number % domains}.example.jp`);
  if (parsed.kind === "bad") throw new Error(parsed.problem);
  return parsed.value;
}

/** A consent and what came after it: another basis or, for one in twenty, the end. */
export function eventsOf(indexer: Indexer, number: number): readonly NewConsent[] {
  const address = person(number);
  const subject = indexer.address(address);
  const common = { subject, sender: "sample", topic: "news", evidence, actor: "import:bench" };
  const at = new Date(1.6e12 + number * 1000);
  const later = new Date(at.getTime() + 30 * 86_400_000);
  const grant = (basis: Basis, when: Date): NewConsent => ({
    address,
    event: { ...common, kind: "granted", basis, byPerson: false, at: when },
  });
  const second: NewConsent =
    number % 20 === 0
      ? { address, event: { ...common, kind: "withdrawn", at: later } }
      : grant("relationship", later);
  return [grant("consent", at), second];
}

/** Said by the person now. */
export function optOut(
  indexer: Indexer,
  number: number,
): NewConsent & { readonly address: Address } {
  const address = person(number);
  const subject = indexer.address(address);
  const common = { subject, sender: "sample", topic: "news", evidence: {}, actor: "recipient" };
  return { address, event: { ...common, kind: "withdrawn", at: new Date() } };
}
