// When the next message may go to a group of receivers: places, rates, pauses, warm-up; learns from what receivers say.
//
// A group is  open → (slow reply) open with half as many places → … ; (pause reply) paused → open with one place → one
// more with each success. A pause lasts as the group's shape says, doubles when the next one comes within an hour of its
// end, two hours at most. A hold is the same for one sender at one group: its set-up is at fault, not our pace.
import type { PaceAction } from "../../feedback/reply-rules.ts";
import type { Domain } from "../../mail/domain.ts";
import { groupOf, type Way } from "./group.ts";
import { longer, makeGroup, type Group } from "./paced-group.ts";
import { reshapeGroups, reshapeSources } from "./reshape.ts";
import type { Shaping, SourceShape } from "./shaping.ts";
import {
  isOf,
  makeSource,
  nameOf,
  restoreWarmUp,
  warmUp,
  warmUpsLeft,
  type Bound,
  type Source,
  type WarmUpLeft,
} from "./sources.ts";

/** What one message counts for. */
export interface Load {
  readonly destination: Domain;
  readonly sender: string;
  readonly stream: string;
  readonly fromDomain: string;
}

/**
 * Why it may not go now, in words for people, and when it is worth asking again (monotonic milliseconds). `firm`: not
 * before then; else a place may become free at any moment.
 */
export interface Wait {
  readonly until: number;
  readonly firm: boolean;
  readonly why: string;
}

/** What one message has taken: given back by `end`. */
export interface Place {
  readonly load: Load;
  /** Another one once routing has found where the destination belongs. */
  group: Group;
  readonly sources: readonly Source[];
  /** What a share was taken of. */
  readonly taken: readonly Bound[];
}

/** What became of it. `unsent`: nothing was offered to the receiver, so that no share of a rate was used. */
export type PaceResult = "good" | "unsent" | PaceAction;

/** `until`: monotonic milliseconds. */
export interface PauseLeft {
  readonly group: string;
  readonly sender?: string;
  readonly until: number;
}

export interface Pace {
  /** Takes a place and a message's share of each rate, or says why not. A place is given back by `end`. */
  readonly begin: (load: Load, now: number) => Place | Wait;
  readonly end: (place: Place, result: PaceResult, now: number) => void;
  /** Routing has found where a destination's mail goes. */
  readonly learn: (destination: Domain, way: Way) => void;
  /** Whether its group, or its sender at the group, has been paused since it began. */
  readonly paused: (load: Load, now: number) => Wait | undefined;
  /** Places of the destination's group: taken, and how many there are now. */
  readonly places: (destination: Domain) => {
    readonly group: string;
    readonly running: number;
    readonly limit: number;
  };
  readonly messagesPerConnection: (destination: Domain) => number | undefined;
  /** Groups, and senders at groups, that wait because a receiver said so. */
  readonly pauses: (now: number) => readonly PauseLeft[];
  /** How far the shares of warm-ups are spent. */
  readonly warmUps: (now: number) => readonly WarmUpLeft[];
  /** What a former process was told, and what it has spent. */
  readonly restore: (left: PauseLeft | WarmUpLeft) => void;
  /** Other bounds from now on. What is paused stays paused; a destination finds its new group when it is next routed. */
  readonly reshape: (bounds: Pick<PaceParts, "shaping" | "sources">) => void;
}

export interface PaceParts {
  readonly shaping: Shaping;
  readonly sources: readonly SourceShape[];
  /** Places of a group without a bound of its own, for this destination (a smarthost has more). */
  readonly maxOf: (destination: Domain | undefined) => number;
  readonly clock: () => Date;
}

const pauseSeconds = 600; // Google asks for ten minutes at least (law.md §5.2)
const holdSeconds = 1800;
const groupsMax = 20_000;
const knownMax = 100_000; // destinations whose group is known; a few receivers have millions of them

interface State {
  readonly parts: PaceParts;
  readonly groups: Map<string, Group>;
  /** Destination → group name; a destination that was never routed is a group of its own. */
  readonly known: Map<Domain, string>;
  shaping: Shaping;
  sources: readonly Source[];
  readonly underWay: Set<Place>;
}

export function createPace(parts: PaceParts): Pace {
  const state: State = {
    parts,
    groups: new Map(),
    known: new Map(),
    shaping: parts.shaping,
    sources: parts.sources.map(makeSource),
    underWay: new Set(),
  };
  return {
    begin: (load, now) => begin(state, load, now),
    end: (place, result, now) => {
      end(state, place, result, now);
    },
    learn: (destination, way) => {
      learn(state, destination, way);
    },
    paused: (load, now) => paused(groupFor(state, load.destination), load.sender, now),
    places: (destination) => {
      const { name, running, limit } = groupFor(state, destination);
      return { group: name, running, limit };
    },
    messagesPerConnection: (destination) =>
      groupFor(state, destination).shape?.messagesPerConnection,
    pauses: (now) => pausesOf(state, now),
    warmUps: (now) => warmUpsLeft(state.sources, now),
    restore: (left) => {
      if ("fullAt" in left) restoreWarmUp(state.shaping.ladder, state.sources, left, today(state));
      else restorePause(state, left);
    },
    reshape: ({ shaping, sources }) => {
      state.shaping = shaping;
      reshapeGroups(state.groups.values(), shaping.groups);
      state.sources = reshapeSources(state.sources, sources);
    },
  };
}

