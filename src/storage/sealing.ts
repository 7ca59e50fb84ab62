// Authenticated encryption of what is kept: AES-256-GCM, each value bound to the place it stands in.
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomFillSync,
  type KeyObject,
} from "node:crypto";

import { freeOctets } from "../mail/free-octets.ts";

/** Subkeys of the master key, 32 octets each. They outlive every row: another `index` or `seal` orphans the ledger. */
export interface StorageSecrets {
  /** Keys the address index. */
  readonly index: Buffer;
  /** Seals people's records. */
  readonly seal: Buffer;
  /** Seals messages and envelopes. */
  readonly content: Buffer;
  /** Seals signing keys. */
  readonly dkim: Buffer;
}

export interface MasterKeySecrets extends StorageSecrets {
  /** Tells the master key from others: 8 hexadecimal digits. */
  readonly fingerprint: string;
}

/** The same as key objects: Node takes 30 µs to check a key given as bytes, 1 µs for an object. */
export interface StorageKeys {
  readonly seal: KeyObject;
  readonly content: KeyObject;
}

/** Copies; a thread's own. */
export function storageKeys(secrets: StorageSecrets): StorageKeys {
  return { seal: createSecretKey(secrets.seal), content: createSecretKey(secrets.content) };
}

const version = 1; // first octet of every sealed value, so that another cipher can follow
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes + tagBytes;

/** Octets of a sealed value of so many octets. */
export function sealedOctets(plainOctets: number): number {
  return headBytes + plainOctets;
}

/** `place` is authenticated, not stored: a sealed value moved to another row does not open there. */
export function seal(key: KeyObject, place: Uint8Array | string, plain: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(headBytes + plain.length);
  sealInto(sealed, key, place, plain);
  return sealed;
}

/** The same into the beginning of `sealed`, which has room for it. */
export function sealInto(
  sealed: Buffer,
  key: KeyObject,
  place: Uint8Array | string,
  plain: Uint8Array,
): void {
  sealed[0] = version;
  takeRandom(sealed.subarray(1, 1 + nonceBytes));
  const cipher = createCipheriv("aes-256-gcm", key, sealed.subarray(1, 1 + nonceBytes));
  cipher.setAAD(typeof place === "string" ? Buffer.from(place) : place);
  const hidden = cipher.update(plain);
  hidden.copy(sealed, headBytes);
  freeOctets(hidden);
  cipher.final();
  cipher.getAuthTag().copy(sealed, 1 + nonceBytes);
}

/** Throws where the value was changed, stands in another place or was sealed with another key. */
export function unseal(key: KeyObject, place: Uint8Array | string, sealed: Uint8Array): Buffer {
  if (sealed.length < headBytes || sealed[0] !== version)
    throw new Error("a sealed value has an unknown form");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(1, 1 + nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(typeof place === "string" ? Buffer.from(place) : place);
  decipher.setAuthTag(sealed.subarray(1 + nonceBytes, headBytes));
  const plain = decipher.update(sealed.subarray(headBytes));
  decipher.final();
  return plain;
}

// One system call for many nonces: asking for 12 octets at a time costs more than the cipher.
const pool = Buffer.alloc(4096);
let poolUsed = pool.length;

/** Fills `target` (at most 4096 octets) with random octets that are used nowhere else. */
export function takeRandom(target: Buffer): void {
  if (poolUsed + target.length > pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  pool.copy(target, 0, poolUsed, poolUsed + target.length);
  pool.fill(0, poolUsed, poolUsed + target.length);
  poolUsed += target.length;
}
