// The sealed records of people: the one place that holds an address in readable form, and each person's own data key.
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

import type { Database } from "better-sqlite3";

import { parseAddressIndex, type AddressIndex } from "../../consent/address-index.ts";
import { seal, sealedOctets, takeRandom, unseal } from "../sealing.ts";

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
  /** Sees to it that there is a record (`ready`, if given, where there is none) and that it holds the address. */
  readonly admit: (index: Uint8Array, address: string, ready?: Uint8Array) => void;
  /** The same, and opens it. */
  readonly ensure: (index: Uint8Array, address: string) => Subject;
  /** Deletes the record and, with it, the only key to what is sealed for this person. */
  readonly erase: (index: Uint8Array) => boolean;
  /** At the beginning of a transaction, and after a rollback: what was read before need not hold any more. */
  readonly forget: () => void;
}

/** A new person's record; another thread may make it ahead. */
export function sealRecord(sealKey: KeyObject, index: Uint8Array, address: string): Buffer {
  const plain = Buffer.allocUnsafe(saltBytes + Buffer.byteLength(address));
  takeRandom(plain.subarray(0, saltBytes));
  plain.write(address, saltBytes);
  return seal(sealKey, index, plain);
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
  const open = createOpener(sealKey);
  return {
    find: (index) => {
      const sealed = select.get(index);
      return sealed === undefined ? undefined : open(index, sealed);
    },
    exists: (index) => some.get(index) !== undefined,
  };
}

interface Person extends Subject {
  readonly salt: Uint8Array;
}

/** Known without opening the record. */
function hasAddress(sealed: Uint8Array): boolean {
  return sealed.length > sealedOctets(saltBytes);
}

/**
 * Opens records when they are first asked for something. A person's data key comes from a salt that stands in the sealed
 * record and nowhere else: with the record the key is gone, for whoever holds the master key too.
 */
function createOpener(sealKey: KeyObject): (index: Uint8Array, sealed: Uint8Array) => Person {
  const parent = createSecretKey(
    Buffer.from(hkdfSync("sha256", sealKey, "", "sekisho person 1", 32)),
  );
  return (index, sealed) => {
    let plain: Buffer | undefined;
    let key: KeyObject | undefined;
    const open = (): Buffer => (plain ??= unseal(sealKey, index, sealed));
    return {
      get salt() {
        return open().subarray(0, saltBytes);
      },
      get address() {
        return open().toString("utf8", saltBytes);
      },
      get key() {
        key ??= createSecretKey(
          createHmac("sha256", parent).update(index).update(open().subarray(0, saltBytes)).digest(),
        );
        return key;
      },
    };
  };
}

export function createWritableSubjects(db: Database, sealKey: KeyObject): WritableSubjects {
  const stored = createSubjects(db, sealKey);
  const { select, insert, update, remove } = prepareRecords(db);
  const open = createOpener(sealKey);
  // Within one transaction nobody else can change a record, and one message asks for the same person several times.
  const records = new Map<string, Uint8Array>();
  const people = new Map<string, Person>();
  const forget = (): void => {
    records.clear();
    people.clear();
  };
  const recordOf = (index: Uint8Array, name: string): Uint8Array | undefined => {
    const known = records.get(name) ?? select.get(index);
    if (known !== undefined) records.set(name, known);
    return known;
  };
  const find = (index: Uint8Array): Person | undefined => {
    const name = nameOf(index);
    const known = people.get(name);
    if (known !== undefined) return known;
    const sealed = recordOf(index, name);
    if (sealed === undefined) return undefined;
    const found = open(index, sealed);
    people.set(name, found);
    return found;
  };
  const admit: WritableSubjects["admit"] = (index, address, ready) => {
    const name = nameOf(index);
    // Whoever brings a record expects somebody new: one statement then inserts and finds out.
    const known = ready === undefined ? recordOf(index, name) : records.get(name);
    if (known === undefined) {
      const sealed = ready ?? sealRecord(sealKey, index, address);
      if (insert.run(index, sealed).changes === 1) {
        records.set(name, sealed);
        return;
      }
    }
    const sealed = known ?? recordOf(index, name);
    if (sealed === undefined) throw new Error("a record is neither there nor can it be made");
    if (hasAddress(sealed) || address.length === 0) return;
    const { salt } = open(index, sealed);
    const whole = seal(sealKey, index, Buffer.concat([salt, Buffer.from(address)]));
    update.run(whole, index);
    records.set(name, whole);
    people.delete(name);
  };
  return {
    find,
    exists: stored.exists,
    admit,
    ensure: (index, address) => {
      admit(index, address);
      const person = find(index);
      if (person === undefined) throw new Error("a record that was made is not there");
      return person;
    },
    erase: (index) => {
      forget();
      // FAST leaves the text of pages that become free as it was; here nothing may remain.
      db.pragma("secure_delete = ON");
      try {
        return remove.run(index).changes > 0;
      } finally {
        db.pragma("secure_delete = FAST");
      }
    },
    forget,
  };
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- statements carry their own types
function prepareRecords(db: Database) {
  const select = db
    .prepare<[Uint8Array], Buffer>("SELECT sealed FROM subjects WHERE subject = ?")
    .pluck();
  const insert = db.prepare<[Uint8Array, Uint8Array]>(
    "INSERT INTO subjects (subject, sealed) VALUES (?, ?) ON CONFLICT (subject) DO NOTHING",
  );
  const update = db.prepare<[Buffer, Uint8Array]>(
    "UPDATE subjects SET sealed = ? WHERE subject = ?",
  );
  const remove = db.prepare<[Uint8Array]>("DELETE FROM subjects WHERE subject = ?");
  return { select, insert, update, remove };
}

function nameOf(index: Uint8Array): string {
  return Buffer.from(index.buffer, index.byteOffset, index.byteLength).toString("latin1");
}
