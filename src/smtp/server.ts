// smtp-server with a gate before it: who may connect, how many, and for how long TLS may take.
import type { Socket } from "node:net";

import { SMTPServer } from "smtp-server";
import type { SMTPConnectionOptions } from "smtp-server/lib/smtp-connection.js";

import { formatReply } from "../mail/reply.ts";
import { protocolReply, type ProtocolReply } from "./answer.ts";
import { GatewayConnection } from "./connection.ts";
import type { Service } from "./service.ts";

export interface Certificate {
  /** PEM, the chain. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

export interface ServerOptions {
  readonly implicitTls: boolean;
  readonly certificate?: Certificate;
}

const minVersion = "TLSv1.2"; // RFC 8997, RFC 9325 §3.1.1

export class GatewayServer extends SMTPServer {
  #service: Service;
  readonly #implicitTls: boolean;
  readonly #leave = new WeakMap<Socket, () => void>();
  readonly #bySession = new WeakMap<object, GatewayConnection>();
  readonly open = new Set<GatewayConnection>();

  constructor(options: ServerOptions, service: Service) {
    super({
      name: service.hostname,
      secure: options.implicitTls,
      ...options.certificate,
      minVersion,
      authMethods: ["PLAIN", "LOGIN"],
      authOptional: true, // The library's gate can be taken away (findings 5 and 7): ours stands in the dialogue.
      disableReverseLookup: true,
      hideENHANCEDSTATUSCODES: true, // Ours are written into the texts (finding 28).
      logger: false, // Its lines carry names and addresses (finding 32).
      onAuth: (auth, session, callback) => {
        const connection = this.#bySession.get(session);
        if (connection === undefined) callback(new Error("no such connection"));
        else connection.login(auth, callback);
      },
    });
    this.#service = service;
    this.#implicitTls = options.implicitTls;
    // Without a listener a reset connection would end the process (finding 11).
    this.on("error", (cause: Error) => service.log.debug({ err: cause }, "smtp connection failed"));
    this.#standGuard();
  }

  /** Puts the gate before the library's own connection listener. */
  #standGuard(): void {
    const accept = this.server.listeners("connection");
    this.server.removeAllListeners("connection");
    this.server.on("connection", (socket: Socket) => {
      socket.on("error", () => undefined); // The library listens a turn later: a reset in between must not be fatal.
      const address = socket.remoteAddress ?? "";
      if (this.#service.allow?.contains(address) === false) {
        this.#turnAway(socket, "not-allowed");
        return;
      }
      const leave = this.#service.load.enter(address);
      if (leave === undefined) {
        this.#turnAway(socket, "too-many-connections");
        return;
      }
      this.#leave.set(socket, leave);
      socket.once("close", leave);
      if (this.#implicitTls) this.#limitHandshake(socket);
      for (const listener of accept) listener.call(this.server, socket);
    });
  }

  #turnAway(socket: Socket, name: ProtocolReply): void {
    if (!this.#implicitTls) socket.write(`${formatReply(protocolReply(name))}\r\n`);
    socket.destroySoon();
  }

  /** The library's own limit counts from the last octet; this one from the first. */
  #limitHandshake(socket: Socket): void {
    const timer = setTimeout(() => {
      this._pendingSockets.get(socket)?.destroy();
    }, this.#service.times.handshakeMilliseconds);
    timer.unref();
    socket.once("close", () => clearTimeout(timer));
  }

  override connect(socket: Socket, socketOptions?: SMTPConnectionOptions): void {
    const connection = new GatewayConnection(this, socket, socketOptions, {
      service: () => this.#service,
      gone: (gone) => {
        this.open.delete(gone);
        this.#leave.get(socket)?.(); // STARTTLS takes our listener off the socket below.
      },
    });
    this.#bySession.set(connection.session, connection);
    this.open.add(connection);
    this.connections.add(connection);
    connection.on("error", (cause: Error) => this._onError(cause));
    connection.init();
  }

  /** From now on; a transaction under way ends by what it began with. Handshakes from now on see the certificate. */
  serve(service: Service, certificate: Certificate | undefined): void {
    this.#service = service;
    if (certificate !== undefined) this.updateSecureContext({ ...certificate, minVersion });
  }

  #closed: Promise<void> | undefined;

  /** Gives the port back at once; resolves when the last connection is gone. */
  stopListening(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    return this.#closed;
  }

  /** Sockets that have not come as far as a connection. */
  destroyPending(): void {
    for (const top of this._pendingSockets.values()) top.destroy();
  }
}
