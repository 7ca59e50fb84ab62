// One client's dialogue: which command is due, what it is answered. Knows nothing of sockets or of smtp-server.
//
// States: greeted (EHLO came) → open (MAIL was accepted; `exchange`) → body (DATA was accepted) → greeted. A question to
// intake that is not answered in time leaves the exchange `broken`: what intake thinks of it is then unknown, so nothing
// more is asked of it until RSET, EHLO or a new MAIL.
import { parseAddress } from "../mail/address.ts";
import type { Reply } from "../mail/reply.ts";
import type { Principal } from "../intake/principal.ts";
import { protocolReply } from "./answer.ts";
import { createBodyDecoder, type BodyDecoder } from "./body-decoder.ts";
import { readMail, readRcpt } from "./command.ts";
import type { Exchange, Opening, Peer } from "./receiver.ts";
import type { Service } from "./service.ts";
import { settleOnce } from "./settle-once.ts";

const loginFailuresMax = 3; // threats.md row 22
const helloPattern = /^(?:EHLO|HELO) +([A-Za-z0-9._:[\]-]{1,255}) *$/i;

export interface Dialogue {
  /** EHLO or HELO: the lines of the reply, or a single "no". */
  readonly hello: (line: string) => { readonly helo: string; readonly lines: readonly string[] } | Reply;
  /** TLS stands: all that was said before is forgotten (RFC 3207 §4.2). */
  readonly secured: () => void;
  /** Why AUTH cannot go on now; undefined where it can. */
  readonly refuseAuth: () => Reply | undefined;
  readonly login: (username: string, secret: string) => Promise<Reply | "authenticated">;
  readonly mail: (line: string) => Promise<Reply>;
  readonly rcpt: (line: string) => Promise<Reply>;
  readonly data: (line: string) => Reply | BodyDecoder;
  /** The body is there. `close`: the connection cannot be trusted any further. */
  readonly body: (decoder: BodyDecoder) => Promise<{ readonly reply: Reply; readonly close: boolean }>;
  readonly reset: () => void;
  /** Between an accepted MAIL and the reply to its DATA. */
  readonly inTransaction: () => boolean;
  /** The connection is gone. */
  readonly end: () => void;
}

