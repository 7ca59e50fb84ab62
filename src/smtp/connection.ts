// One connection: smtp-server's socket and TLS handling, with every command answered by our dialogue.
import type { Socket } from "node:net";

import type { SMTPConnectionOptions } from "smtp-server/lib/smtp-connection.js";
import type { SMTPServer } from "smtp-server";
import type { SMTPStream } from "smtp-server/lib/smtp-stream.js";

import { fromLibrary } from "./answer.ts";
import type { BodyDecoder } from "./body-decoder.ts";
import { createCommandGate, verbKind, verbOf } from "./command-gate.ts";
import { createDialogue, type Dialogue } from "./dialogue.ts";
import { loginBySasl, type SaslAnswer, type SaslCallback } from "./sasl-login.ts";
import type { Service } from "./service.ts";
import { SpeakingConnection } from "./speaking-connection.ts";
import { createWatchdog, type Watchdog } from "./watchdog.ts";
import { Wire } from "./wire.ts";

const SPACE = 32;

export interface ConnectionHooks {
  /** What the listener offers now; another one after a reload. */
  readonly service: () => Service;
  /** Called once, when the connection is gone. */
  readonly gone: (connection: GatewayConnection) => void;
}

export class GatewayConnection extends SpeakingConnection {
  #service: Service;
  readonly #hooks: ConnectionHooks;
  readonly #dialogue: Dialogue;
  readonly #watchdog: Watchdog;
  readonly #gate = createCommandGate();
  /** The outermost socket: destroying what lies under a TLS handshake would crash Node. */
  #top: Socket;
  #decoder: BodyDecoder | undefined;
  /** The whole message is here and its reply is not out yet: nothing else may be said. */
  #committing = false;
  #draining = false;

  constructor(
    server: SMTPServer,
    socket: Socket,
    options: SMTPConnectionOptions | undefined,
    hooks: ConnectionHooks,
  ) {
    super(server, socket, options);
    const service = hooks.service();
    this.#service = service;
    this.#hooks = hooks;
    this.#top = socket;
    this.#dialogue = createDialogue(service, this.remoteAddress, this.secure);
    this.#watchdog = createWatchdog(service.times, (why) => this.#expire(why));
  }

  /** No new transaction: an idle client is told so now, a busy one when its transaction ends. */
  drain(): void {
    this.#draining = true;
    if (!this.#dialogue.inTransaction() && !this._upgrading) this.say("shutting-down");
  }

  /** Ends a transaction that is not complete. One that is being made durable still gets its reply. */
  cut(): void {
    if (this.#committing) return;
    if (this._upgrading) this.#top.destroy();
    else {
      this.say("shutting-down");
      this._socket.destroySoon();
    }
  }

  /** Without a word. */
  destroy(): void {
    this.#top.destroy();
  }

  /** Answers SASL's question; smtp-server calls it by way of the server's onAuth. */
  login(auth: SaslAnswer, callback: SaslCallback): void {
    void loginBySasl(this.#dialogue, auth, callback);
  }

  // --- commands ---------------------------------------------------------------------------------------------------

  override _getHandler(command: string): ReturnType<SpeakingConnection["_getHandler"]> {
    if (command === "STARTTLS" && this.#service.tls === "none") return this.#notImplemented;
    const kind = verbKind(command);
    if (kind === "answered") return super._getHandler(command);
    return kind === "not-implemented" ? this.#notImplemented : undefined;
  }

  readonly #notImplemented = (_command: Buffer, next: () => void): void => {
    this.answer("not-implemented", next);
  };

  override _onCommand(command: Buffer, callback?: () => void): void {
    this.#watchdog.rest();
    const next = callback ?? ((): void => undefined);
    if (this._upgrading || !this._ready) {
      super._onCommand(command, callback);
      return;
    }
    const inLogin = this._nextHandler !== false;
    if (!inLogin && !this.#takeUpReload()) return;
    const draining = this.#draining && !this.#dialogue.inTransaction();
    const verb = verbOf(command);
    const stop = this.#gate.stops(command, { verb, inLogin, draining });
    if (stop === undefined) this.#perform(verb, command, next);
    else if (stop === "command-too-long") this.breakOff(stop);
    else if (stop === "control-character") {
      this._nextHandler = false;
      this.answer(stop, next);
    } else this.say(stop);
  }

  /** Commands of mail go to the dialogue at once: smtp-server decodes each three times, and asks what the dialogue asks. */
  #perform(verb: string, command: Buffer, next: () => void): void {
    const isWhole = command.length === verb.length || command[verb.length] === SPACE;
    const isGreeted = this.hostNameAppearsAs !== false && this._nextHandler === false;
    const done = (): void => this._whenWritable(next);
    if (!isWhole || !isGreeted) super._onCommand(command, next);
    else if (verb === "MAIL") this.handler_MAIL(command, done);
    else if (verb === "RCPT") this.handler_RCPT(command, done);
    else if (verb === "DATA") this.handler_DATA(command, done);
    else super._onCommand(command, next);
  }

  override handler_EHLO(command: Buffer, next: () => void): void {
    const hello = this.#dialogue.hello(command.toString("latin1"));
    if ("code" in hello) this.reply(hello);
    else {
      this.#watchdog.endTransaction();
      this.hostNameAppearsAs = hello.helo.toLowerCase();
      this._resetSession();
      this.greet(hello.lines);
    }
    next();
  }

  override handler_HELO(command: Buffer, next: () => void): void {
    this.handler_EHLO(command, next);
  }

  override handler_NOOP(_command: Buffer, next: () => void): void {
    this.answer("noop", next);
  }

  override handler_HELP(_command: Buffer, next: () => void): void {
    this.answer("help", next);
  }

  override handler_VRFY(_command: Buffer, next: () => void): void {
    this.answer("cannot-verify", next);
  }

  override handler_RSET(_command: Buffer, next: () => void): void {
    this.#dialogue.reset();
    this.#watchdog.endTransaction();
    this.answer("reset", next);
  }

  override handler_AUTH(command: Buffer, next: () => void): void {
    const no = this.#dialogue.refuseAuth();
    if (no === undefined) super.handler_AUTH(command, next);
    else this.respond(no, next);
  }

  override handler_MAIL(command: Buffer, next: () => void): void {
    void this.#dialogue.mail(command.toString("utf8")).then((reply) => {
      if (reply.code < 400) this.#watchdog.beginTransaction();
      else if (this.#gate.countIdle()) {
        this.say("too-many-commands");
        return;
      }
      this.respond(reply, next);
    });
  }

  override handler_RCPT(command: Buffer, next: () => void): void {
    void this.#dialogue.rcpt(command.toString("utf8")).then((reply) => {
      if (this.#dialogue.isSubmitting()) this.#gate.forgive();
      this.respond(reply, next);
    });
  }

