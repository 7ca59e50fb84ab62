// What makes two submissions the same: who, Message-ID, body and recipients (threats.md §2, the inbound window).
import { createHash } from "node:crypto";

import type { AddressIndex } from "../consent/address-index.ts";

/** 64 hexadecimal digits. The order of the recipients does not count; nothing in it can be read back. */
export function fingerprint(facts: {
  readonly actor: string;
  readonly messageId: string;
  readonly bodyHash: string;
  readonly subjects: readonly AddressIndex[];
}): string {
  const hash = createHash("sha256");
  for (const part of [facts.actor, facts.messageId, facts.bodyHash, ...facts.subjects.toSorted()]) {
    hash.update(part).update("\0");
  }
  return hash.digest("hex");
}
