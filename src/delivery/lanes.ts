// What is leased and waits in memory for its turn: one lane a destination, served in turn, each within its bounds. Pure.
import type { Domain } from "../mail/domain.ts";

/**
 * A lane may run `limit` at once. The limit starts low, grows by one with each good omen up to the maximum, and halves
 * with a bad one: a destination in trouble holds few places, a willing one soon has all it may have.
 */
export interface Lanes<T> {
  readonly add: (destination: Domain, entry: T) => void;
  /** The next entry of the lane whose turn it is; it counts as running until `end`. */
  readonly next: () => { readonly destination: Domain; readonly entry: T } | undefined;
  readonly end: (destination: Domain, omen: "good" | "bad" | "none") => void;
  /** Takes out the waiting entries that `which` is true for. */
  readonly take: (which: (entry: T) => boolean) => readonly T[];
  /** Destinations whose lane has enough waiting: nothing more should be leased for them. */
  readonly full: () => readonly Domain[];
  /** Whether the lane could soon do with more. */
  readonly isLow: (destination: Domain) => boolean;
  /** Waiting entries that could run now, were there connections enough. */
  readonly runnable: () => number;
  readonly running: () => number;
  readonly waiting: () => number;
}

interface Lane<T> {
  readonly entries: T[];
  running: number;
  limit: number;
}

const startLimit = 5; // Postfix's initial_destination_concurrency
const lanesMax = 10_000; // remembered limits of destinations with nothing to do

interface State<T> {
  readonly maxOf: (destination: Domain) => number;
  readonly lanes: Map<Domain, Lane<T>>;
  /** Lanes with entries, in the order of their turns. */
  readonly turns: Set<Domain>;
  running: number;
  waiting: number;
}

/** `maxOf`: how many of one destination may run at once. */
export function createLanes<T>(maxOf: (destination: Domain) => number): Lanes<T> {
  const state: State<T> = { maxOf, lanes: new Map(), turns: new Set(), running: 0, waiting: 0 };
  return {
    add: (destination, entry) => {
      laneOf(state, destination).entries.push(entry);
      state.turns.add(destination);
      state.waiting += 1;
    },
    next: () => takeTurn(state),
    end: (destination, omen) => {
      const lane = laneOf(state, destination);
      lane.running -= 1;
      state.running -= 1;
      if (omen === "good") lane.limit = Math.min(maxOf(destination), lane.limit + 1);
      if (omen === "bad") lane.limit = Math.max(1, Math.floor(lane.limit / 2));
    },
    take: (which) => takeOut(state, which),
    full: () =>
      [...state.turns].filter((destination) => {
        const lane = laneOf(state, destination);
        return lane.entries.length >= lane.limit;
      }),
    isLow: (destination) => {
      const lane = state.lanes.get(destination);
      return lane === undefined || lane.entries.length <= lane.limit / 2;
    },
    runnable: () => {
      let sum = 0;
      for (const destination of state.turns) {
        const lane = laneOf(state, destination);
        sum += Math.min(lane.entries.length, Math.max(0, lane.limit - lane.running));
      }
      return sum;
    },
    running: () => state.running,
    waiting: () => state.waiting,
  };
}

function laneOf<T>({ lanes, maxOf }: State<T>, destination: Domain): Lane<T> {
  const found = lanes.get(destination);
  if (found !== undefined) return found;
  const made = { entries: [], running: 0, limit: Math.min(startLimit, maxOf(destination)) };
  lanes.set(destination, made);
  for (const [name, lane] of lanes) {
    if (lanes.size <= lanesMax) break;
    if (lane.running === 0 && lane.entries.length === 0 && name !== destination) lanes.delete(name);
  }
  return made;
}

function takeTurn<T>(
  state: State<T>,
): { readonly destination: Domain; readonly entry: T } | undefined {
  for (const destination of state.turns) {
    const lane = laneOf(state, destination);
    if (lane.running >= lane.limit) continue;
    const entry = lane.entries.shift();
    state.turns.delete(destination);
    if (entry === undefined) continue;
    if (lane.entries.length > 0) state.turns.add(destination); // at the end of the line
    lane.running += 1;
    state.running += 1;
    state.waiting -= 1;
    return { destination, entry };
  }
  return undefined;
}

function takeOut<T>(state: State<T>, which: (entry: T) => boolean): readonly T[] {
  const taken: T[] = [];
  for (const lane of state.lanes.values()) {
    const leaving = lane.entries.filter((entry) => which(entry));
    if (leaving.length === 0) continue;
    taken.push(...leaving);
    const gone = new Set(leaving);
    lane.entries.splice(0, Infinity, ...lane.entries.filter((entry) => !gone.has(entry)));
  }
  state.waiting -= taken.length;
  return taken;
}
