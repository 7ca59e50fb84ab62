// What one connection says: replies become lines on its socket, smtp-server's own words among them.
import { SMTPConnection } from "smtp-server/lib/smtp-connection.js";

import { formatReply, type Reply } from "../mail/reply.ts";
import { fromLibrary, protocolReply, type ProtocolReply } from "./answer.ts";

/** smtp-server's connection, with a voice of our own. */
export class SpeakingConnection extends SMTPConnection {
  /** The library's own words: those of more lines and those that carry a challenge go as they are. */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    const plain = typeof data === "string" && context !== false && (code < 300 || code >= 400);
    if (plain) this.reply(fromLibrary(code, data));
    else super.send(code, data, false);
  }

  /** In one write. Nothing while a TLS handshake runs: it would stand in clear text between its records. */
  protected reply(reply: Reply): void {
    const socket = this._socket;
    if (!this._upgrading && socket.writable) socket.write(`${formatReply(reply)}\r\n`, "latin1"); // Of ASCII alone: smtp/answer.ts sees to it.
    if (reply.code === 421) this.close();
  }

  /** The reply to EHLO or HELO (RFC 5321 §4.1.1.1). */
  protected greet(lines: readonly string[]): void {
    super.send(250, [...lines], false);
  }

  protected say(name: ProtocolReply): void {
    this.reply(protocolReply(name));
  }

  /** Says it, and reads on. */
  protected answer(name: ProtocolReply, next: () => void): void {
    this.respond(protocolReply(name), next);
  }

  protected respond(reply: Reply, next: () => void): void {
    this.reply(reply);
    next();
  }

  /** Nothing behind this point can be understood: the reply, then the end. */
  protected breakOff(name: ProtocolReply): void {
    this.say(name);
    this.close();
  }
}
