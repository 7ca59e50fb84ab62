// The sealed records of people: the one place that holds an address in readable form, and each person's own data key.
import { createSecretKey, type KeyObject } from "node:crypto";

import type { Database } from "better-sqlite3";

import { parseAddressIndex, type AddressIndex } from "../../consent/address-index.ts";
import { seal, takeRandom, unseal } from "../sealing.ts";

const dataKeyBytes = 32;

/** `address` is empty where only the index is known; of a suppressed domain it is the domain. */
export interface Subject {
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
  return {
    find: (index) => {
      const sealed = select.get(index);
      if (sealed === undefined) return undefined;
      const plain = unseal(sealKey, index, sealed);
      return {
        key: createSecretKey(plain.subarray(0, dataKeyBytes)),
        address: plain.toString("utf8", dataKeyBytes),
      };
    },
    exists: (index) => some.get(index) !== undefined,
  };
}

export function createWritableSubjects(db: Database, sealKey: KeyObject): WritableSubjects {
  const stored = createSubjects(db, sealKey);
  const upsert = db.prepare<[Uint8Array, Buffer]>(
    "INSERT INTO subjects (subject, sealed) VALUES (?, ?) ON CONFLICT (subject) DO UPDATE SET sealed = excluded.sealed",
  );
  const remove = db.prepare<[Uint8Array]>("DELETE FROM subjects WHERE subject = ?");
  // Within one transaction nobody else can change a record, and one message asks for the same person several times.
  const seen = new Map<string, Subject>();
  const find = (index: Uint8Array): Subject | undefined => {
    const name = Buffer.from(index).toString("latin1");
    const known = seen.get(name);
    if (known !== undefined) return known;
    const found = stored.find(index);
    if (found !== undefined) seen.set(name, found);
    return found;
  };
  return {
    find,
    exists: stored.exists,
    ensure: (index, address) => {
      const known = find(index);
      if (known !== undefined && (known.address.length > 0 || address.length === 0)) return known;
      const bytes = known?.key.export() ?? Buffer.allocUnsafe(dataKeyBytes);
      if (known === undefined) takeRandom(bytes);
      upsert.run(index, seal(sealKey, index, Buffer.concat([bytes, Buffer.from(address)])));
      const person = { key: createSecretKey(bytes), address };
      seen.set(Buffer.from(index).toString("latin1"), person);
      return person;
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
