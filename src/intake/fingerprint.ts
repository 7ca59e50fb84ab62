// What makes two submissions the same: who, Message-ID, Subject, body and recipients (`smtp.deduplicate`). Other fields may
// differ: a relay that comes again writes another Received, a tool another Date.
import { hash } from "node:crypto";

import type { AddressIndex } from "../consent/address-index.ts";

/** 64 hexadecimal digits. The order of the recipients does not count; nothing in it can be read back. */
export function fingerprint(facts: {
  readonly actor: string;
  readonly messageId: string;
  /** The Subject: scripts that give all their mails one Message-ID, and many one body, tell them apart by it. */
  readonly title: string;
  readonly bodyHash: string;
  readonly subjects: readonly AddressIndex[];
}): string {
  const { actor, messageId, title, bodyHash, subjects } = facts;
  const parts = [actor, messageId, title, bodyHash, ...subjects.toSorted()];
  return hash("sha256", `${parts.join("\0")}\0`);
}