export function createDialogue(service: Service, address: string, encrypted: boolean): Dialogue {
  const { log } = service;
  let tls = encrypted;
  let helo = "";
  let extended = false;
  let principal: Principal | undefined = service.principal;
  let failures = 0;
  let exchange: Exchange | undefined;
  let broken = false;
  let reserved = 0;

  const offered = { dsn: service.dsn, auth: service.auth === "required" };
  const fault = (cause: unknown): Reply => {
    log.error({ err: cause, remote: address }, "smtp command failed");
    return protocolReply("fault");
  };
  const peer = (): Peer => {
    const login = service.auth === "required" && principal !== undefined;
    const protocol = `${extended ? "E" : ""}SMTP${tls ? "S" : ""}${login ? "A" : ""}`; // RFC 3848
    return { address, helo, protocol, ...(principal === undefined ? {} : { principal }) };
  };
  const reset = (): void => {
    exchange = undefined;
    broken = false;
    service.load.release(reserved);
    reserved = 0;
  };
  /** What every mail command needs; asked anew each time, whatever the library believes (findings 5 and 7). */
  const refuseMail = (): Reply | undefined => {
    if (service.tls === "required" && !tls) return protocolReply("tls-needed");
    if (service.auth === "required" && principal === undefined) return protocolReply("auth-needed");
    return undefined;
  };

  return {
    hello: (line) => {
      const name = helloPattern.exec(line)?.[1];
      if (name === undefined) return protocolReply("bad-greeting");
      reset();
      helo = name;
      extended = /^EHLO/i.test(line);
      const lines = [service.hostname];
      if (extended) {
        lines.push("PIPELINING", "8BITMIME", `SIZE ${service.messageBytesMax}`);
        lines.push("ENHANCEDSTATUSCODES");
        if (service.dsn) lines.push("DSN");
        if (service.tls !== "none" && !tls) lines.push("STARTTLS");
        if (service.auth === "required" && tls) lines.push("AUTH PLAIN LOGIN");
      }
      return { helo: name, lines };
    },
    secured: () => {
      reset();
      tls = true;
      helo = "";
      extended = false;
      principal = service.principal;
    },
    refuseAuth: () => {
      if (service.auth !== "required") return protocolReply("auth-not-here");
      if (!tls) return protocolReply("tls-needed");
      if (principal !== undefined || exchange !== undefined) return protocolReply("auth-again");
      return failures >= loginFailuresMax ? protocolReply("auth-exhausted") : undefined;
    },
    login: async (username, secret) => {
      if (!service.loginGuard.mayTry(username, address)) {
        failures += 1;
        return protocolReply("auth-throttled");
      }
      const found = await settleOnce<Principal | "none" | "fault">(
        async () => (await service.authenticate(username, secret, { address })) ?? "none",
        service.answerMilliseconds,
        (cause) => {
          fault(cause);
          return "fault";
        },
      );
      if (found === "fault") return protocolReply("auth-later");
      if (found === "none") {
        failures += 1;
        service.loginGuard.failed(username, address);
        log.warn({ remote: address, failures }, "login refused");
        return protocolReply("auth-failed");
      }
      service.loginGuard.succeeded(username, address);
      principal = found;
      return "authenticated";
    },
    mail: async (line) => {
      const no = refuseMail();
      if (no !== undefined) return no;
      if (exchange !== undefined) return protocolReply("mail-again");
      const command = readMail(line, offered);
      if (command.kind === "bad") return command.reply;
      const { path, size = 0, ...wishes } = command.value;
      const mailFrom = path === "" ? null : parseAddress(path);
      if (mailFrom?.kind === "bad") return protocolReply("bad-sender", `it ${mailFrom.problem}`);
      if (size > service.messageBytesMax) return tooLarge(service.messageBytesMax);
      const opening = await settleOnce<Opening>(
        () => service.receiver.open(peer(), { mailFrom: mailFrom?.value ?? null, ...wishes }),
        service.answerMilliseconds,
        (cause) => ({ kind: "closed", reply: fault(cause) }),
      );
      switch (opening.kind) {
        case "open":
          broken = false;
          exchange = opening.exchange;
          return opening.reply;
        case "closed":
          return opening.reply;
        case "not-authenticated":
          principal = undefined;
          return protocolReply("auth-needed");
      }
    },
    rcpt: async (line) => {
      const no = refuseMail();
      if (no !== undefined) return no;
      const current = exchange;
      if (current === undefined) return protocolReply("mail-first");
      if (broken) return protocolReply("fault");
      const command = readRcpt(line, offered);
      if (command.kind === "bad") return command.reply;
      return settleOnce(
        () => current.recipient(command.value.path, command.value.dsn),
        service.answerMilliseconds,
        (cause) => {
          broken = true;
          return fault(cause);
        },
      );
    },
    data: (line) => {
      const no = refuseMail();
      if (no !== undefined) return no;
      if (!/^DATA *$/i.test(line)) return protocolReply("no-arguments");
      if (exchange === undefined) return protocolReply("mail-first");
      if (broken) return protocolReply("fault");
      if (exchange.accepted() === 0) return protocolReply("no-recipients");
      return createBodyDecoder({
        messageBytesMax: service.messageBytesMax,
        bareLf: service.bareLf,
        reserve: (octets) => {
          if (!service.load.reserve(octets)) return false;
          reserved += octets;
          return true;
        },
      });
    },
    body: async (decoder) => {
      const current = exchange;
      const body = decoder.take();
      const reply = await settleOnce(
        () => {
          if (current === undefined) throw new Error("a body without a transaction");
          return body.kind === "complete"
            ? current.message(body.content, peer())
            : current.flawed(body.flaw);
        },
        service.answerMilliseconds,
        fault,
      );
      reset();
      return { reply, close: body.kind === "flawed" && body.flaw === "line-ends" };
    },
    reset,
    inTransaction: () => exchange !== undefined,
    end: reset,
  };
}

/** RFC 1870 §6.1 (1): said at MAIL already, so that nothing is sent in vain. */
function tooLarge(octetsMax: number): Reply {
  return { code: 552, enhanced: "5.3.4", text: `too-large: at most ${octetsMax} octets are taken` };
}
