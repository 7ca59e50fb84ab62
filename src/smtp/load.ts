// What all listeners together may hold: connections, connections of one address, octets of messages in memory.

export interface LoadLimits {
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  readonly bytesInFlightMax: number;
}

/** Shared by all listeners of a gateway. */
export interface Load {
  /** Counts a connection in; undefined where it is one too many. The function counts it out again, once. */
  readonly enter: (address: string) => (() => void) | undefined;
  /** Sets octets aside; false where that many are not free. */
  readonly reserve: (octets: number) => boolean;
  readonly release: (octets: number) => void;
  /** For metrics and tests. */
  readonly counts: () => { readonly connections: number; readonly bytesInFlight: number };
}

export function createLoad(limits: LoadLimits): Load {
  const byAddress = new Map<string, number>();
  let connections = 0;
  let bytesInFlight = 0;
  return {
    enter: (address) => {
      const ofAddress = byAddress.get(address) ?? 0;
      if (connections >= limits.connectionsMax) return undefined;
      if (ofAddress >= limits.connectionsPerAddressMax) return undefined;
      connections += 1;
      byAddress.set(address, ofAddress + 1);
      let inside = true;
      return () => {
        if (!inside) return;
        inside = false;
        connections -= 1;
        const left = (byAddress.get(address) ?? 1) - 1;
        if (left === 0) byAddress.delete(address);
        else byAddress.set(address, left);
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
