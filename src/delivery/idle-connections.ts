// Connections that wait for their next message: by host, each with its own end.
import type { Connection, Host } from "./connect.ts";
import { demandKey } from "./tls/demand.ts";

export interface IdleConnections {
  readonly put: (connection: Connection) => void;
  /** The one of this host that was used last: the others may then grow old. */
  readonly pick: (host: Host) => Connection | undefined;
  /** The peer closed it, or spoke unasked; one in use finds out by itself. */
  readonly lost: (connection: Connection) => void;
  readonly takeAll: () => readonly Connection[];
  readonly count: () => number;
}

export interface IdleEnds {
  readonly max: number;
  readonly idleMs: number;
  /** It waited too long, or is one too many: it is still good. */
  readonly onOld: (connection: Connection) => void;
  /** Lost while it waited. */
  readonly onBroken: (connection: Connection) => void;
}

interface Place {
  readonly key: string;
  /** Monotonic milliseconds. */
  readonly since: number;
}

export function createIdleConnections(ends: IdleEnds): IdleConnections {
  const places = new Map<Connection, Place>(); // oldest first
  const byKey = new Map<string, Connection[]>();
  let timer: NodeJS.Timeout | undefined;

  /** False where somebody else took it meanwhile. */
  const take = (connection: Connection): boolean => {
    const place = places.get(connection);
    if (place === undefined) return false;
    places.delete(connection);
    const list = byKey.get(place.key) ?? [];
    list.splice(list.lastIndexOf(connection), 1);
    if (list.length === 0) byKey.delete(place.key);
    return true;
  };
  /** One timer for all: it rings for the oldest, and goes on for the one that is the oldest then. */
  const endOld = (): void => {
    timer = undefined;
    const now = performance.now();
    for (const [connection, { since }] of places) {
      const left = since + ends.idleMs - now;
      if (left > 0) {
        timer = setTimeout(endOld, left);
        return;
      }
      take(connection);
      ends.onOld(connection);
    }
  };

  return {
    put: (connection) => {
      const oldest = places.keys().next().value;
      if (places.size >= ends.max && oldest !== undefined && take(oldest)) ends.onOld(oldest);
      const key = reuseKey(connection.host);
      const list = byKey.get(key);
      if (list === undefined) byKey.set(key, [connection]);
      else list.push(connection);
      places.set(connection, { key, since: performance.now() });
      timer ??= setTimeout(endOld, ends.idleMs);
    },
    pick: (host) => {
      for (;;) {
        const found = byKey.get(reuseKey(host))?.at(-1);
        if (found === undefined || !take(found)) return undefined;
        if (found.wire.usable()) return found;
        ends.onBroken(found);
      }
    },
    lost: (connection) => {
      if (take(connection)) ends.onBroken(connection);
    },
    takeAll: () => {
      clearTimeout(timer);
      timer = undefined;
      return [...places.keys()].filter(take);
    },
    count: () => places.size,
  };
}

/** A connection that met one demand proves nothing for another. */
function reuseKey(host: Host): string {
  return `${hostKey(host)} ${host.certainName ? "certain " : ""}${demandKey(host.demand)}`;
}

export function hostKey(host: Host): string {
  return `${host.name}:${host.port}`;
}
