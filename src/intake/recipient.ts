// RCPT: an address with its papers looked up, and what policy says to them.
import type { AddressIndex } from "../consent/address-index.ts";
import type { Basis } from "../consent/event.ts";
import { isAscii, parseAddress, type Address } from "../mail/address.ts";
import { decideRecipient } from "../policy/decide.ts";
import type { Stream } from "../policy/stream.ts";
import { refused, type Answer } from "./answer.ts";
import type { IntakeParts } from "./parts.ts";

/** What is remembered of an accepted recipient until DATA. */
export interface Admitted {
  readonly address: Address;
  readonly subject: AddressIndex;
  /** What the standing rests on, where one was needed. */
  readonly basis?: Basis;
}

export type Admission =
  | { readonly kind: "admitted"; readonly recipient: Admitted }
  | { readonly kind: "duplicate" }
  | {
      readonly kind: "no";
      readonly answer: Extract<Answer, { kind: "refused" }>;
      readonly address?: Address;
      readonly subject?: AddressIndex;
      /** What to log of a fault of ours. */
      readonly cause?: unknown;
    };

/**
 * `path` is what stood in the angle brackets. `taken` are those admitted before in this transaction: a second RCPT of
 * one of them is answered 250 and delivered once (RFC 5321 §4.1.1.3 leaves it to us). Never rejects: a ledger that
 * cannot be read is a deferral (default deny, our fault).
 */
export async function admitRecipient(
  parts: Pick<IntakeParts, "indexer" | "ledger" | "clock">,
  stream: Stream,
  path: string,
  taken: ReadonlyMap<AddressIndex, unknown>,
): Promise<Admission> {
  const parsed = parseAddress(path);
  if (parsed.kind === "bad") {
    return { kind: "no", answer: refused("bad-address", `it ${parsed.problem}`) };
  }
  const address = parsed.value;
  if (!isAscii(address)) return { kind: "no", answer: refused("utf8-address") };
  const subject = parts.indexer.address(address);
  if (taken.has(subject)) return { kind: "duplicate" };
  try {
    const record = await parts.ledger.lookUp({
      subject,
      domain: parts.indexer.domain(address.domain),
      sender: stream.sender.id,
      stream: stream.id,
      topic: stream.topic,
      maxAges: stream.sender.maxAges,
      now: parts.clock(),
    });
    const decision = decideRecipient({ stream, ...record });
    if (decision.kind !== "accept") {
      return { kind: "no", answer: refused(decision.reason, decision.detail), address, subject };
    }
    const { standing } = record;
    const grounds = standing.kind === "withdrawn" ? standing.beneath : standing;
    return {
      kind: "admitted",
      recipient:
        grounds?.kind === "granted"
          ? { address, subject, basis: grounds.basis }
          : { address, subject },
    };
  } catch (cause) {
    return { kind: "no", answer: refused("ledger-unavailable"), address, subject, cause };
  }
}
