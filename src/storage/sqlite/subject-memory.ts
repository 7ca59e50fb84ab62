// What the writer remembers of people's records between its transactions.
import type { Database } from "better-sqlite3";

import type { WritableSubjects } from "./subjects.ts";

const rememberedMax = 4000; // records of some 100 octets: those of messages under way

export interface SubjectMemory<Person> extends Pick<WritableSubjects, "begin" | "forget"> {
  readonly records: ReadonlyMap<string, Uint8Array>;
  /** Opened records: no more than `records`. */
  readonly people: Map<string, Person>;
  readonly keep: (name: string, record: Uint8Array) => void;
}

/** A message asks for the same person when it comes and when it is settled, each time more than once. */
export function createSubjectMemory<Person>(db: Database): SubjectMemory<Person> {
  const dataVersion = db.prepare<[], number>("PRAGMA data_version").pluck(); // changes when another connection commits
  const records = new Map<string, Uint8Array>();
  const people = new Map<string, Person>();
  let version: number | undefined;
  const forget = (): void => {
    records.clear();
    people.clear();
  };
  return {
    records,
    people,
    keep: (name, record) => {
      if (records.size >= rememberedMax) forget();
      records.set(name, record);
      people.delete(name);
    },
    begin: () => {
      const current = dataVersion.get();
      if (current !== version) forget();
      version = current;
    },
    forget,
  };
}
