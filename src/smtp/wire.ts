// The stream of octets from a client, cut into command lines and message bodies; replaces smtp-server's own cutter.
//
// smtp-server's SMTPStream ends a command at a bare LF, un-stuffs dots behind a bare LF, and takes some 60 times longer
// over a body full of dots (libraries.md 1.1, 1–3 and 21). This one keeps its outside (`oncommand`, `isClosed`,
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

const nothing = Buffer.alloc(0);

export class Wire extends SMTPStream {
  readonly #options: WireOptions;
  /** What is left of the chunk at hand, and whom to tell when it is used up. */
  #rest: Buffer = nothing;
  #done: () => void = () => undefined;
  #commands = 0;
  /** The beginning of a line whose end has not come; of bounded length. */
  #partial: Buffer = nothing;
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
    this.#rest = chunk;
    this.#done = done;
    this.#commands = 0;
    this.#read();
  }

  /** A loop, not recursion: most handlers call back at once, and a client may pipeline thousands. */
  #read(): void {
    while (this.#rest.length > 0 && !this.isClosed) {
      this.#commands += 1;
      if (this.#commands % commandsPerTurn === 0) {
        setImmediate(() => this.#read());
        return;
      }
      if (!this.#step()) return;
    }
    this.#rest = nothing;
    this.#done();
  }

  /** One line, or all there is of a body; true where it is done with already. */
  #step(): boolean {
    let synchronous = true;
    let finished = false;
    const next = (): void => {
      if (finished) return; // A callback called twice must not run the rest twice.
      finished = true;
      if (!synchronous) this.#read();
    };
    const chunk = this.#rest;
    this.#rest =
      this.#body === undefined ? this.#readLine(chunk, next) : this.#readBody(chunk, next);
    synchronous = false;
    return finished;
  }

  /** Hands on one line, if its end is there. Gives what is left of the chunk. */
  #readLine(chunk: Buffer, next: () => void): Buffer {
    const end = chunk.indexOf(LF);
    const used = end === -1 ? chunk.length : end + 1;
    if (this.#partial.length + used > lineOctetsMax)
      return this.#breakOff("command-too-long", next);
    if (end === -1) {
      this.#partial = Buffer.concat([this.#partial, chunk]); // A copy: the chunk's memory is the socket's.
      next();
      return nothing;
    }
    const line =
      this.#partial.length === 0
        ? chunk.subarray(0, used)
        : Buffer.concat([this.#partial, chunk.subarray(0, used)]);
    this.#partial = nothing;
    const complete = line[line.length - 2] === CR;
    if (!complete && this.#options.bareLf() === "refuse")
      return this.#breakOff("bare-line-feed", next);
    this.oncommand(line.subarray(0, complete ? -2 : -1), next);
    return used === chunk.length ? nothing : chunk.subarray(used);
  }

  /** What follows cannot be read. */
  #breakOff(why: "command-too-long" | "bare-line-feed", next: () => void): Buffer {
    this.isClosed = true;
    this.#options.broken(why);
    next();
    return nothing;
  }

  #readBody(chunk: Buffer, next: () => void): Buffer {
    const body = this.#body;
    const used = body?.decoder.feed(chunk);
    if (body !== undefined && used !== undefined) {
      this.#body = undefined;
      body.ended(next);
      return used === chunk.length ? nothing : chunk.subarray(used);
    }
    if (body?.decoder.overrun() === true) {
      this.isClosed = true;
      this.#options.overrun();
    }
    next();
    return nothing;
  }
}
