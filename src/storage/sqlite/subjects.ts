// The sealed records of people: the one place that holds an address in readable form, and each person's own data key.
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

import type { Database } from "better-sqlite3";

import { parseAddressIndex, type AddressIndex } from "../../consent/address-index.ts";
import { seal, takeRandom, unseal } from "../sealing.ts";

const saltBytes = 16;

/** `address` is empty where only the index is known; of a suppressed domain it is the domain. */
export interface Subject {
  /** The person's data key, derived when it is first asked for: most rows seal nothing. */
  readonly key: KeyObject;
  readonly address: string;
}

export interface Subjects {
  readonly find: (index: Uint8Array) => Subject | undefined;
  readonly exists: (index: Uint8Array) => boolean;
}

export interface WritableSubjects extends Subjects {
  /** The record, made now where there is none; an address not known before is added. */
  readonly ensure: (index: Uint8Array, address: string) => Subject;
  /** Deletes the record and, with it, the only key to what is sealed for this person. */
  readonly erase: (index: Uint8Array) => boolean;
  /** At the beginning of a transaction, and after a rollback: what was read before need not hold any more. */
  readonly forget: () => void;
}

export function indexBytes(index: AddressIndex): Buffer {
  return Buffer.from(index, "hex");
}

export function indexText(bytes: Uint8Array): AddressIndex {
  const index = parseAddressIndex(Buffer.from(bytes).toString("hex"));
  if (index === undefined) throw new Error("a stored address index has not 16 octets");
  return index;
}

export function createSubjects(db: Database, sealKey: KeyObject): Subjects {
  const select = db
    .prepare<[Uint8Array], Buffer>("SELECT sealed FROM subjects WHERE subject = ?")
    .pluck();
  const some = db.prepare<[Uint8Array], number>("SELECT 1 FROM subjects WHERE subject = ?").pluck();
  const person = createPerson(sealKey);
  return {
    find: (index) => {
      const sealed = select.get(index);
      if (sealed === undefined) return undefined;
      const plain = unseal(sealKey, index, sealed);
      return person(index, plain.subarray(0, saltBytes), plain.toString("utf8", saltBytes));
    },
    exists: (index) => some.get(index) !== undefined,
  };
}

interface Person extends Subject {
  readonly salt: Uint8Array;
}

/**
 * A person's data key comes from a salt that stands in the sealed record and nowhere else: with the record the key is
 * gone, though whoever holds the master key could derive any other.
 */
function createPerson(
  sealKey: KeyObject,
): (index: Uint8Array, salt: Uint8Array, address: string) => Person {
  const parent = createSecretKey(
    Buffer.from(hkdfSync("sha256", sealKey, "", "sekisho person 1", 32)),
  );
  return (index, salt, address) => {
    let key: KeyObject | undefined;
    return {
      salt,
      address,
      get key() {
        key ??= createSecretKey(createHmac("sha256", parent).update(index).update(salt).digest());
        return key;
      },
    };
  };
}

export function createWritableSubjects(db: Database, sealKey: KeyObject): WritableSubjects {
  const select = db
    .prepare<[Uint8Array], Buffer>("SELECT sealed FROM subjects WHERE subject = ?")
    .pluck();
  const insert = db.prepare<[Uint8Array, Buffer]>(
    "INSERT INTO subjects (subject, sealed) VALUES (?, ?)",
  );
  const update = db.prepare<[Buffer, Uint8Array]>(
    "UPDATE subjects SET sealed = ? WHERE subject = ?",
  );
  const remove = db.prepare<[Uint8Array]>("DELETE FROM subjects WHERE subject = ?");
  const person = createPerson(sealKey);
  // Within one transaction nobody else can change a record, and one message asks for the same person several times.
  const seen = new Map<string, Person>();
  const remember = (index: Uint8Array, salt: Uint8Array, address: string): Person => {
    const found = person(index, salt, address);
    seen.set(nameOf(index), found);
    return found;
  };
  const find = (index: Uint8Array): Person | undefined => {
    const known = seen.get(nameOf(index));
    if (known !== undefined) return known;
    const sealed = select.get(index);
    if (sealed === undefined) return undefined;
    const plain = unseal(sealKey, index, sealed);
    return remember(index, plain.subarray(0, saltBytes), plain.toString("utf8", saltBytes));
  };
  return {
    find,
    exists: (index) => seen.has(nameOf(index)) || select.get(index) !== undefined,
    ensure: (index, address) => {
      const known = find(index);
      if (known !== undefined && (known.address.length > 0 || address.length === 0)) return known;
      const plain = Buffer.allocUnsafe(saltBytes + Buffer.byteLength(address));
      if (known === undefined) takeRandom(plain.subarray(0, saltBytes));
      else plain.set(known.salt);
      plain.write(address, saltBytes);
      const sealed = seal(sealKey, index, plain);
      if (known === undefined) insert.run(index, sealed);
      else update.run(sealed, index);
      return remember(index, plain.subarray(0, saltBytes), address);
    },
    erase: (index) => {
      seen.clear();
      // FAST leaves the text of pages that become free as it was; here nothing may remain.
      db.pragma("secure_delete = ON");
      try {
        return remove.run(index).changes > 0;
      } finally {
        db.pragma("secure_delete = FAST");
      }
    },
    forget: () => {
      seen.clear();
    },
  };
}

function nameOf(index: Uint8Array): string {
  return Buffer.from(index.buffer, index.byteOffset, index.byteLength).toString("latin1");
}
