// The stream of octets from a client, cut into command lines and message bodies; replaces smtp-server's own cutter.
//
// smtp-server's SMTPStream ends a command at a bare LF, un-stuffs dots behind a bare LF, and takes some 60 times longer
// over a body full of dots (threats.md §1.1, findings 1–3 and 21). This one keeps its outside (`oncommand`, `isClosed`,
// being a Writable) and nothing of its inside.
import { SMTPStream } from "smtp-server/lib/smtp-stream.js";

import type { BodyDecoder } from "./body-decoder.ts";

const lineOctetsMax = 12_288; // RFC 4954 §4: an AUTH line may have 12288 octets with its CRLF
const commandsPerTurn = 100; // then other connections have their turn
const LF = 10;
const CR = 13;

export interface WireOptions {
  readonly bareLf: () => "refuse" | "normalise";
  /** The line is longer than any command may be, or ended in a bare LF. Nothing is read behind it. */
  readonly broken: (why: "command-too-long" | "bare-line-feed") => void;
  /** A body is longer than even a refused one may be. Nothing is read behind it. */
  readonly overrun: () => void;
}

export class Wire extends SMTPStream {
  readonly #options: WireOptions;
  /** The beginning of a line whose end has not come; of bounded length. */
  #partial: Buffer = Buffer.alloc(0);
  #body:
    { readonly decoder: BodyDecoder; readonly ended: (resume: () => void) => void } | undefined;

  constructor(options: WireOptions) {
    super();
    this.#options = options;
  }

  /** From the next octet on everything is body. At its end `ended` is called; what follows waits for its `resume`. */
  receiveBody(decoder: BodyDecoder, ended: (resume: () => void) => void): void {
    this.#body = { decoder, ended };
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    let rest = chunk;
    let commands = 0;
    const read = (): void => {
      // A loop with a flag, not recursion: most handlers call back at once, and a client may pipeline thousands.
      let again = true;
      while (again) {
        if (rest.length === 0 || this.isClosed) {
          done();
          return;
        }
        commands += 1;
        if (commands % commandsPerTurn === 0) {
          setImmediate(read);
          return;
        }
        again = step();
      }
    };
    /** One line, or all there is of a body; true where it is done with already. */
    const step = (): boolean => {
      let synchronous = true;
      let finished = false;
      const next = (): void => {
        if (finished) return; // A callback called twice must not run the rest twice.
        finished = true;
        if (!synchronous) read();
      };
      rest = this.#body === undefined ? this.#readLine(rest, next) : this.#readBody(rest, next);
      synchronous = false;
      return finished;
    };
    read();
  }

  /** Hands on one line, if its end is there. Gives what is left of the chunk. */
  #readLine(chunk: Buffer, next: () => void): Buffer {
    const end = chunk.indexOf(LF);
    const piece = end === -1 ? chunk : chunk.subarray(0, end + 1);
    if (this.#partial.length + piece.length > lineOctetsMax) {
      this.isClosed = true;
      this.#options.broken("command-too-long");
      next();
      return Buffer.alloc(0);
    }
    const line = this.#partial.length === 0 ? piece : Buffer.concat([this.#partial, piece]);
    if (end === -1) {
      this.#partial = Buffer.from(line); // A copy: the chunk's memory is the socket's.
      next();
      return Buffer.alloc(0);
    }
    this.#partial = Buffer.alloc(0);
    const complete = line.length >= 2 && line[line.length - 2] === CR;
    if (!complete && this.#options.bareLf() === "refuse") {
      this.isClosed = true;
      this.#options.broken("bare-line-feed");
      next();
      return Buffer.alloc(0);
    }
    this.oncommand(line.subarray(0, complete ? -2 : -1), next);
    return chunk.subarray(end + 1);
  }

  #readBody(chunk: Buffer, next: () => void): Buffer {
    const body = this.#body;
    const used = body?.decoder.feed(chunk);
    if (body !== undefined && used !== undefined) {
      this.#body = undefined;
      body.ended(next);
      return chunk.subarray(used);
    }
    if (body?.decoder.overrun() === true) {
      this.isClosed = true;
      this.#options.overrun();
    }
    next();
    return Buffer.alloc(0);
  }
}
