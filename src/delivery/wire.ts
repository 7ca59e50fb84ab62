// SMTP replies and octets over one socket: bounded, with a deadline for each step, and never out of step unnoticed.
import type { Socket } from "node:net";

import { createAlarm, type Alarm } from "../mail/alarm.ts";
import { printable, type Reply } from "../mail/reply.ts";
import { createReplyReader, type ReplyReader, type WholeReply } from "./reply-reader.ts";

/** closed: the peer went away · timeout · protocol: it said what no SMTP server may say at that point. */
export type LossKind = "closed" | "timeout" | "protocol";

/** Thrown by a wire whose connection is of no more use. `reply`: words that came at a time when none were due. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  readonly kind: LossKind;
  readonly reply: Reply | undefined;
  constructor(kind: LossKind, message: string, reply?: Reply) {
    super(message);
    this.kind = kind;
    this.reply = reply;
  }
}

export interface Wire {
  /** The next whole reply. Throws ConnectionLost, also where the peer drips lines beyond `timeoutMs`. */
  readonly reply: (timeoutMs: number) => Promise<Reply>;
  /** The same with the text of each line, for EHLO. */
  readonly lines: (timeoutMs: number) => Promise<WholeReply>;
  /** Commands, each line with its CRLF. Throws ConnectionLost where the peer spoke unasked before. */
  readonly command: (lines: string) => void;
  /**
   * Hands octets to the socket and resolves once the system took them. A reply meanwhile is an early one: it throws,
   * as the peer cannot have seen what it answers (libraries.md 1.2, 1).
   */
  readonly block: (octets: Buffer, timeoutMs: number) => Promise<void>;
  /**
   * Hands over the last octets of a message and waits for the answer to them. `onWritten` is called once the system took
   * them all: from then on the peer may have the message, whatever becomes of the connection.
   */
  readonly lastBlock: (
    octets: Buffer,
    timeouts: { readonly block: number; readonly reply: number },
    onWritten: () => void,
  ) => Promise<Reply>;
  /** Gives the socket up, for TLS to take. Throws where clear text is left that would be read as encrypted (RFC 3207). */
  readonly detach: () => Socket;
  /** Called once when the peer closes or speaks while nobody waits: an idle connection is then of no more use. */
  readonly onUnasked: (listener: () => void) => void;
  readonly usable: () => boolean;
  readonly destroy: () => void;
}

/** One connection's life as its wire sees it. One step waits at a time. */
interface State {
  readonly socket: Socket;
  readonly reader: ReplyReader;
  readonly hasReply: () => boolean;
  readonly alarm: Alarm;
  lost: ConnectionLost | undefined;
  waiting: { readonly ready: () => boolean; readonly end: () => void } | undefined;
  unasked: (() => void) | undefined;
}

export function createWire(socket: Socket): Wire {
  const reader = createReplyReader();
  const state: State = {
    socket,
    reader,
    hasReply: () => reader.first() !== undefined,
    alarm: createAlarm(),
    lost: undefined,
    waiting: undefined,
    unasked: undefined,
  };
  const stopListening = listen(state);
  return {
    reply: async (timeoutMs) => {
      await until(state, state.hasReply, timeoutMs);
      return takeReply(state).reply;
    },
    lines: async (timeoutMs) => {
      await until(state, state.hasReply, timeoutMs);
      return takeReply(state);
    },
    command: (lines) => {
      assertQuiet(state);
      socket.write(lines);
    },
    block: async (octets, timeoutMs) => {
      assertQuiet(state);
      const writing = write(state, octets);
      await until(state, () => writing.done || state.hasReply(), timeoutMs);
      assertQuiet(state);
    },
    lastBlock: async (octets, timeouts, onWritten) => {
      assertQuiet(state);
      const writing = write(state, octets);
      await until(state, () => writing.done || state.hasReply(), timeouts.block);
      // A write that is done reports itself in this turn of the event loop, be it behind the reply.
      if (!writing.done) await nextTurn();
      if (!writing.done) throw lossOf(state, "an answer before the end of the message");
      onWritten();
      await until(state, state.hasReply, timeouts.reply);
      return takeReply(state).reply;
    },
    detach: () => {
      assertQuiet(state);
      stopListening();
      state.alarm.end();
      socket.pause();
      return socket;
    },
    onUnasked: (listener) => {
      state.unasked = listener;
    },
    usable: () => state.lost === undefined && state.reader.isEmpty(),
    destroy: () => {
      state.lost ??= new ConnectionLost("closed", "closed by us");
      state.alarm.end();
      socket.destroy();
    },
  };
}

/** Resolves in the next turn of the event loop, when all that has already come in was read. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Gives the function that ends the listening, but for errors: those need a listener as long as the socket lives. */
function listen(state: State): () => void {
  const { socket } = state;
  const onData = (chunk: Buffer): void => {
    if (state.lost !== undefined) return;
    const problem = state.reader.feed(chunk);
    if (problem !== undefined) fail(state, "protocol", problem);
    else if (!state.reader.isEmpty()) changed(state);
  };
  const onClose = (): void => {
    fail(state, "closed", "the connection was closed");
  };
  socket.on("data", onData);
  socket.on("end", onClose);
  socket.on("close", onClose);
  socket.on("error", (error) => {
    fail(state, "closed", `the connection broke: ${printable(error.message)}`);
  });
  return () => {
    socket.off("data", onData);
    socket.off("end", onClose);
    socket.off("close", onClose);
  };
}

function fail(state: State, kind: LossKind, message: string, reply?: Reply): ConnectionLost {
  state.lost ??= new ConnectionLost(kind, message, reply);
  state.alarm.end();
  state.socket.destroy();
  changed(state);
  return state.lost;
}

function changed(state: State): void {
  const { waiting } = state;
  if (waiting === undefined) {
    state.unasked?.();
    return;
  }
  if (!waiting.ready() && state.lost === undefined) return;
  state.waiting = undefined;
  state.alarm.putOff();
  waiting.end();
}

/** Until `ready`, or the connection is lost; it is lost at the deadline. */
function until(state: State, ready: () => boolean, timeoutMs: number): Promise<void> | undefined {
  if (ready() || state.lost !== undefined) return undefined;
  state.alarm.set(timeoutMs, () => {
    fail(state, "timeout", "no answer in time");
  });
  return new Promise((end) => {
    state.waiting = { ready, end };
  });
}

function takeReply(state: State): WholeReply {
  const taken = state.reader.shift();
  if (taken === undefined) throw lossOf(state, "the connection was closed");
  return taken;
}

function assertQuiet(state: State): void {
  if (state.lost !== undefined || !state.reader.isEmpty())
    throw lossOf(state, "an answer to nothing");
}

/** The loss there was, with what the peer said before it: that tells more. Else the peer has broken the protocol. */
function lossOf(state: State, problem: string): ConnectionLost {
  const reply = state.reader.first()?.reply;
  const { lost } = state;
  if (lost === undefined) return fail(state, "protocol", problem, reply);
  return reply === undefined || lost.reply !== undefined
    ? lost
    : new ConnectionLost(lost.kind, lost.message, reply);
}

function write(state: State, octets: Buffer): { readonly done: boolean } {
  const writing = { done: false };
  state.socket.write(octets, (error) => {
    // An error is told by the socket's own event as well, with its words.
    if (error === undefined || error === null) writing.done = true;
    if (state.waiting !== undefined) changed(state);
  });
  return writing;
}
