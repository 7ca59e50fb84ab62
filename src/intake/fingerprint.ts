// What makes two copies the same: who sent it, Message-ID, Subject, body and recipient (`smtp.deduplicate`). Other fields may
// differ: a relay that comes again writes another Received, a tool another Date.
import { hash } from "node:crypto";

import type { AddressIndex } from "../consent/address-index.ts";

/** 64 hexadecimal digits; nothing in it can be read back. */
export function fingerprint(facts: {
  readonly actor: string;
  readonly messageId: string;
  /** The Subject: scripts that give all their mails one Message-ID, and many one body, tell them apart by it. */
  readonly title: string;
  readonly bodyHash: string;
  readonly subject: AddressIndex;
}): string {
  const { actor, messageId, title, bodyHash, subject } = facts;
  return hash("sha256", `${[actor, messageId, title, bodyHash, subject].join("\0")}\0`);
}
