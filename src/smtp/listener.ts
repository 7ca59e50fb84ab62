// Starts one listener: checks that it is no open relay and asks no password in clear text, then listens.
import { once } from "node:events";
import { createSecureContext } from "node:tls";

import type { Answer } from "../intake/answer.ts";
import type { Intake, RangePrincipal } from "../intake/intake.ts";
import type { Reply } from "../mail/reply.ts";
import { createFeedbackReceiver, type FeedbackIntake } from "./feedback-intake.ts";
import type { SharedLoad } from "./load.ts";
import type { LoginGuard } from "./login-guard.ts";
import { GatewayServer, type Certificate } from "./server.ts";
import type { Service, SmtpLog } from "./service.ts";
import { createSubmission } from "./submission.ts";
import { watchdogTimes } from "./watchdog.ts";

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls: "starttls" | "implicit" | "optional";
  readonly auth: "required" | "none";
  /** With `auth: none`: CIDR ranges that may connect. */
  readonly allow?: readonly string[];
  /** With `auth: none`: the stream that they send by. */
  readonly stream?: string;
  readonly role: "submission" | "feedback";
}

export interface ListenerParts {
  readonly hostname: string;
  readonly intake: Intake;
  /** Needed for `role: feedback`. */
  readonly feedback?: FeedbackIntake;
  /** Absent: no TLS. The built-in certificate of smtp-server, whose key everybody knows, is never used. */
  readonly certificate?: Certificate;
  readonly toReply: (answer: Answer) => Reply;
  /** Shared by all listeners. */
  readonly load: SharedLoad;
  /** Shared by all listeners. */
  readonly loginGuard: LoginGuard;
  readonly log: SmtpLog;
  readonly limits: {
    readonly messageBytesMax: number;
    readonly commandMilliseconds: number;
    readonly transactionMilliseconds: number;
    readonly bareLf: "refuse" | "normalise";
    /** How long a question to intake may take; default 2 minutes. RFC 5321 §4.5.3.2.6 has clients wait ten. */
    readonly answerMilliseconds?: number;
  };
  /** Offer DSN (RFC 3461); default false. */
  readonly dsn?: boolean;
}

export interface Listener {
  readonly address: string;
  readonly port: number;
  /**
   * Takes no more connections; transactions under way may end within `graceSeconds`, then they are told 421. A message
   * that is complete is never told 421 and stored nevertheless: it gets its reply, or, if that takes `settleSeconds` more
   * (default: what the question to intake may take), none. May be called again with less patience.
   */
  readonly close: (graceSeconds: number, settleSeconds?: number) => Promise<void>;
  /**
   * Gets other options ready, of the same place and the same kind of TLS; the function given puts them into force, and
   * cannot fail. Transactions under way end by the old ones. Throws as {@link startListener} does.
   */
  readonly prepare: (options: ListenerOptions, parts: ListenerParts) => () => void;
}

const answerMillisecondsDefault = 120_000;

/** Throws where the options would make an open relay, ask for passwords in clear text, or cannot be listened on. */
export async function startListener(
  options: ListenerOptions,
  parts: ListenerParts,
): Promise<Listener> {
  const service = toService(options, parts);
  const server = new GatewayServer(
    {
      implicitTls: options.tls === "implicit",
      ...(parts.certificate === undefined ? {} : { certificate: parts.certificate }),
    },
    service,
  );
  server.listen(options.port, options.host);
  await once(server.server, "listening"); // Rejects on "error".
  const bound = server.server.address();
  if (bound === null || typeof bound === "string") throw new Error("listener has no port");
  parts.log.info({ host: bound.address, port: bound.port, role: options.role }, "smtp listening");
  return {
    address: bound.address,
    port: bound.port,
    close: (graceSeconds, settleSeconds = service.answerMilliseconds / 1000) =>
      close(server, graceSeconds, settleSeconds),
    prepare: (nextOptions, nextParts) => {
      const next = toService(nextOptions, nextParts);
      const { certificate } = nextParts;
      if (certificate !== undefined) createSecureContext(certificate); // Throws where certificate and key are no pair.
      return () => {
        server.serve(next, certificate);
      };
    },
  };
}

async function close(
  server: GatewayServer,
  graceSeconds: number,
  settleSeconds: number,
): Promise<void> {
  const closed = server.stopListening();
  server.destroyPending();
  for (const connection of server.open) connection.drain();
  const cut = setTimeout(() => {
    for (const connection of server.open) connection.cut();
  }, graceSeconds * 1000);
  // What is being made durable has its own deadline; a client that does not go then is not waited for.
  const end = setTimeout(
    () => {
      for (const connection of server.open) connection.destroy();
    },
    (graceSeconds + settleSeconds) * 1000,
  );
  await closed;
  clearTimeout(cut);
  clearTimeout(end);
}

function toService(options: ListenerOptions, parts: ListenerParts): Service {
  const { certificate, limits } = parts;
  if (certificate === undefined && options.tls !== "optional") {
    throw new Error(`listener on port ${options.port}: tls ${options.tls} needs a certificate`);
  }
  const auth = options.role === "feedback" ? "none" : options.auth;
  if (auth === "required" && certificate === undefined) {
    throw new Error(
      `listener on port ${options.port}: auth required needs TLS, or passwords would pass in clear text`,
    );
  }
  const range = options.role === "submission" && auth === "none" ? gate(options, parts) : undefined;
  const offered = options.tls === "starttls" ? "required" : "offered";
  return {
    hostname: parts.hostname,
    receiver:
      options.role === "feedback"
        ? createFeedbackReceiver(needFeedback(options, parts), parts.toReply)
        : createSubmission(parts.intake, parts.toReply),
    // A stranger's mail server may know no TLS: bounces are taken all the same (RFC 3207 §4).
    tls: certificate === undefined ? "none" : options.role === "feedback" ? "offered" : offered,
    auth,
    ...range,
    dsn: parts.dsn === true && options.role === "submission",
    messageBytesMax: limits.messageBytesMax,
    bareLf: limits.bareLf,
    times: watchdogTimes(limits),
    answerMilliseconds: limits.answerMilliseconds ?? answerMillisecondsDefault,
    load: options.role === "feedback" ? parts.load.strangers : parts.load,
    loginGuard: parts.loginGuard,
    authenticate: parts.intake.authenticate,
    log: parts.log,
  };
}

/** `auth: none`: who may connect, and for which stream. */
function gate(options: ListenerOptions, parts: ListenerParts): RangePrincipal {
  const where = `listener on port ${options.port}: auth none`;
  const { allow = [], stream } = options;
  if (allow.length === 0) throw new Error(`${where} needs allow, or it would be an open relay`);
  if (allow.some((range) => range.endsWith("/0"))) {
    throw new Error(`${where} with a range of everybody would be an open relay`);
  }
  if (stream === undefined) throw new Error(`${where} needs a stream`);
  const range = parts.intake.rangePrincipal(stream, allow);
  if (range.kind === "bad") throw new Error(`${where} ${range.problem}`);
  if (options.tls === "optional") {
    parts.log.warn({ port: options.port, allow }, "these ranges may send in clear text");
  }
  return range.value;
}

function needFeedback(options: ListenerOptions, parts: ListenerParts): FeedbackIntake {
  if (parts.feedback === undefined) {
    throw new Error(`listener on port ${options.port}: role feedback has nobody to learn from it`);
  }
  return parts.feedback;
}
