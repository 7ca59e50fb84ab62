// Consents as lines of text while an import is judged: the key first, then what the row says.
import type { AddressIndex } from "../consent/address-index.ts";
import type { Basis, ConsentEvent, Evidence } from "../consent/event.ts";
import type { NewConsent } from "../consent/ledger.ts";
import { parseAddress } from "../mail/address.ts";
import type { Packing } from "./import-file.ts";

const indexCharacters = 32; // of an address index
const sharedMax = 10_000; // evidences kept once; a table in which every row has its own would fill the memory

type Packed = readonly [
  address: string,
  kind: ConsentEvent["kind"],
  basis: Basis | null,
  sender: string,
  topic: string | null,
  at: number,
  end: number | null,
  evidence: number | Evidence,
];

/** `actor`: who is written down as having recorded the rows. */
export function consentPacking(actor: string): Packing<NewConsent> {
  const shared: Evidence[] = [];
  const places = new Map<string, number>();
  let last: { readonly evidence: Evidence; readonly packed: number | Evidence } | undefined;
  const packEvidence = (evidence: Evidence): number | Evidence => {
    if (last?.evidence === evidence) return last.packed;
    const text = JSON.stringify(evidence);
    let packed: number | Evidence | undefined = places.get(text);
    if (packed === undefined && shared.length < sharedMax) {
      // A copy: cells are slices of the file's text, and one would keep all of it in memory.
      packed = shared.push(JSON.parse(text) as Evidence) - 1;
      places.set(text, packed);
    }
    packed ??= evidence;
    last = { evidence, packed };
    return packed;
  };
  return {
    keyCharacters: indexCharacters,
    pack: ({ address, event }) => {
      const packed: Packed = [
        address.text,
        event.kind,
        event.kind === "granted" ? event.basis : null,
        event.sender,
        event.topic,
        event.at.getTime(),
        endOf(event)?.getTime() ?? null,
        packEvidence(event.evidence),
      ];
      return event.subject + JSON.stringify(packed);
    },
    unpack: (line) => {
      const subject = line.slice(0, indexCharacters) as AddressIndex; // pack wrote it
      const [text, kind, basis, sender, topic, at, end, evidence] = JSON.parse(
        line.slice(indexCharacters),
      ) as Packed;
      const address = parseAddress(text);
      if (address.kind === "bad") throw new Error(`a packed address ${address.problem}`);
      const common = {
        subject,
        sender,
        at: new Date(at),
        evidence: typeof evidence === "number" ? (shared[evidence] ?? {}) : evidence,
        actor,
      };
      return { address: address.value, event: toEvent(common, kind, basis, topic, end) };
    },
  };
}

function endOf(event: ConsentEvent): Date | undefined {
  switch (event.kind) {
    case "granted":
      return event.expiresAt;
    case "paused":
      return event.until;
    case "withdrawn":
    case "expired":
      return undefined;
  }
}

type Common = Pick<ConsentEvent, "subject" | "sender" | "at" | "evidence" | "actor">;

/** An import is never the person's own act: `byPerson` is not even kept. */
function toEvent(
  common: Common,
  kind: ConsentEvent["kind"],
  basis: Basis | null,
  topic: string | null,
  end: number | null,
): ConsentEvent {
  switch (kind) {
    case "granted":
      return {
        ...common,
        kind,
        topic: need(topic),
        basis: need(basis),
        byPerson: false,
        ...(end === null ? {} : { expiresAt: new Date(end) }),
      };
    case "paused":
      return { ...common, kind, topic, until: new Date(need(end)) };
    case "withdrawn":
      return { ...common, kind, topic };
    case "expired":
      return { ...common, kind, topic: need(topic) };
  }
}

function need<T>(value: T | null): T {
  if (value === null) throw new Error("a packed row is incomplete");
  return value;
}
