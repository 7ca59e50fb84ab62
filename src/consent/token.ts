// The opaque token in an opt-out link (RFC 8058): names a recipient, sender and topic to us and to nobody else.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  timingSafeEqual,
} from "node:crypto";

import { parseAddressIndex, type AddressIndex } from "./address-index.ts";

/** What a token is good for; one made for one purpose is noise for every other. */
export type TokenPurpose = "opt-out" | "confirm-consent";

export interface TokenContent {
  readonly subject: AddressIndex;
  readonly sender: string;
  readonly topic: string;
  /** The message that carried the link, as {@link createMessageId} makes it. */
  readonly messageId?: string;
}

/**
 * What a token turned out to name. `sender` or `topic` is absent where none of the known ones is meant (renamed or gone
 * since): the wish to stop then holds for the whole sender, or for all of them, and must not be lost.
 */
export interface TokenReading {
  readonly subject: AddressIndex;
  readonly sender?: string;
  readonly topic?: string;
  readonly messageId?: string;
}

export interface Tokens {
  /** At most 83 characters of `A–Z a–z 0–9 - _`. The same content gives the same token. */
  readonly issue: (content: TokenContent) => string;
  /** undefined for whatever this gateway did not issue for this purpose, without a hint why. Never throws. */
  readonly read: (
    text: string,
    known: readonly { readonly sender: string; readonly topic: string }[],
  ) => TokenReading | undefined;
}

const seal = 16; // octets of the synthetic IV: 128 bits that authenticate the token
const nameOctets = 6; // 48 bits tell the few names of one gateway apart; the seal, not the length, stops forgery
const subjectOctets = 16;
const messageIdOctets = 17; // 26 characters of 5 bits
const shortOctets = subjectOctets + 2 * nameOctets;
const longOctets = shortOctets + messageIdOctets;
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // as mail/message-id.ts
const messageIdPattern = /^[0-9a-hjkmnp-tv-z]{26}$/;

/**
 * Tokens sealed with `key` (32 secret octets). Those of `former` keys are still read: an opt-out link must work for as
 * long as the mail lies in somebody's mailbox.
 *
 * The form is RFC 5297's SIV with HMAC-SHA-256 as its PRF: key id ‖ IV ‖ AES-256-CTR(IV, content), where the IV is the
 * MAC over the content. It needs no randomness, and hides which links belong to one person.
 */
export function createTokens(
  key: Buffer,
  purpose: TokenPurpose = "opt-out",
  former: readonly Buffer[] = [],
): Tokens {
  const current = deriveKeys(key, purpose);
  const all = [current, ...former.map((old) => deriveKeys(old, purpose))];
  return {
    issue: (content) => {
      const plain = Buffer.concat([
        Buffer.from(content.subject, "hex"),
        current.name("sender", content.sender),
        current.name("topic", content.sender, content.topic),
        ...(content.messageId === undefined ? [] : [packMessageId(content.messageId)]),
      ]);
      const iv = current.mac(plain);
      const cipher = createCipheriv("aes-256-ctr", current.encrypt, iv);
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([current.id, iv, sealed]).toString("base64url");
    },
    read: (text, known) => {
      const octets = Buffer.from(text, "base64url");
      // Base64url has several spellings of some octet strings; only the one that we write is ours.
      if (octets.toString("base64url") !== text) return undefined;
      const length = octets.length - 1 - seal;
      if (length !== shortOctets && length !== longOctets) return undefined;
      for (const keys of all) {
        if (!keys.id.equals(octets.subarray(0, 1))) continue;
        const plain = open(keys, octets);
        if (plain !== undefined) return interpret(keys, plain, known);
      }
      return undefined;
    },
  };
}

interface Keys {
  /** One octet that spares trying every key; it proves nothing. */
  readonly id: Buffer;
  readonly encrypt: Buffer;
  readonly mac: (plain: Buffer) => Buffer;
  readonly name: (label: "sender" | "topic", ...parts: readonly string[]) => Buffer;
}

function deriveKeys(key: Buffer, purpose: TokenPurpose): Keys {
  const derive = (label: string): Buffer =>
    Buffer.from(hkdfSync("sha256", key, "", `sekisho token 1 ${purpose} ${label}`, 32));
  const macKey = createSecretKey(derive("mac"));
  const nameKey = createSecretKey(derive("name"));
  return {
    id: derive("id").subarray(0, 1),
    encrypt: derive("encrypt"),
    mac: (plain) => createHmac("sha256", macKey).update(plain).digest().subarray(0, seal),
    name: (label, ...parts) =>
      createHmac("sha256", nameKey)
        .update(JSON.stringify([label, ...parts]))
        .digest()
        .subarray(0, nameOctets),
  };
}

function open(keys: Keys, octets: Buffer): Buffer | undefined {
  const iv = octets.subarray(1, 1 + seal);
  const decipher = createDecipheriv("aes-256-ctr", keys.encrypt, iv);
  const plain = Buffer.concat([decipher.update(octets.subarray(1 + seal)), decipher.final()]);
  return timingSafeEqual(keys.mac(plain), iv) ? plain : undefined;
}

function interpret(
  keys: Keys,
  plain: Buffer,
  known: readonly { readonly sender: string; readonly topic: string }[],
): TokenReading | undefined {
  const subject = parseAddressIndex(plain.toString("hex", 0, subjectOctets));
  if (subject === undefined) return undefined;
  const senderName = plain.subarray(subjectOctets, subjectOctets + nameOctets);
  const topicName = plain.subarray(subjectOctets + nameOctets, shortOctets);
  const ofSender = known.filter((pair) => keys.name("sender", pair.sender).equals(senderName));
  const sender = ofSender[0]?.sender;
  const topic = ofSender.find((pair) =>
    keys.name("topic", pair.sender, pair.topic).equals(topicName),
  )?.topic;
  return {
    subject,
    ...(sender === undefined ? {} : { sender }),
    ...(topic === undefined ? {} : { topic }),
    ...(plain.length === longOctets
      ? { messageId: unpackMessageId(plain.subarray(shortOctets)) }
      : {}),
  };
}

function packMessageId(text: string): Buffer {
  if (!messageIdPattern.test(text)) throw new RangeError("not a message id of this gateway");
  let bits = 0n;
  for (const character of text) bits = (bits << 5n) | BigInt(alphabet.indexOf(character));
  return Buffer.from(bits.toString(16).padStart(messageIdOctets * 2, "0"), "hex");
}

function unpackMessageId(octets: Buffer): string {
  let bits = BigInt(`0x${octets.toString("hex")}`);
  let text = "";
  for (let index = 0; index < 26; index += 1) {
    text = alphabet.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}
