// What makes two submissions the same: who, Message-ID, body and recipients (`smtp.deduplicate`).
import { hash } from "node:crypto";

import type { AddressIndex } from "../consent/address-index.ts";

/** 64 hexadecimal digits. The order of the recipients does not count; nothing in it can be read back. */
export function fingerprint(facts: {
  readonly actor: string;
  readonly messageId: string;
  readonly bodyHash: string;
  readonly subjects: readonly AddressIndex[];
}): string {
  const parts = [facts.actor, facts.messageId, facts.bodyHash, ...facts.subjects.toSorted()];
  return hash("sha256", `${parts.join("\0")}\0`);
}
