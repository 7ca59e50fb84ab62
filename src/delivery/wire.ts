// SMTP replies and octets over one socket: bounded, with a deadline for each step, and never out of step unnoticed.
import type { Socket } from "node:net";

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
   * as the peer cannot have seen what it answers (threats.md §1.2, 1).
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

/** One connection's life as its wire sees it. One step waits at a time: `wake` is that step's. */
interface State {
  readonly socket: Socket;
  readonly reader: ReplyReader;
  lost: ConnectionLost | undefined;
  wake: (() => void) | undefined;
  unasked: (() => void) | undefined;
}

export function createWire(socket: Socket): Wire {
  const state: State = {
    socket,
    reader: createReplyReader(),
    lost: undefined,
    wake: undefined,
    unasked: undefined,
  };
  const stopListening = listen(state);
  return {
    reply: async (timeoutMs) => (await takeReply(state, timeoutMs)).reply,
    lines: (timeoutMs) => takeReply(state, timeoutMs),
    command: (lines) => {
      assertQuiet(state);
      socket.write(lines);
    },
    block: async (octets, timeoutMs) => {
      assertQuiet(state);
      const written = write(state, octets);
      await waitFor(state, () => written.done || hasReply(state), timeoutMs);
      assertQuiet(state);
    },
    lastBlock: async (octets, timeouts, onWritten) => {
      assertQuiet(state);
      const written = write(state, octets);
      await waitFor(state, () => written.done || hasReply(state), timeouts.block);
      // A write that is done reports itself in this turn of the event loop, be it behind the reply.
      if (!written.done) await nextTurn();
      if (!written.done) throw lossOf(state, "an answer before the end of the message");
      onWritten();
      return (await takeReply(state, timeouts.reply)).reply;
    },
    detach: () => {
      assertQuiet(state);
      stopListening();
      socket.pause();
      return socket;
    },
    onUnasked: (listener) => {
      state.unasked = listener;
    },
    usable: () => state.lost === undefined && state.reader.isEmpty(),
    destroy: () => {
      state.lost ??= new ConnectionLost("closed", "closed by us");
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
  state.socket.destroy();
  changed(state);
  return state.lost;
}

function changed(state: State): void {
  const { wake } = state;
  state.wake = undefined;
  if (wake !== undefined) wake();
  else state.unasked?.();
}

/** Until `ready`, or the connection is lost; it is lost at the deadline. */
async function waitFor(state: State, ready: () => boolean, timeoutMs: number): Promise<void> {
  const over = (): boolean => ready() || state.lost !== undefined;
  if (over()) return;
  const timer = setTimeout(
    () => {
      fail(state, "timeout", "no answer in time");
    },
    Math.max(timeoutMs, 1),
  );
  try {
    while (!over())
      await new Promise<void>((resolve) => {
        state.wake = resolve;
      });
  } finally {
    clearTimeout(timer);
  }
}

function hasReply(state: State): boolean {
  return state.reader.first() !== undefined;
}

async function takeReply(state: State, timeoutMs: number): Promise<WholeReply> {
  await waitFor(state, () => hasReply(state), timeoutMs);
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
  const written = { done: false };
  state.socket.write(octets, (error) => {
    // An error is told by the socket's own event as well, with its words.
    if (error === undefined || error === null) written.done = true;
    const { wake } = state;
    state.wake = undefined;
    wake?.();
  });
  return written;
}
