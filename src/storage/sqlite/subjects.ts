// The sealed records of people: the one place that holds an address in readable form, and each person's own data key.
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

import type { Database, Statement } from "better-sqlite3";

import { parseAddressIndex, type AddressIndex } from "../../consent/address-index.ts";
import { seal, sealedOctets, sealInto, takeRandom, unseal } from "../sealing.ts";
import { wholly } from "./wholly.ts";
import { createSubjectMemory } from "./subject-memory.ts";

const saltBytes = 16;
const indexOctets = 16;
const lengthMax = 1024; // a record has some 300 octets at most; start and length then share one number

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

export interface ReadyPerson {
  readonly index: Uint8Array;
  readonly address: () => string;
  readonly record: Uint8Array;
}

export interface WritableSubjects extends Subjects {
  /** Sees to it that there is a record and that it holds the address. */
  readonly admit: (index: Uint8Array, address: string) => void;
  /** The same for many people, most of them new, each with a record made ahead. */
  readonly admitAll: (people: readonly ReadyPerson[]) => void;
  /** The same, and opens it. */
  readonly ensure: (index: Uint8Array, address: string) => Subject;
  /** The same for what happens to a person without a new act: whoever was erased stays without a readable address. */
  readonly note: (index: Uint8Array, address: string) => Subject;
  /** Erased, and not admitted again since. */
  readonly isErased: (index: Uint8Array) => boolean;
  /** Deletes the record and, with it, the only key to what is sealed for this person. */
  readonly erase: (index: Uint8Array) => boolean;
  /** At the beginning of a transaction: what was read before holds unless another process has written since. */
  readonly begin: () => void;
  /** After a rollback: what was read before need not hold any more. */
  readonly forget: () => void;
}

/** A new person's record. */
function sealRecord(sealKey: KeyObject, index: Uint8Array, address: string): Buffer {
  const octets = Buffer.from(address);
  const sealed = Buffer.allocUnsafe(recordOctets(octets.length));
  sealRecordInto(sealed, sealKey, index, octets);
  return sealed;
}

/** How large a record is of an address of so many octets. */
export function recordOctets(addressOctets: number): number {
  return sealedOctets(saltBytes + addressOctets);
}

/** Writes a new person's record to the beginning of `target`, and gives its length; another thread may make it ahead. */
export function sealRecordInto(
  target: Buffer,
  sealKey: KeyObject,
  index: Uint8Array,
  address: Uint8Array,
): number {
  const plain = Buffer.allocUnsafe(saltBytes + address.length);
  takeRandom(plain.subarray(0, saltBytes));
  plain.set(address, saltBytes);
  sealInto(target, sealKey, index, plain);
  return sealedOctets(plain.length);
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
    let address: string | undefined;
    const open = (): Buffer => (plain ??= unseal(sealKey, index, sealed));
    return {
      get salt() {
        return open().subarray(0, saltBytes);
      },
      get address() {
        return (address ??= open().toString("utf8", saltBytes));
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
  const { select, insert, update, remove, erasure } = prepareRecords(db);
  const insertAll = createInsertAll(db);
  const open = createOpener(sealKey);
  const memory = createSubjectMemory<Person>(db);
  const recordOf = (index: Uint8Array, name: string): Uint8Array | undefined => {
    const known = memory.records.get(name);
    if (known !== undefined) return known;
    const stored = select.get(index);
    if (stored !== undefined) memory.keep(name, stored);
    return stored;
  };
  const find = (index: Uint8Array): Person | undefined => {
    const name = nameOf(index);
    const known = memory.people.get(name);
    if (known !== undefined) return known;
    const sealed = recordOf(index, name);
    if (sealed === undefined) return undefined;
    const found = open(index, sealed);
    memory.people.set(name, found);
    return found;
  };
  const admit: WritableSubjects["admit"] = (index, address) => {
    const name = nameOf(index);
    const sealed = recordOf(index, name);
    if (sealed === undefined) {
      const made = sealRecord(sealKey, index, address);
      insert.run(index, made);
      memory.keep(name, made);
      return;
    }
    if (hasAddress(sealed) || address.length === 0) return;
    const { salt } = open(index, sealed);
    const whole = seal(sealKey, index, Buffer.concat([salt, Buffer.from(address)]));
    update.run(whole, index);
    memory.keep(name, whole);
  };
  const ensure: WritableSubjects["ensure"] = (index, address) => {
    admit(index, address);
    const person = find(index);
    if (person === undefined) throw new Error("a record that was made is not there");
    return person;
  };
  const isErased: WritableSubjects["isErased"] = (index) => {
    const record = recordOf(index, nameOf(index));
    if (record !== undefined && hasAddress(record)) return false;
    return erasure.get(index) !== undefined;
  };
  return {
    find,
    exists: stored.exists,
    admit,
    isErased,
    note: (index, address) => ensure(index, isErased(index) ? "" : address),
    admitAll: (people) => {
      if (insertAll(people) === people.length) return;
      for (const { index, address } of people) admit(index, address());
    },
    ensure,
    erase: (index) => {
      memory.forget();
      return wholly(db, () => remove.run(index).changes > 0);
    },
    begin: memory.begin,
    forget: memory.forget,
  };
}

interface RecordStatements {
  readonly select: Statement<[Uint8Array], Buffer>;
  readonly insert: Statement<[Uint8Array, Uint8Array]>;
  readonly update: Statement<[Buffer, Uint8Array]>;
  readonly remove: Statement<[Uint8Array]>;
  /** The log keeps who was erased; the record is gone. */
  readonly erasure: Statement<[Uint8Array], number>;
}

function prepareRecords(db: Database): RecordStatements {
  const select = db
    .prepare<[Uint8Array], Buffer>("SELECT sealed FROM subjects WHERE subject = ?")
    .pluck();
  const insert = db.prepare<[Uint8Array, Uint8Array]>(
    "INSERT INTO subjects (subject, sealed) VALUES (?, ?)",
  );
  const update = db.prepare<[Buffer, Uint8Array]>(
    "UPDATE subjects SET sealed = ? WHERE subject = ?",
  );
  const remove = db.prepare<[Uint8Array]>("DELETE FROM subjects WHERE subject = ?");
  const erasure = db
    .prepare<[Uint8Array], number>(
      "SELECT 1 FROM audit_events INDEXED BY audit_events_subject WHERE subject = ? AND type = 'Erasure' LIMIT 1",
    )
    .pluck();
  return { select, insert, update, remove, erasure };
}

/** One statement for all, since a call for each costs as much as the storing; gives how many were new. */
function createInsertAll(db: Database): (people: readonly ReadyPerson[]) => number {
  const insert = db.prepare<{ subjects: Buffer; records: Buffer; lengths: string }>(
    `INSERT INTO subjects (subject, sealed)
     SELECT substr(@subjects, key * ${indexOctets} + 1, ${indexOctets}), substr(@records, value / ${lengthMax} + 1, value % ${lengthMax})
     FROM json_each(@lengths) WHERE true ON CONFLICT (subject) DO NOTHING`,
  );
  return (people) => {
    let start = 0;
    const places = people.map(({ record: { length } }) => {
      const place = start * lengthMax + length;
      start += length;
      return place;
    });
    const { changes } = insert.run({
      subjects: Buffer.concat(people.map(({ index }) => index)),
      records: Buffer.concat(people.map(({ record }) => record)),
      lengths: JSON.stringify(places),
    });
    return changes;
  };
}

function nameOf(index: Uint8Array): string {
  return Buffer.from(index.buffer, index.byteOffset, index.byteLength).toString("latin1");
}
