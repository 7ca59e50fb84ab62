// Connections that wait for their next message: by host, each with its own end.
import type { Connection, Host } from "./connect.ts";
import { demandKey } from "./tls/demand.ts";

export interface IdleConnections {
  readonly put: (connection: Connection) => void;
  /** The one of this host that was used last: the others may then grow old. */
  readonly pick: (host: Host) => Connection | undefined;
  readonly takeAll: () => readonly Connection[];
  readonly count: () => number;
}

export interface IdleEnds {
  readonly max: number;
  readonly idleMs: number;
  /** It waited too long, or is one too many: it is still good. */
  readonly onOld: (connection: Connection) => void;
  /** The peer closed it, or spoke unasked. */
  readonly onBroken: (connection: Connection) => void;
}

export function createIdleConnections(ends: IdleEnds): IdleConnections {
  const timers = new Map<Connection, NodeJS.Timeout>(); // oldest first
  const byHost = new Map<string, Connection[]>();

  /** False where somebody else took it meanwhile. */
  const take = (connection: Connection): boolean => {
    const timer = timers.get(connection);
    if (timer === undefined) return false;
    clearTimeout(timer);
    timers.delete(connection);
    connection.wire.onUnasked(() => undefined);
    const key = reuseKey(connection.host);
    const list = byHost.get(key) ?? [];
    list.splice(list.indexOf(connection), 1);
    if (list.length === 0) byHost.delete(key);
    return true;
  };

  return {
    put: (connection) => {
      const oldest = timers.keys().next().value;
      if (timers.size >= ends.max && oldest !== undefined && take(oldest)) ends.onOld(oldest);
      const key = reuseKey(connection.host);
      const list = byHost.get(key);
      if (list === undefined) byHost.set(key, [connection]);
      else list.push(connection);
      timers.set(
        connection,
        setTimeout(() => {
          if (take(connection)) ends.onOld(connection);
        }, ends.idleMs),
      );
      connection.wire.onUnasked(() => {
        if (take(connection)) ends.onBroken(connection);
      });
    },
    pick: (host) => {
      for (;;) {
        const found = byHost.get(reuseKey(host))?.at(-1);
        if (found === undefined || !take(found)) return undefined;
        if (found.wire.usable()) return found;
        ends.onBroken(found);
      }
    },
    takeAll: () => [...timers.keys()].filter(take),
    count: () => timers.size,
  };
}

/** A connection that met one demand proves nothing for another. */
function reuseKey(host: Host): string {
  return `${hostKey(host)} ${host.certainName ? "certain " : ""}${demandKey(host.demand)}`;
}

export function hostKey(host: Host): string {
  return `${host.name}:${host.port}`;
}
