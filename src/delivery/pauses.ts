// What an operator has paused: everything, destinations, streams, senders.
import type { Domain } from "../mail/domain.ts";
import type { Lease, QueueStore } from "../queue/store.ts";

/** What `pause` stops. */
export type Pausable =
  | { readonly kind: "all" }
  | { readonly kind: "destination"; readonly name: Domain }
  | { readonly kind: "stream" | "sender"; readonly name: string };

export interface Pauses {
  /** `by`: who pauses; each lifts its own only. */
  readonly add: (what: Pausable, by: string) => void;
  readonly remove: (what: Pausable, by: string) => void;
  readonly stops: (one: Pick<Lease, "destination" | "stream" | "sender">) => boolean;
  /** The same for whatever destination: what is written about their mail, too. */
  readonly stopsStream: (one: Pick<Lease, "stream" | "sender">) => boolean;
  readonly stopsAll: () => boolean;
  /** What a lease must leave out. */
  readonly except: () => Required<NonNullable<Parameters<QueueStore["lease"]>[0]["except"]>>;
}

export function createPauses(): Pauses {
  const paused = new Map<string, { readonly what: Pausable; readonly by: Set<string> }>();
  const keyOf = (what: Pausable): string => `${what.kind} ${what.kind === "all" ? "" : what.name}`;
  const stopsStream: Pauses["stopsStream"] = ({ stream, sender }) =>
    ["all ", `stream ${stream}`, `sender ${sender}`].some((key) => paused.has(key));
  return {
    add: (what, by) => {
      const found = paused.get(keyOf(what));
      if (found === undefined) paused.set(keyOf(what), { what, by: new Set([by]) });
      else found.by.add(by);
    },
    remove: (what, by) => {
      const found = paused.get(keyOf(what));
      found?.by.delete(by);
      if (found?.by.size === 0) paused.delete(keyOf(what));
    },
    stops: (lease) =>
      paused.size > 0 && (stopsStream(lease) || paused.has(`destination ${lease.destination}`)),
    stopsStream,
    stopsAll: () => paused.has("all "),
    except: () => {
      const list = [...paused.values()].map(({ what }) => what);
      return {
        destinations: list.flatMap((what) => (what.kind === "destination" ? [what.name] : [])),
        streams: list.flatMap((what) => (what.kind === "stream" ? [what.name] : [])),
        senders: list.flatMap((what) => (what.kind === "sender" ? [what.name] : [])),
      };
    },
  };
}
