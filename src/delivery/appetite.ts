// How many recipients are worth leasing now: enough to keep every connection busy, and no more than memory has room for.
import type { LaneName, Lanes } from "./lanes.ts";
import type { DeliverySettings } from "./settings.ts";

export interface Appetite {
  /** For the next lease; not above 0 where nothing is wanted. */
  readonly recipients: () => number;
  /** Of one destination in one lease: as many again as may run, so that a lane does not run dry meanwhile. */
  readonly ofOneDestination: () => number;
  /** Whether new mail may go past the queue: there is room, and none of its lanes stands. */
  readonly takes: (leases: readonly LaneName[]) => boolean;
  /** Connections will soon have nothing to do. */
  readonly isLow: () => boolean;
}

const batchMax = 200; // recipients a lease: one transaction stays short
/** Leases in memory: a few hundred destinations in trouble, at about 1 KB each. */
const waitingMax = 5000;

export function createAppetite(
  settings: Pick<DeliverySettings, "routes" | "maxConnections" | "maxConnectionsPerDestination">,
  lanes: Pick<Lanes<unknown, unknown>, "running" | "runnable" | "stands" | "waiting">,
): Appetite {
  const { maxConnections } = settings;
  return {
    // What waits for a destination in trouble takes no room from the others.
    recipients: () =>
      Math.min(
        2 * maxConnections - lanes.running() - lanes.runnable(performance.now()),
        waitingMax - lanes.waiting(),
        batchMax,
      ),
    ofOneDestination: () =>
      settings.routes.every(({ via }) => via.kind === "host")
        ? maxConnections
        : 2 * settings.maxConnectionsPerDestination,
    takes: (leases) => {
      const now = performance.now();
      return (
        lanes.waiting() + leases.length <= waitingMax &&
        !leases.some((lease) => lanes.stands(lease, now))
      );
    },
    isLow: () => lanes.runnable(performance.now()) < maxConnections / 2,
  };
}