function begin(state: State, load: Load, now: number): Place | Wait {
  const group = groupFor(state, load.destination);
  const sources = state.sources.filter(({ shape }) => isOf(shape, load));
  const bounds: Bound[] = [{ buckets: group.buckets, why: `rate of ${group.name}` }];
  for (const source of sources)
    bounds.push(
      { buckets: source.buckets, why: `rate of ${nameOf(source.shape)}` },
      ...warmUp(state.shaping.ladder, source, group.name, today(state)),
    );
  const wait = obstacle(group, sources, bounds, load.sender, now);
  if (wait !== undefined) return wait;
  for (const { buckets } of bounds) buckets.take(now);
  for (const source of sources) source.running += 1;
  group.running += 1;
  const place = { load, group, sources, taken: bounds };
  state.underWay.add(place);
  return place;
}

function obstacle(
  group: Group,
  sources: readonly Source[],
  bounds: readonly Bound[],
  sender: string,
  now: number,
): Wait | undefined {
  let wait = paused(group, sender, now) ?? full(group, now);
  for (const { running, shape } of sources)
    wait ??= full({ name: nameOf(shape), running, limit: shape.connections }, now);
  for (const { buckets, why } of bounds) {
    const ms = wait === undefined ? buckets.waitMs(now) : 0;
    if (ms > 0) wait = { until: now + ms, firm: true, why };
  }
  return wait;
}

/** Days since 1970, UTC. */
function today({ parts }: State): number {
  return Math.floor(parts.clock().getTime() / 86_400_000);
}

function paused(group: Group, sender: string, now: number): Wait | undefined {
  const hold = group.holds.get(sender);
  if (hold !== undefined && hold.until > now)
    return {
      until: hold.until,
      firm: true,
      why: `${group.name} refuses this sender's authentication`,
    };
  return group.pause !== undefined && group.pause.until > now
    ? { until: group.pause.until, firm: true, why: `${group.name} asked us to slow down` }
    : undefined;
}

function full(
  { name, running, limit }: Pick<Group, "name" | "running"> & { limit: number | undefined },
  now: number,
): Wait | undefined {
  return limit !== undefined && running >= limit
    ? { until: now, firm: false, why: `all places of ${name} are taken` }
    : undefined;
}

function end(state: State, place: Place, result: PaceResult, now: number): void {
  const { load, sources, taken } = place;
  state.underWay.delete(place);
  place.group.running -= 1;
  for (const source of sources) source.running -= 1;
  // What was learnt holds for the group that the destination belongs to now: routing may have found it meanwhile.
  const group = groupFor(state, load.destination);
  switch (result) {
    case "good":
      group.limit = Math.min(group.max, group.limit + 1);
      return;
    case "unsent":
      for (const { buckets } of taken) buckets.giveBack();
      return;
    case "none":
      return;
    case "slow":
      group.limit = Math.max(1, Math.floor(group.limit / 2));
      return;
    case "pause":
      group.limit = 1;
      group.pause = longer(group.pause, group.shape?.pauseSeconds ?? pauseSeconds, now);
      return;
    case "hold":
      group.holds.set(load.sender, longer(group.holds.get(load.sender), holdSeconds, now));
  }
}

function learn(state: State, destination: Domain, way: Way): void {
  const { name, shape } = groupOf(way, state.shaping.groups);
  if (state.known.get(destination) === name) return;
  const group = state.groups.get(name) ?? makeGroup(name, shape, state.parts.maxOf(destination));
  state.groups.set(name, group);
  state.known.set(destination, name);
  const oldest = state.known.keys().next();
  // Its next message is routed anew, and finds the group again.
  if (state.known.size > knownMax && oldest.done !== true) state.known.delete(oldest.value);
  // What is under way to it takes places of the group from now on.
  for (const place of state.underWay) {
    if (place.load.destination !== destination) continue;
    place.group.running -= 1;
    group.running += 1;
    place.group = group;
  }
  forgetSome(state);
}

function groupFor(state: State, destination: Domain): Group {
  const name = state.known.get(destination) ?? destination;
  const found = state.groups.get(name);
  if (found !== undefined) return found;
  const made = makeGroup(name, undefined, state.parts.maxOf(destination));
  state.groups.set(name, made);
  forgetSome(state);
  return made;
}

/** What is remembered of groups with nothing to do, and nothing held against them, goes first. */
function forgetSome(state: State): void {
  if (state.groups.size <= groupsMax) return;
  const now = performance.now();
  for (const [name, group] of state.groups) {
    if (state.groups.size <= groupsMax) break;
    if (group.running === 0 && (group.pause?.until ?? 0) < now && group.holds.size === 0)
      state.groups.delete(name);
  }
  for (const [destination, name] of state.known)
    if (!state.groups.has(name)) state.known.delete(destination);
}

function restorePause(state: State, { group: name, sender, until }: PauseLeft): void {
  const shape = state.shaping.groups.find((each) => each.name === name);
  const group = state.groups.get(name) ?? makeGroup(name, shape, state.parts.maxOf(undefined));
  state.groups.set(name, group);
  const since = performance.now();
  const pause = { since, until, seconds: (until - since) / 1000 };
  if (sender !== undefined) group.holds.set(sender, pause);
  else {
    group.pause = pause;
    group.limit = 1;
  }
}

function pausesOf(state: State, now: number): readonly PauseLeft[] {
  return [...state.groups.values()].flatMap((group) => [
    ...(group.pause !== undefined && group.pause.until > now
      ? [{ group: group.name, until: group.pause.until }]
      : []),
    ...[...group.holds].flatMap(([sender, hold]) =>
      hold.until > now ? [{ group: group.name, sender, until: hold.until }] : [],
    ),
  ]);
}
