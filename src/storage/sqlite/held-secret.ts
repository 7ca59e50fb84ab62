// What a held message keeps sealed beside its reason: what was seen, and every finding.
import type { KeyObject } from "node:crypto";

import type { HeldEntry } from "../../queue/store.ts";
import { seal, unseal } from "../sealing.ts";

type HeldSecret = Pick<HeldEntry, "detail" | "findings">;

function placeOf(messageId: string): string {
  return `held/${messageId}`;
}

export function sealHeldSecret(key: KeyObject, messageId: string, secret: HeldSecret): Buffer {
  const { detail, findings } = secret;
  return seal(key, placeOf(messageId), Buffer.from(JSON.stringify({ detail, findings })));
}

/** Throws where the octets are not what was sealed. */
export function readHeldSecret(key: KeyObject, messageId: string, sealed: Buffer): HeldSecret {
  return JSON.parse(unseal(key, placeOf(messageId), sealed).toString("utf8")) as HeldSecret;
}
