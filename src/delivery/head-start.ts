// Prepares a message while the commit that stores it is under way: composing and signing need nothing from it.
//
// Where signing begins behind the commit only, a core has nothing to do while the disk is waited for. Nothing leaves any
// earlier: the attempt that asks for what was prepared begins behind the commit, and judges once more before.
import type { Lease } from "../queue/store.ts";
import type { AtHand, Prepared, Preparer } from "./prepare.ts";

export interface HeadStart extends Preparer {
  /** Begins to prepare for this recipient, where there is room for that. Never throws. */
  readonly begin: (lease: Lease, atHand: AtHand) => void;
  /** Nobody will ask for it any more. */
  readonly forget: (recipientId: string) => void;
}

interface Begun {
  readonly prepared: Promise<Prepared>;
  /** Monotonic milliseconds. */
  readonly since: number;
  readonly octets: number;
}

const octetsMax = 8 * 1024 * 1024; // content whose wire form stands in memory beside it, until its attempt begins
const ageMaxMs = 300_000; // a signature carries its time: where an attempt had to wait for longer, it is made anew

/** `monotonic`: milliseconds. */
export function createHeadStart(preparer: Preparer, monotonic: () => number): HeadStart {
  const begun = new Map<string, Begun>();
  let octets = 0;

  const take = (recipientId: string): Begun | undefined => {
    const found = begun.get(recipientId);
    if (found === undefined) return undefined;
    begun.delete(recipientId);
    octets -= found.octets;
    return found;
  };
  return {
    begin: (lease, atHand) => {
      const weight = atHand.content.length;
      if (octets + weight > octetsMax) return;
      const prepared = preparer.prepare(lease, atHand);
      prepared.catch(() => undefined); // told to whoever asks for it
      take(lease.recipientId);
      begun.set(lease.recipientId, { prepared, since: monotonic(), octets: weight });
      octets += weight;
    },
    forget: (recipientId) => {
      take(recipientId);
    },
    prepare: (lease, atHand) => {
      const found = take(lease.recipientId);
      return found !== undefined && monotonic() - found.since < ageMaxMs
        ? found.prepared
        : preparer.prepare(lease, atHand);
    },
  };
}
