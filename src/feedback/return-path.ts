// Signed addresses of our own that name one recipient of one message: return paths (VERP) and opt-out mailboxes.
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** Local part before the signed rest: where a bounce comes back, where a wish to stop is mailed to. */
const prefixes = { bounce: "b-", unsubscribe: "unsubscribe+" } as const;
export type ReturnPurpose = keyof typeof prefixes;

const purposes = Object.keys(prefixes) as readonly ReturnPurpose[];
const bounceLifeDays = 14; // the queue lives 4 days, remote queues at most as long again; later bounces are forgeries or loops
const dayMs = 86_400_000;
const macCharacters = 16; // 80 bits, tried only over SMTP against a constant-time comparison
const numberMax = 32_767; // three characters, so that the longest prefix still fits 64 octets; a message has fewer recipients
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // as mail/message-id.ts: one case, nothing to confuse

/**
 * `forged`: ours by its form, but not issued with our keys. `stale`: issued, and too old to act on. `foreign`: no such
 * address at all. Only `ok` may be acted on (threats.md row 88).
 */
export type ReturnPathReading =
  | { readonly kind: "ok"; readonly purpose: ReturnPurpose; readonly recipientId: string }
  | { readonly kind: "forged" | "stale"; readonly purpose: ReturnPurpose }
  | { readonly kind: "foreign" };

export interface ReturnPath {
  /** Local part of at most 64 octets, lower case. Throws RangeError for an id that the queue never gave. */
  readonly issue: (recipientId: string, purpose: ReturnPurpose, now: Date) => string;
  /** `local` in any case: some relays lower it, some raise it. Never throws. */
  readonly read: (local: string, now: Date) => ReturnPathReading;
}

/**
 * `key`: 32 secret octets; `former` ones are still read. The form is prefix, message id, `-`, number of the recipient,
 * `-`, day of issue, MAC. The MAC covers all of it and the purpose, so that a bounce address never becomes an opt-out.
 */
export function createReturnPath(key: Buffer, former: readonly Buffer[] = []): ReturnPath {
  const keys = [key, ...former].map((each) =>
    Buffer.from(hkdfSync("sha256", each, "", "sekisho return path 1", 32)),
  );
  const current = keys[0] ?? key;
  return {
    issue: (recipientId, purpose, now) => {
      const { messageId, number } = splitId(recipientId);
      const content = `${messageId}-${encode(number)}-${encode(dayOf(now))}`;
      return `${prefixes[purpose]}${content}-${mac(current, purpose, content)}`;
    },
    read: (local, now) => {
      const text = local.toLowerCase();
      const purpose = purposes.find((each) => text.startsWith(prefixes[each]));
      if (purpose === undefined) return { kind: "foreign" };
      const match =
        /^([0-9a-hjkmnp-tv-z]{26}-[0-9a-hjkmnp-tv-z]{1,3}-[0-9a-hjkmnp-tv-z]{1,4})-([0-9a-hjkmnp-tv-z]{16})$/.exec(
          text.slice(prefixes[purpose].length),
        );
      const content = match?.[1];
      const given = match?.[2];
      if (content === undefined || given === undefined) return { kind: "forged", purpose };
      const genuine = keys.some((each) =>
        timingSafeEqual(Buffer.from(mac(each, purpose, content)), Buffer.from(given)),
      );
      if (!genuine) return { kind: "forged", purpose };
      const [messageId = "", number = "", day = ""] = content.split("-");
      const ageDays = dayOf(now) - decode(day);
      // A wish to stop has no date after which it may be ignored (特定電子メール法 3条3項).
      if (purpose === "bounce" && (ageDays > bounceLifeDays || ageDays < -1))
        return { kind: "stale", purpose };
      return { kind: "ok", purpose, recipientId: `${messageId}-${decode(number)}` };
    },
  };
}

function splitId(recipientId: string): { readonly messageId: string; readonly number: number } {
  const match = /^([0-9a-hjkmnp-tv-z]{26})-(\d{1,5})$/.exec(recipientId);
  if (match?.[1] === undefined || Number(match[2]) > numberMax)
    throw new RangeError("not a recipient id of this gateway");
  return { messageId: match[1], number: Number(match[2]) };
}

function mac(key: Buffer, purpose: ReturnPurpose, content: string): string {
  const digest = createHmac("sha256", key).update(`${purpose}\0${content}`).digest();
  let bits = 0n;
  for (const octet of digest.subarray(0, 10)) bits = (bits << 8n) | BigInt(octet);
  let text = "";
  for (let index = 0; index < macCharacters; index += 1) {
    text = alphabet.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}

function dayOf(now: Date): number {
  return Math.floor(now.getTime() / dayMs);
}

function encode(value: number): string {
  let rest = value;
  let text = "";
  do {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  } while (rest > 0);
  return text;
}

function decode(text: string): number {
  let value = 0;
  for (const character of text) value = value * 32 + alphabet.indexOf(character);
  return value;
}
