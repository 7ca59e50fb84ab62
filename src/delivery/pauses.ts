// What an operator has paused: everything, destinations, streams, senders.
import type { Domain } from "../mail/domain.ts";
import type { Lease, QueueStore } from "../queue/store.ts";

/** What `pause` stops. */
export type Pausable =
  | { readonly kind: "all" }
  | { readonly kind: "destination"; readonly name: Domain }
  | { readonly kind: "stream" | "sender"; readonly name: string };

export interface Pauses {
  readonly add: (what: Pausable) => void;
  readonly remove: (what: Pausable) => void;
  readonly stops: (lease: Lease) => boolean;
  readonly stopsAll: () => boolean;
  /** What a lease must leave out. */
  readonly except: () => Required<NonNullable<Parameters<QueueStore["lease"]>[0]["except"]>>;
}

export function createPauses(): Pauses {
  const paused = new Map<string, Pausable>();
  const keyOf = (what: Pausable): string => `${what.kind} ${what.kind === "all" ? "" : what.name}`;
  return {
    add: (what) => {
      paused.set(keyOf(what), what);
    },
    remove: (what) => {
      paused.delete(keyOf(what));
    },
    stops: (lease) =>
      paused.size > 0 &&
      [
        "all ",
        `destination ${lease.destination}`,
        `stream ${lease.stream}`,
        `sender ${lease.sender}`,
      ].some((key) => paused.has(key)),
    stopsAll: () => paused.has("all "),
    except: () => {
      const list = [...paused.values()];
      return {
        destinations: list.flatMap((what) => (what.kind === "destination" ? [what.name] : [])),
        streams: list.flatMap((what) => (what.kind === "stream" ? [what.name] : [])),
        senders: list.flatMap((what) => (what.kind === "sender" ? [what.name] : [])),
      };
    },
  };
}
