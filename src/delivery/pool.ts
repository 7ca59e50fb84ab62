// Keeps connections that are good for more, and opens new ones within bounds.
//
// A connection is dialled → in use ⇄ idle → closed. It becomes idle only after an accepted message, or a refusal that
// RSET has cleared; anything else closes it. An idle one is closed by time, by the peer's first unasked word, or by close().
import { setMaxListeners } from "node:events";

import {
  connect,
  type ConnectOptions,
  type Connection,
  type Host,
  type NotConnected,
} from "./connect.ts";
import { ConnectionLost } from "./wire.ts";

export type Acquired =
  | { readonly kind: "connected"; readonly connection: Connection; readonly reused: boolean }
  | { readonly kind: "unreachable"; readonly failures: readonly NotConnected[] }
  /** Each host has all the connections it may have. */
  | { readonly kind: "busy" };

export interface Pool {
  /** The first of `hosts`, in their order, that has an idle connection or takes a new one. `fresh`: only a new one. */
  readonly acquire: (
    hosts: readonly Host[],
    options: { readonly perHostMax: number; readonly fresh?: boolean },
  ) => Promise<Acquired>;
  /** After a message. `clean`: accepted; else RSET has to answer before the connection is used again. */
  readonly release: (connection: Connection, state: "clean" | "refused" | "broken") => void;
  readonly counts: () => { readonly open: number; readonly idle: number };
  /** Quits idle connections now and the others on their release. */
  readonly close: () => void;
  /** Cuts every connection that is still open. */
  readonly destroy: () => void;
}

export interface PoolOptions extends Omit<ConnectOptions, "signal"> {
  readonly maxMessagesPerConnection: number;
  readonly idleMax: number;
}

interface Member {
  messages: number;
  idleTimer?: NodeJS.Timeout;
}

const acquireMs = 300_000; // no further host is tried after this long: a lease must outlast its attempt

export function createPool(options: PoolOptions): Pool {
  const members = new Map<Connection, Member>();
  const idle = new Map<string, Connection[]>();
  const openByHost = new Map<string, number>();
  const cutter = new AbortController();
  setMaxListeners(0, cutter.signal); // one for each connection being opened
  let idleCount = 0;
  let closing = false;

  const count = (key: string, change: number): void => {
    const next = (openByHost.get(key) ?? 0) + change;
    if (next <= 0) openByHost.delete(key);
    else openByHost.set(key, next);
  };
  const forget = (connection: Connection): void => {
    if (!members.delete(connection)) return;
    count(keyOf(connection.host), -1);
  };
  const takeIdle = (connection: Connection): boolean => {
    const key = keyOf(connection.host);
    const list = idle.get(key) ?? [];
    const index = list.indexOf(connection);
    if (index === -1) return false;
    list.splice(index, 1);
    if (list.length === 0) idle.delete(key);
    idleCount -= 1;
    clearTimeout(members.get(connection)?.idleTimer);
    connection.wire.onUnasked(() => undefined);
    return true;
  };
  const quit = (connection: Connection): void => {
    forget(connection);
    sayGoodbye(connection);
  };
  const drop = (connection: Connection): void => {
    forget(connection);
    connection.wire.destroy();
  };
  const putIdle = (connection: Connection, member: Member): void => {
    const key = keyOf(connection.host);
    if (idleCount >= options.idleMax) {
      const oldest = idle.values().next().value?.[0];
      if (oldest !== undefined && takeIdle(oldest)) quit(oldest);
    }
    const list = idle.get(key);
    if (list === undefined) idle.set(key, [connection]);
    else list.push(connection);
    idleCount += 1;
    member.idleTimer = setTimeout(() => {
      if (takeIdle(connection)) quit(connection);
    }, options.timeouts.idle);
    connection.wire.onUnasked(() => {
      if (takeIdle(connection)) drop(connection);
    });
  };
  const reset = async (connection: Connection, member: Member): Promise<void> => {
    try {
      connection.wire.command("RSET\r\n");
      const reply = await connection.wire.reply(options.timeouts.command);
      if (reply.code === 250 && !closing) putIdle(connection, member);
      else quit(connection);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      drop(connection);
    }
  };
  const pickIdle = (host: Host): Connection | undefined => {
    // The one used last: the others may then grow old and be closed.
    for (let found = idle.get(keyOf(host))?.at(-1); found !== undefined;) {
      takeIdle(found);
      if (found.wire.usable()) return found;
      drop(found);
      found = idle.get(keyOf(host))?.at(-1);
    }
    return undefined;
  };
  const open = async (host: Host): Promise<Connection | NotConnected> => {
    const key = keyOf(host);
    count(key, 1);
    const result = await connect(host, { ...options, signal: cutter.signal });
    if (result.kind === "not-connected") {
      count(key, -1);
      return result;
    }
    members.set(result.connection, { messages: 0 });
    return result.connection;
  };

  return {
    acquire: async (hosts, { perHostMax, fresh = false }) => {
      const failures: NotConnected[] = [];
      const deadline = performance.now() + acquireMs;
      for (const host of hosts) {
        if (failures.length > 0 && performance.now() > deadline) break;
        const kept = fresh ? undefined : pickIdle(host);
        if (kept !== undefined) return { kind: "connected", connection: kept, reused: true };
        if ((openByHost.get(keyOf(host)) ?? 0) >= perHostMax) continue;
        const opened = await open(host);
        if (!("kind" in opened)) return { kind: "connected", connection: opened, reused: false };
        failures.push(opened);
      }
      return failures.length === 0 ? { kind: "busy" } : { kind: "unreachable", failures };
    },
    release: (connection, state) => {
      const member = members.get(connection);
      if (member === undefined) return;
      member.messages += 1;
      if (state === "broken" || !connection.wire.usable()) drop(connection);
      else if (closing || member.messages >= options.maxMessagesPerConnection) quit(connection);
      else if (state === "clean") putIdle(connection, member);
      else void reset(connection, member);
    },
    counts: () => ({ open: members.size, idle: idleCount }),
    close: () => {
      closing = true;
      for (const connection of [...idle.values()].flat())
        if (takeIdle(connection)) quit(connection);
    },
    destroy: () => {
      closing = true;
      cutter.abort();
      for (const connection of members.keys()) {
        takeIdle(connection);
        drop(connection);
      }
    },
  };
}

const goodbyeMs = 2000; // QUIT is a courtesy: its answer changes nothing

function sayGoodbye(connection: Connection): void {
  const { wire } = connection;
  try {
    wire.command("QUIT\r\n");
  } catch {
    return; // Already lost, and destroyed by that.
  }
  void wire
    .reply(goodbyeMs)
    .catch(() => undefined)
    .finally(() => {
      wire.destroy();
    });
}

function keyOf(host: Host): string {
  return `${host.name}:${host.port}`;
}
