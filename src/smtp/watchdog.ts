// Cuts a connection that keeps us waiting: total deadlines, which no dripped octet puts off, and a minimum rate.
//
// States: off (we are working, or all is over) · command (the client owes us a whole line) · handshake (it owes us TLS)
// · body (it owes us octets at a rate). A transaction's own deadline, from MAIL to the final dot, runs through command
// and body alike.
import { createAlarm } from "../mail/alarm.ts";
import { timerMaxMs } from "../mail/timer-limit.ts";

export interface WatchdogTimes {
  /** From one reply to the end of the next command line. */
  readonly commandMilliseconds: number;
  /** From MAIL to the end of the body. */
  readonly transactionMilliseconds: number;
  readonly handshakeMilliseconds: number;
  /** Octets that each window of a body must bring. */
  readonly windowMilliseconds: number;
  readonly windowOctets: number;
}

/** Scaled from the two times that an operator sets (smtp.timeouts). */
export function watchdogTimes(times: {
  readonly commandMilliseconds: number;
  readonly transactionMilliseconds: number;
}): WatchdogTimes {
  const windowMilliseconds = times.commandMilliseconds / 10; // 30 s of 5 minutes
  return {
    ...times,
    handshakeMilliseconds: Math.min(windowMilliseconds, timerMaxMs),
    windowMilliseconds,
    windowOctets: Math.ceil((1024 * windowMilliseconds) / 1000), // threats.md row 14: 1 KB a second
  };
}

export interface Watchdog {
  readonly awaitCommand: () => void;
  readonly awaitHandshake: () => void;
  /** `received` gives the octets of the body so far. */
  readonly awaitBody: (received: () => number) => void;
  /** We are at work: the client waits for us. */
  readonly rest: () => void;
  readonly beginTransaction: () => void;
  readonly endTransaction: () => void;
  /** Nothing more can come: whenever we owe the client nothing, it has seconds to take its replies and go. */
  readonly clientEnded: () => void;
  /** The connection is gone. */
  readonly end: () => void;
}

const goneMilliseconds = 5000; // a reset can leave a TLS socket that neither reads nor closes

export function createWatchdog(
  times: WatchdogTimes,
  expired: (why: "timeout" | "too-slow" | "handshake" | "gone") => void,
): Watchdog {
  const alarm = createAlarm();
  let transactionEnds: number | undefined;
  let resting = true;
  let clientEnded = false;
  const timeout = (): void => expired("timeout");
  const handshake = (): void => expired("handshake");
  const awaitGone = (): void => alarm.set(goneMilliseconds, () => expired("gone"));
  const arm = (milliseconds: number, act: () => void): void => {
    resting = false;
    if (clientEnded) {
      awaitGone();
      return;
    }
    const left =
      transactionEnds === undefined ? Infinity : Math.max(0, transactionEnds - performance.now());
    if (left < milliseconds) alarm.set(left, timeout);
    else alarm.set(milliseconds, act);
  };
  const awaitBody = (received: () => number): void => {
    const before = received();
    arm(times.windowMilliseconds, () => {
      if (received() - before < times.windowOctets) expired("too-slow");
      else awaitBody(received);
    });
  };
  const rest = (): void => {
    resting = true;
    alarm.putOff();
  };
  return {
    awaitCommand: () => arm(times.commandMilliseconds, timeout),
    awaitHandshake: () => arm(times.handshakeMilliseconds, handshake),
    awaitBody,
    rest,
    beginTransaction: () => {
      transactionEnds = performance.now() + times.transactionMilliseconds;
    },
    endTransaction: () => {
      transactionEnds = undefined;
    },
    clientEnded: () => {
      clientEnded = true;
      if (!resting) awaitGone(); // While we are at work, its time begins with our reply.
    },
    end: () => {
      rest();
      alarm.end();
    },
  };
}
