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
import { createIdleConnections, hostKey, type IdleConnections } from "./idle-connections.ts";
import { ConnectionLost } from "./wire.ts";

export type Acquired =
  | {
      readonly kind: "connected";
      readonly connection: Connection;
      readonly reused: boolean;
      /** It has carried a message that was taken. */
      readonly proven: boolean;
      /** Of hosts that were tried before this one. */
      readonly failures: readonly NotConnected[];
      /** A host before this one has all the connections it may have. */
      readonly passedOver: boolean;
    }
  | { readonly kind: "unreachable"; readonly failures: readonly NotConnected[] }
  /** Each host has all the connections it may have. */
  | { readonly kind: "busy" };

export interface AcquireOptions {
  readonly perHostMax: number;
  readonly fresh?: boolean;
  /** Messages that a connection opened now may carry, where that is less than the pool's own bound. */
  readonly messagesMax?: number;
}

/**
 * What became of a message: `accepted`; `clean`: it was not begun; `refused`: RSET has to answer before the next one;
 * `spent`: the peer takes no more over this connection; `broken`: nobody knows where the dialogue stands.
 */
export type ReleaseState = "accepted" | "clean" | "refused" | "spent" | "broken";

export interface Pool {
  /** The first of `hosts`, in their order, that has an idle connection or takes a new one. `fresh`: only a new one. */
  readonly acquire: (hosts: readonly Host[], options: AcquireOptions) => Promise<Acquired>;
  readonly release: (connection: Connection, state: ReleaseState) => void;
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

const acquireMs = 300_000; // no further host is tried after this long: a lease must outlast its attempt

interface State {
  readonly options: PoolOptions;
  /** Messages that each open connection may still carry. */
  readonly messagesLeft: Map<Connection, number>;
  readonly proven: WeakSet<Connection>;
  readonly openByHost: Map<string, number>;
  readonly idle: IdleConnections;
  readonly cutter: AbortController;
  closing: boolean;
}

export function createPool(options: PoolOptions): Pool {
  const state: State = {
    options,
    messagesLeft: new Map(),
    proven: new WeakSet(),
    openByHost: new Map(),
    idle: createIdleConnections({
      max: options.idleMax,
      idleMs: options.timeouts.idle,
      onOld: (connection) => {
        quit(state, connection);
      },
      onBroken: (connection) => {
        drop(state, connection);
      },
    }),
    cutter: new AbortController(),
    closing: false,
  };
  setMaxListeners(0, state.cutter.signal); // one for each connection being opened
  return {
    acquire: (hosts, wish) => acquire(state, hosts, wish),
    release: (connection, outcome) => {
      release(state, connection, outcome);
    },
    counts: () => ({ open: state.messagesLeft.size, idle: state.idle.count() }),
    close: () => {
      state.closing = true;
      for (const connection of state.idle.takeAll()) quit(state, connection);
    },
    destroy: () => {
      state.closing = true;
      state.cutter.abort();
      state.idle.takeAll();
      for (const connection of state.messagesLeft.keys()) drop(state, connection);
    },
  };
}

async function acquire(
  state: State,
  hosts: readonly Host[],
  { perHostMax, fresh = false, messagesMax }: AcquireOptions,
): Promise<Acquired> {
  const failures: NotConnected[] = [];
  let passedOver = false;
  const deadline = performance.now() + acquireMs;
  for (const host of hosts) {
    if (failures.length > 0 && performance.now() > deadline) break;
    const kept = fresh ? undefined : state.idle.pick(host);
    if (kept !== undefined)
      return {
        kind: "connected",
        connection: kept,
        reused: true,
        proven: state.proven.has(kept),
        failures,
        passedOver,
      };
    if ((state.openByHost.get(hostKey(host)) ?? 0) >= perHostMax) {
      passedOver = true;
      continue;
    }
    const opened = await open(state, host, messagesMax);
    if (opened.kind === "connected")
      return {
        kind: "connected",
        connection: opened.connection,
        reused: false,
        proven: false,
        failures,
        passedOver,
      };
    failures.push(opened);
  }
  return failures.length === 0 ? { kind: "busy" } : { kind: "unreachable", failures };
}

async function open(
  state: State,
  host: Host,
  messagesMax: number | undefined,
): ReturnType<typeof connect> {
  countOpen(state, host, 1);
  const result = await connect(host, { ...state.options, signal: state.cutter.signal });
  const most = state.options.maxMessagesPerConnection;
  if (result.kind === "connected") {
    const { connection } = result;
    state.messagesLeft.set(connection, Math.min(most, messagesMax ?? most));
    connection.wire.onUnasked(() => {
      state.idle.lost(connection);
    });
  } else countOpen(state, host, -1);
  return result;
}

function release(state: State, connection: Connection, outcome: ReleaseState): void {
  const left = state.messagesLeft.get(connection);
  if (left === undefined) return;
  state.messagesLeft.set(connection, left - 1);
  if (outcome === "accepted") state.proven.add(connection);
  if (outcome === "broken" || !connection.wire.usable()) drop(state, connection);
  else if (state.closing || left <= 1 || outcome === "spent") quit(state, connection);
  else if (outcome === "refused") void reset(state, connection);
  else state.idle.put(connection);
}

async function reset(state: State, connection: Connection): Promise<void> {
  try {
    connection.wire.command("RSET\r\n");
    const reply = await connection.wire.reply(state.options.timeouts.command);
    if (reply.code === 250 && !state.closing) state.idle.put(connection);
    else quit(state, connection);
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    drop(state, connection);
  }
}

function quit(state: State, connection: Connection): void {
  forget(state, connection);
  sayGoodbye(connection);
}

function drop(state: State, connection: Connection): void {
  forget(state, connection);
  connection.wire.destroy();
}

function forget(state: State, connection: Connection): void {
  if (state.messagesLeft.delete(connection)) countOpen(state, connection.host, -1);
}

function countOpen(state: State, host: Host, change: number): void {
  const key = hostKey(host);
  const next = (state.openByHost.get(key) ?? 0) + change;
  if (next <= 0) state.openByHost.delete(key);
  else state.openByHost.set(key, next);
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
