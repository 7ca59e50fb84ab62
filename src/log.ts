// The one logger: a JSON line an event, its name first, ids as fields; no secret, body or address above debug.
import { write, writeSync } from "node:fs";

import { pino, type Logger } from "pino";

export type Log = Logger;

/** Where lines go. Nobody waits for them: what the destination does not take is counted, and told once it does again. */
export interface LogLines {
  readonly write: (line: string) => void;
  /** Writes what still waits, within a moment, or gives it up: for the end of the process. */
  readonly end: () => void;
}

const redacted = ["password", "secret", "token", "authorization", "address", "email", "recipient"];
const waitingMax = 1_048_576; // characters; some thousand lines, for a reader that is busy with other things
const againMs = 100;
const lastTries = 10; // and so long apart, while the process ends
const lastPauseMs = 20;

const newline = 0x0a;
const none = Buffer.alloc(0);

let standardLines: LogLines | undefined;

export function createLog(options: { readonly level: string; readonly lines?: LogLines }): Log {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [...redacted, ...redacted.map((name) => `*.${name}`)],
        censor: "[redacted]",
      },
      formatters: { level: (label) => ({ level: label }) },
    },
    options.lines ?? (standardLines ??= endWithProcess(openLines(2))),
  );
}

function endWithProcess(lines: LogLines): LogLines {
  process.once("exit", lines.end);
  return lines;
}

/**
 * Lines to an open file, pipe or terminal, in their order and off the thread. pino's own destination ends the process where
 * the disk is full, and on the way out asks that disk again and again.
 */
export function openLines(file: number): LogLines {
  let waiting: string[] = [];
  let waitingLength = 0;
  let lost = 0;
  let because = "";
  let isBroken = false; // the last line there is half of one
  let isWriting = false;
  let stuck: Uint8Array = none; // until the destination, busy now, is asked again

  const lose = (octets: Buffer, code: string): void => {
    for (const octet of octets) if (octet === newline) lost += 1;
    because = code;
  };
  /** What comes next, and how much of it is about what was lost. */
  const take = (): { readonly octets: Buffer; readonly told: number } => {
    const notice = Buffer.from((isBroken ? "\n" : "") + (lost > 0 ? noticeOf(lost, because) : ""));
    const octets = Buffer.concat([notice, Buffer.from(waiting.join(""))]);
    waiting = [];
    waitingLength = 0;
    return { octets, told: notice.length };
  };
  const wrote = (octets: Buffer, told: number, until: number): void => {
    if (until > 0) isBroken = octets[until - 1] !== newline;
    if (told > 0 && until >= told) lost = 0;
  };
  const next = (): void => {
    isWriting = waiting.length > 0;
    if (!isWriting) return;
    const { octets, told } = take();
    const go = (from: number): void => {
      stuck = none;
      write(file, octets, from, (error, count) => {
        const until = from + count;
        if (error === null && until < octets.length) go(until);
        else if (error?.code === "EAGAIN") {
          stuck = octets.subarray(from);
          setTimeout(go, againMs, from).unref();
        } else {
          wrote(octets, told, error === null ? until : from);
          if (error !== null) lose(octets.subarray(Math.max(from, told)), error.code ?? "");
          next();
        }
      });
    };
    go(0);
  };
  return {
    write: (line) => {
      if (waitingLength + line.length > waitingMax) {
        lost += 1;
        because = "it takes lines too slowly";
        return;
      }
      waiting.push(line);
      waitingLength += line.length;
      if (!isWriting) next();
    },
    end: () => {
      writeLast(file, Buffer.concat([stuck, take().octets]));
    },
  };
}

function noticeOf(lost: number, because: string): string {
  const time = new Date().toISOString();
  const msg = "lines of this log were lost: what it is written to did not take them";
  return `${JSON.stringify({ level: "error", time, lost, because, msg })}\n`;
}

/** A destination that is full is asked no more, one that is busy a few times. */
function writeLast(file: number, octets: Buffer): void {
  let from = 0;
  for (let tries = 0; from < octets.length && tries < lastTries;) {
    try {
      from += writeSync(file, octets, from);
    } catch (error) {
      const isBusy = error instanceof Error && "code" in error && error.code === "EAGAIN";
      if (!isBusy) return;
      tries += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lastPauseMs);
    }
  }
}