  override handler_DATA(command: Buffer, next: () => void): void {
    const answer = this.#dialogue.data(command.toString("utf8"));
    const wire = this._parser;
    if ("code" in answer) this.reply(answer);
    else if (wire instanceof Wire) {
      this.#decoder = answer;
      this._socket.allowHalfOpen = true; // Who has said all may wait for what became of it: `finish` ends our side.
      wire.receiveBody(answer, (resume) => this.#finishBody(answer, resume));
      this.say("begin-data");
    }
    next();
  }

  #finishBody(decoder: BodyDecoder, resume: () => void): void {
    this.#decoder = undefined;
    this.#committing = true;
    this.#watchdog.rest();
    this.#watchdog.endTransaction();
    void this.#dialogue.body(decoder).then(({ reply, close }) => {
      this.#committing = false;
      this.#gate.forgive();
      if (this._socket.destroyed) {
        // Finding 17: the client will send it again, and the fingerprint will know it.
        this.#service.log.info({ code: reply.code }, "client left before the reply to DATA");
      }
      this.reply(reply);
      this._socket.allowHalfOpen = false;
      if (close) this.close();
      else if (this.#draining) this.say("shutting-down");
      else this._whenWritable(resume);
    });
  }

  /** Between transactions, whatever was reloaded counts; false where this client may then not be here any more. */
  #takeUpReload(): boolean {
    const service = this.#hooks.service();
    if (service === this.#service || this.#dialogue.inTransaction()) return true;
    this.#service = service;
    this.#dialogue.serve(service);
    if (service.allow?.contains(this.remoteAddress) !== false) return true;
    this.breakOff("not-allowed");
    return false;
  }

  // --- life and death ---------------------------------------------------------------------------------------------

  // Called by the constructor of the library's class, when none of our fields is there yet: hence the arrow functions.
  override _createParser(): SMTPStream {
    const wire = new Wire({
      bareLf: () => this.#service.bareLf,
      broken: (why) => {
        if (!this._upgrading) this.breakOff(this._ready ? why : "not-allowed");
      },
      overrun: () => {
        this.reply(fromLibrary(552, "5.3.4 too-large: the connection is cut"));
        this._socket.destroySoon();
      },
    });
    wire.oncommand = (command, callback) => this._onCommand(command, callback);
    wire.once("finish", () => void this._socket.end()); // Nothing more can come, and all that came is answered.
    wire.on("error", (cause: Error) => {
      this.#service.log.error({ err: cause }, "smtp stream failed");
      this.#top.destroy();
    });
    return wire;
  }

  override _sendGreeting(): void {
    super._sendGreeting();
    if (this.#draining) this.say("shutting-down");
    else this.#watchdog.awaitCommand();
  }

  /** Every reply is followed by this: from here on the client owes us something, reading the reply included. */
  override _whenWritable(next: () => void): void {
    const decoder = this.#decoder;
    if (this._closed) this.#watchdog.rest();
    else if (decoder === undefined) this.#watchdog.awaitCommand();
    else this.#watchdog.awaitBody(decoder.received);
    super._whenWritable(next);
  }

  override upgrade(callback: () => void, secureCallback?: () => void): void {
    this.#watchdog.awaitHandshake();
    super.upgrade(callback, () => {
      this.#dialogue.secured();
      this.#watchdog.endTransaction();
      this.#watchdog.awaitCommand();
      secureCallback?.();
    });
  }

  /** The library's idle time-out is one that any octet puts off (finding 18): the watchdog stands in its place. */
  override _armTimeout(socket: Socket = this._socket): void {
    this.#top = socket;
    socket.once("end", () => this.#watchdog.clientEnded());
  }

  #expire(why: "timeout" | "too-slow" | "handshake" | "gone"): void {
    // Who does not read what was said before will not read this either: no waiting for it to go out.
    if (why === "handshake" || why === "gone" || this._socket.writableLength > 0)
      this.#top.destroy();
    else {
      this.say(why);
      this._socket.destroySoon();
    }
  }

  override _onClose(): void {
    super._onClose();
    this.#watchdog.end();
    this.#decoder = undefined;
    if (!this.#committing) this.#dialogue.end();
    this.#hooks.gone(this);
  }
}
