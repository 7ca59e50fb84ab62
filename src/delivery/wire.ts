// SMTP replies and octets over one socket: bounded, with a deadline for each step, and never out of step unnoticed.
import type { Socket } from "node:net";

import { parseReply, printable, type Reply } from "../mail/reply.ts";

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
  readonly lines: (
    timeoutMs: number,
  ) => Promise<{ readonly reply: Reply; readonly lines: readonly string[] }>;
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

const lineMaxOctets = 2048; // RFC 5321 §4.5.3.1.5 says 512; some receivers' explanations are longer
const replyMaxOctets = 65_536; // a reply of a megabyte is an attack (threats.md row 44)

export function createWire(socket: Socket): Wire {
  const replies: { readonly reply: Reply; readonly lines: readonly string[] }[] = [];
  let rest = "";
  let current: string[] = [];
  let currentOctets = 0;
  let lost: ConnectionLost | undefined;
  let wake: (() => void) | undefined;
  let unasked: (() => void) | undefined;

  const changed = (): void => {
    const waiter = wake;
    wake = undefined;
    if (waiter !== undefined) waiter();
    else unasked?.();
  };
  const fail = (kind: LossKind, message: string, reply?: Reply): ConnectionLost => {
    lost ??= new ConnectionLost(kind, message, reply);
    socket.destroy();
    changed();
    return lost;
  };
  const takeLine = (line: string): void => {
    currentOctets += line.length;
    const form = /^([2-5]\d\d)([ -]|$)/.exec(line);
    const first = current[0];
    if (form === null || (first !== undefined && !line.startsWith(first.slice(0, 3)))) {
      fail("protocol", `no SMTP reply: ${printable(line)}`);
      return;
    }
    current.push(line);
    if (form[2] === "-") return;
    const reply = parseReply(Buffer.from(current.join("\r\n"), "latin1").toString());
    if (reply !== undefined) replies.push({ reply, lines: current.map((text) => text.slice(4)) });
    current = [];
    currentOctets = 0;
    changed();
  };
  const onData = (chunk: Buffer): void => {
    rest += chunk.toString("latin1");
    for (let end = rest.indexOf("\n"); end !== -1 && lost === undefined; end = rest.indexOf("\n")) {
      const line = rest.slice(0, end).replace(/\r$/, "");
      rest = rest.slice(end + 1);
      takeLine(line);
    }
    if (rest.length > lineMaxOctets || currentOctets > replyMaxOctets || replies.length > 8)
      fail("protocol", "a reply longer than any reply may be");
  };
  const onClose = (): void => {
    fail("closed", "the connection was closed");
  };
  const onError = (error: Error): void => {
    fail("closed", `the connection broke: ${printable(error.message)}`);
  };
  socket.on("data", onData);
  socket.on("end", onClose);
  socket.on("close", onClose);
  socket.on("error", onError);

  const waitFor = async (ready: () => boolean, timeoutMs: number): Promise<void> => {
    if (ready() || lost !== undefined) return;
    const timer = setTimeout(() => fail("timeout", "no answer in time"), Math.max(timeoutMs, 1));
    try {
      while (!ready() && lost === undefined)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    } finally {
      clearTimeout(timer);
    }
  };
  const takeReply = async (
    timeoutMs: number,
  ): Promise<{ readonly reply: Reply; readonly lines: readonly string[] }> => {
    await waitFor(() => replies.length > 0, timeoutMs);
    const taken = replies.shift();
    if (taken === undefined) throw lost ?? fail("closed", "the connection was closed");
    return taken;
  };
  const assertQuiet = (): void => {
    if (lost !== undefined) throw withReply(lost, replies[0]?.reply);
    if (replies.length > 0 || current.length > 0 || rest.length > 0)
      throw fail("protocol", "an answer to nothing", replies[0]?.reply);
  };
  const write = (octets: Buffer): { done: boolean } => {
    const state = { done: false };
    socket.write(octets, (error) => {
      // An error is told by the socket's own event as well, with its words.
      if (error === undefined || error === null) state.done = true;
      const waiter = wake;
      wake = undefined;
      waiter?.();
    });
    return state;
  };

  return {
    reply: async (timeoutMs) => (await takeReply(timeoutMs)).reply,
    lines: takeReply,
    command: (lines) => {
      assertQuiet();
      socket.write(lines);
    },
    block: async (octets, timeoutMs) => {
      assertQuiet();
      const written = write(octets);
      await waitFor(() => written.done || replies.length > 0, timeoutMs);
      assertQuiet();
    },
    lastBlock: async (octets, timeouts, onWritten) => {
      assertQuiet();
      const written = write(octets);
      await waitFor(() => written.done || replies.length > 0, timeouts.block);
      // A write that is already done reports itself in this turn of the event loop, be it behind the reply.
      if (!written.done) await new Promise((resolve) => setImmediate(resolve));
      if (!written.done) {
        if (lost !== undefined) throw withReply(lost, replies[0]?.reply);
        throw fail("protocol", "an answer before the end of the message", replies[0]?.reply);
      }
      onWritten();
      return (await takeReply(timeouts.reply)).reply;
    },
    detach: () => {
      assertQuiet();
      socket.off("data", onData);
      socket.off("end", onClose);
      socket.off("close", onClose);
      socket.pause();
      return socket;
    },
    onUnasked: (listener) => {
      unasked = listener;
    },
    usable: () => lost === undefined && replies.length === 0 && rest.length === 0,
    destroy: () => {
      lost ??= new ConnectionLost("closed", "closed by us");
      socket.destroy();
    },
  };
}

/** What the peer said before it went away tells more than that it went away. */
function withReply(lost: ConnectionLost, reply: Reply | undefined): ConnectionLost {
  return reply === undefined || lost.reply !== undefined
    ? lost
    : new ConnectionLost(lost.kind, lost.message, reply);
}
