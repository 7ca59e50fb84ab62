// From V8's CPU profiles of one process: how much of each thread's time each room of the house took.
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Frame {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly Frame[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface ThreadStages {
  /** Which thread it is, by what ran in it. */
  readonly thread: "main" | "storage writer" | "judging";
  /** Shares of the samples in which the thread was busy: they add up to 1. */
  readonly shares: ReadonlyMap<string, number>;
}

const runtime = "runtime: sockets, promises, threads";

/** `from` and `to`: microseconds of the monotonic clock between which samples count. undefined: nothing ran in between. */
export function readStages(file: string, from: number, to: number): ThreadStages | undefined {
  const profile = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const frames = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const { id, children = [] } of profile.nodes)
    for (const child of children) parents.set(child, id);
  const rooms = new Map<number, string>();
  const roomOf = (id: number): string => {
    const known = rooms.get(id);
    if (known !== undefined) return known;
    const { functionName, url } = frames.get(id)?.callFrame ?? { functionName: "", url: "" };
    const parent = parents.get(id);
    const room =
      functionName === "(garbage collector)"
        ? "garbage collection"
        : (roomAt(url) ?? (parent === undefined ? runtime : roomOf(parent)));
    rooms.set(id, room);
    return room;
  };
  const spent = new Map<string, number>();
  let now = profile.startTime;
  let busy = 0;
  for (const [at, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[at] ?? 0;
    now += delta;
    if (now < from || now > to || frames.get(id)?.callFrame.functionName === "(idle)") continue;
    busy += delta;
    spent.set(roomOf(id), (spent.get(roomOf(id)) ?? 0) + delta);
  }
  if (busy === 0) return undefined;
  const shares = [...spent].map(([room, time]) => [room, time / busy] as const);
  return {
    thread: threadOf(profile),
    shares: new Map(shares.toSorted(([, left], [, right]) => right - left)),
  };
}

function threadOf(profile: Profile): ThreadStages["thread"] {
  const ran = (name: string): boolean =>
    profile.nodes.some(({ callFrame }) => callFrame.url.endsWith(name));
  if (ran("src/storage/sqlite/writer.ts")) return "storage writer";
  return ran("src/intake/judge-worker.ts") ? "judging" : "main";
}

/** `src/content/html/layout.ts` → `content/html`; undefined where the code is not the house's own. */
function roomAt(url: string): string | undefined {
  const path = /\/src\/(.+)\.ts$/.exec(url)?.[1];
  if (path === undefined || url.includes("/node_modules/")) return undefined;
  const [room = path, part, ...rest] = path.split("/");
  return rest.length > 0 && part !== undefined ? join(room, part) : room;
}
