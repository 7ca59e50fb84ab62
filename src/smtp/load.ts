// What all listeners together may hold: connections, connections of one client, octets of messages in memory.
import { clientOf } from "../mail/party.ts";

export interface LoadLimits {
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  readonly bytesInFlightMax: number;
}

interface LoadCounts {
  readonly connections: number;
  readonly bytesInFlight: number;
}

export interface Load {
  /** Counts a connection in; undefined where it is one too many. The function counts it out again, once. */
  readonly enter: (address: string) => (() => void) | undefined;
  /** Sets octets aside; false where that many are not free. */
  readonly reserve: (octets: number) => boolean;
  readonly release: (octets: number) => void;
  /** For metrics and tests. */
  readonly counts: () => LoadCounts;
}

/** Shared by all listeners of a gateway. */
export interface SharedLoad extends Load {
  readonly limits: LoadLimits;
  /** For listeners where nobody logs in: what they hold counts for all, and leaves half of it to those who do log in. */
  readonly strangers: Load;
}

export function createLoad(limits: LoadLimits): SharedLoad {
  const all = createCounter(limits);
  const half = createCounter({
    ...limits,
    connectionsMax: Math.ceil(limits.connectionsMax / 2),
    bytesInFlightMax: Math.ceil(limits.bytesInFlightMax / 2),
  });
  return {
    ...all,
    limits,
    strangers: {
      enter: (address) => {
        const leaveHalf = half.enter(address);
        const leaveAll = leaveHalf === undefined ? undefined : all.enter(address);
        if (leaveAll === undefined) {
          leaveHalf?.();
          return undefined;
        }
        return () => {
          leaveHalf?.();
          leaveAll();
        };
      },
      reserve: (octets) => {
        if (!half.reserve(octets)) return false;
        if (all.reserve(octets)) return true;
        half.release(octets);
        return false;
      },
      release: (octets) => {
        half.release(octets);
        all.release(octets);
      },
      counts: half.counts,
    },
  };
}

function createCounter(limits: LoadLimits): Load {
  const byClient = new Map<string, number>();
  let connections = 0;
  let bytesInFlight = 0;
  return {
    enter: (address) => {
      const client = clientOf(address);
      const ofClient = byClient.get(client) ?? 0;
      if (connections >= limits.connectionsMax) return undefined;
      if (ofClient >= limits.connectionsPerAddressMax) return undefined;
      connections += 1;
      byClient.set(client, ofClient + 1);
      let inside = true;
      return () => {
        if (!inside) return;
        inside = false;
        connections -= 1;
        const left = (byClient.get(client) ?? 1) - 1;
        if (left === 0) byClient.delete(client);
        else byClient.set(client, left);
      };
    },
    reserve: (octets) => {
      if (bytesInFlight + octets > limits.bytesInFlightMax) return false;
      bytesInFlight += octets;
      return true;
    },
    release: (octets) => {
      bytesInFlight -= octets;
    },
    counts: () => ({ connections, bytesInFlight }),
  };
}
