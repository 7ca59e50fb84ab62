// What is leased and waits in memory for its turn: one lane for each stream of each destination, served in turn. Pure.
//
// So a campaign to one receiver delays neither the other receivers nor another stream's mail to the same one. Whether a
// lane's first entry may go is asked of the pace (pace/pace.ts); one that must wait for a time is not asked again before.
import type { Domain } from "../mail/domain.ts";

export interface LaneName {
  readonly destination: Domain;
  readonly stream: string;
}

/** `firm`: asking before `until` is useless; else a place may become free at any moment. Monotonic milliseconds. */
export type Begun<Place> =
  | { readonly kind: "go"; readonly place: Place }
  | { readonly kind: "wait"; readonly until: number; readonly firm: boolean; readonly why: string };

export interface Turn<T, Place> {
  readonly entry: T;
  readonly place: Place;
}

export interface Lanes<T, Place> {
  readonly add: (name: LaneName, entry: T) => void;
  /** The next entry that may go; it counts as running until `end`. */
  readonly next: (now: number) => Turn<T, Place> | undefined;
  readonly end: () => void;
  /** Takes out the waiting entries that `which` is true for. */
  readonly take: (which: (entry: T) => boolean) => readonly T[];
  /** Destinations for which enough waits: nothing more should be leased for them. */
  readonly full: () => readonly Domain[];
  /** Whether the destination could soon do with more. */
  readonly isLow: (destination: Domain) => boolean;
  /** Whether its lane waits for a time that is more than a second away. */
  readonly stands: (name: LaneName, now: number) => boolean;
  /** Waiting entries that could run now, were there connections enough. */
  readonly runnable: (now: number) => number;
  /** When a lane that must wait may go on; undefined where none must. */
  readonly wakeAt: () => number | undefined;
  /** What waits, and why where that is known. */
  readonly waits: (now: number) => readonly (LaneName & {
    readonly count: number;
    readonly until?: number;
    readonly why?: string;
  })[];
  readonly running: () => number;
  readonly waiting: () => number;
}

export interface LanesParts<T, Place> {
  /** Takes a place for the entry, or says why it must wait. */
  readonly begin: (name: LaneName, entry: T, now: number) => Begun<Place>;
  /** Places of the group that the destination belongs to. */
  readonly places: (destination: Domain) => {
    readonly group: string;
    readonly running: number;
    readonly limit: number;
  };
}

const standsMs = 1000; // less is not worth a second transaction

interface Lane<T> {
  readonly name: LaneName;
  readonly entries: T[];
  /** Until then it need not be asked. */
  wait: { readonly until: number; readonly firm: boolean; readonly why: string } | undefined;
}

interface State<T, Place> {
  readonly parts: LanesParts<T, Place>;
  /** Lanes with entries, in the order of their turns. */
  readonly lanes: Map<string, Lane<T>>;
  readonly byDestination: Map<Domain, number>;
  running: number;
  waiting: number;
}

export function createLanes<T, Place>(parts: LanesParts<T, Place>): Lanes<T, Place> {
  const state: State<T, Place> = {
    parts,
    lanes: new Map(),
    byDestination: new Map(),
    running: 0,
    waiting: 0,
  };
  const { lanes, byDestination } = state;
  return {
    add: (name, entry) => {
      const key = keyOf(name);
      const lane = lanes.get(key);
      if (lane === undefined) lanes.set(key, { name, entries: [entry], wait: undefined });
      else lane.entries.push(entry);
      countWaiting(state, name.destination, 1);
    },
    next: (now) => takeTurn(state, now),
    end: () => {
      state.running -= 1;
    },
    take: (which) => takeOut(state, which),
    full: () =>
      [...byDestination].flatMap(([destination, count]) =>
        count >= parts.places(destination).limit ? [destination] : [],
      ),
    isLow: (destination) =>
      (byDestination.get(destination) ?? 0) <= parts.places(destination).limit / 2,
    stands: (name, now) => {
      const wait = lanes.get(keyOf(name))?.wait;
      return wait?.firm === true && wait.until > now + standsMs;
    },
    runnable: (now) => runnable(state, now),
    wakeAt: () => {
      let first: number | undefined;
      for (const { wait } of lanes.values())
        if (wait?.firm === true) first = Math.min(wait.until, first ?? Infinity);
      return first;
    },
    waits: (now) =>
      [...lanes.values()].map(({ name, entries, wait }) => ({
        ...name,
        count: entries.length,
        ...(wait !== undefined && wait.until > now ? { until: wait.until, why: wait.why } : {}),
      })),
    running: () => state.running,
    waiting: () => state.waiting,
  };
}

const keyOf = ({ stream, destination }: LaneName): string => `${stream} ${destination}`;

function takeTurn<T, Place>(state: State<T, Place>, now: number): Turn<T, Place> | undefined {
  const { lanes, parts } = state;
  for (const [key, lane] of lanes) {
    if (lane.wait?.firm === true && lane.wait.until > now) continue;
    const [entry] = lane.entries;
    if (entry === undefined) continue;
    const begun = parts.begin(lane.name, entry, now);
    if (begun.kind === "wait") {
      lane.wait = begun;
      continue;
    }
    lane.wait = undefined;
    lane.entries.shift();
    lanes.delete(key);
    if (lane.entries.length > 0) lanes.set(key, lane); // at the end of the line
    countWaiting(state, lane.name.destination, -1);
    state.running += 1;
    return { entry, place: begun.place };
  }
  return undefined;
}

function runnable<T, Place>({ lanes, parts }: State<T, Place>, now: number): number {
  const left = new Map<string, number>();
  let sum = 0;
  for (const { name, entries, wait } of lanes.values()) {
    if (wait?.firm === true && wait.until > now) continue;
    const { group, running, limit } = parts.places(name.destination);
    const free = left.get(group) ?? Math.max(0, limit - running);
    const able = Math.min(entries.length, free);
    left.set(group, free - able);
    sum += able;
  }
  return sum;
}

function takeOut<T, Place>(state: State<T, Place>, which: (entry: T) => boolean): readonly T[] {
  const taken: T[] = [];
  for (const [key, lane] of state.lanes) {
    const leaving = lane.entries.filter((entry) => which(entry));
    if (leaving.length === 0) continue;
    taken.push(...leaving);
    const gone = new Set(leaving);
    lane.entries.splice(0, Infinity, ...lane.entries.filter((entry) => !gone.has(entry)));
    if (lane.entries.length === 0) state.lanes.delete(key);
    countWaiting(state, lane.name.destination, -leaving.length);
  }
  return taken;
}

function countWaiting<T, Place>(state: State<T, Place>, destination: Domain, change: number): void {
  state.waiting += change;
  const next = (state.byDestination.get(destination) ?? 0) + change;
  if (next <= 0) state.byDestination.delete(destination);
  else state.byDestination.set(destination, next);
}
