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
import { readMail, readRcpt, type Offered } from "./command.ts";
import type { Exchange, Opening, Peer } from "./receiver.ts";
import type { Service } from "./service.ts";
import { settleOnce } from "./settle-once.ts";

const loginFailuresMax = 3; // threats.md row 22
const helloPattern = /^(?:EHLO|HELO) +([A-Za-z0-9._:[\]-]{1,255}) *$/i;

export interface Dialogue {
  /** EHLO or HELO: the lines of the reply, or a single "no". */
  readonly hello: (
    line: string,
  ) => { readonly helo: string; readonly lines: readonly string[] } | Reply;
  /** The listener's settings were changed; called between transactions. A login stays where logins are still asked for. */
  readonly serve: (service: Service) => void;
  /** TLS stands: all that was said before is forgotten (RFC 3207 §4.2). */
  readonly secured: () => void;
  /** Why AUTH cannot go on now; undefined where it can. */
  readonly refuseAuth: () => Reply | undefined;
  readonly login: (username: string, secret: string) => Promise<Reply | "authenticated">;
  readonly mail: (line: string) => Promise<Reply>;
  readonly rcpt: (line: string) => Promise<Reply>;
  readonly data: (line: string) => Reply | BodyDecoder;
  /** The body is there. `close`: the connection cannot be trusted any further. */
  readonly body: (
    decoder: BodyDecoder,
  ) => Promise<{ readonly reply: Reply; readonly close: boolean }>;
  readonly reset: () => void;
  /** Between an accepted MAIL and the reply to its DATA. */
  readonly inTransaction: () => boolean;
  /** The same, for a client of this gateway's own: not for whoever brings back what comes back. */
  readonly isSubmitting: () => boolean;
  /** The connection is gone. */
  readonly end: () => void;
}

interface Context {
  service: Service;
  readonly address: string;
  tls: boolean;
  helo: string;
  extended: boolean;
  principal: Principal | undefined;
  failures: number;
  exchange: Exchange | undefined;
  broken: boolean;
  /** Octets set aside for the body under way. */
  reserved: number;
}

export function createDialogue(service: Service, address: string, encrypted: boolean): Dialogue {
  const context: Context = {
    service,
    address,
    tls: encrypted,
    helo: "",
    extended: false,
    principal: service.principal,
    failures: 0,
    exchange: undefined,
    broken: false,
    reserved: 0,
  };
  return {
    hello: (line) => hello(context, line),
    serve: (next) => {
      context.service = next;
      if (next.auth === "none") context.principal = next.principal;
      else if (context.principal?.kind === "range") context.principal = undefined;
    },
    secured: () => {
      reset(context);
      context.tls = true;
      context.helo = "";
      context.extended = false;
      context.principal = context.service.principal;
    },
    refuseAuth: () => refuseAuth(context),
    login: (username, secret) => login(context, username, secret),
    mail: (line) => mail(context, line),
    rcpt: (line) => rcpt(context, line),
    data: (line) => data(context, line),
    body: (decoder) => finish(context, decoder),
    reset: () => reset(context),
    inTransaction: () => context.exchange !== undefined,
    isSubmitting: () => context.exchange !== undefined && context.principal !== undefined,
    end: () => reset(context),
  };
}

function reset(context: Context): void {
  context.exchange = undefined;
  context.broken = false;
  context.service.load.release(context.reserved);
  context.reserved = 0;
}

function fault(context: Context, cause: unknown): Reply {
  context.service.log.error({ err: cause, remote: context.address }, "smtp command failed");
  return protocolReply("fault");
}

function hello(context: Context, line: string): ReturnType<Dialogue["hello"]> {
  const { service, tls } = context;
  const helo = helloPattern.exec(line)?.[1];
  if (helo === undefined) return protocolReply("bad-greeting");
  reset(context);
  context.helo = helo;
  context.extended = /^EHLO/i.test(line);
  if (!context.extended) return { helo, lines: [service.hostname] };
  const size = `SIZE ${service.messageBytesMax}`;
  const lines = [service.hostname, "PIPELINING", "8BITMIME", size, "ENHANCEDSTATUSCODES"];
  if (service.dsn) lines.push("DSN");
  if (offeredBy(context).requireTls) lines.push("REQUIRETLS");
  if (service.tls !== "none" && !tls) lines.push("STARTTLS");
  if (service.auth === "required" && tls) lines.push("AUTH PLAIN LOGIN");
  return { helo, lines };
}

function refuseAuth(context: Context): Reply | undefined {
  if (context.service.auth !== "required") return protocolReply("auth-not-here");
  if (!context.tls) return protocolReply("tls-needed");
  if (context.principal !== undefined || context.exchange !== undefined) {
    return protocolReply("auth-again");
  }
  return context.failures >= loginFailuresMax ? protocolReply("auth-exhausted") : undefined;
}

async function login(
  context: Context,
  username: string,
  secret: string,
): Promise<Reply | "authenticated"> {
  const { service, address } = context;
  if (!service.loginGuard.mayTry(username, address)) {
    context.failures += 1;
    return protocolReply("auth-throttled");
  }
  const found = await settleOnce<Principal | "none" | "fault">(
    async () => (await service.authenticate(username, secret, { address })) ?? "none",
    service.answerMilliseconds,
    (cause) => {
      fault(context, cause);
      return "fault";
    },
  );
  if (found === "fault") return protocolReply("auth-later");
  if (found === "none") {
    context.failures += 1;
    service.loginGuard.failed(username, address);
    service.log.warn({ remote: address, failures: context.failures }, "login refused");
    return protocolReply("auth-failed");
  }
  service.loginGuard.succeeded(username, address);
  context.principal = found;
  return "authenticated";
}

/** What every mail command needs; asked anew each time, whatever the library believes (findings 5 and 7). */
function refuseMail({ service, tls, principal }: Context): Reply | undefined {
  if (service.tls === "required" && !tls) return protocolReply("tls-needed");
  if (service.auth === "required" && principal === undefined) return protocolReply("auth-needed");
  return undefined;
}

async function mail(context: Context, line: string): Promise<Reply> {
  const { service } = context;
  const no = refuseMail(context);
  if (no !== undefined) return no;
  if (context.exchange !== undefined) return protocolReply("mail-again");
  const command = readMail(line, offeredBy(context));
  if (command.kind === "bad") return command.reply;
  const { path, size = 0, ...wishes } = command.value;
  const mailFrom = path === "" ? null : parseAddress(path);
  if (mailFrom?.kind === "bad") return protocolReply("bad-sender", `it ${mailFrom.problem}`);
  if (size > service.messageBytesMax) return service.receiver.tooLarge(service.messageBytesMax); // RFC 1870 §6.1 (1)
  const opening = await settleOnce<Opening>(
    () => service.receiver.open(peerOf(context), { mailFrom: mailFrom?.value ?? null, ...wishes }),
    service.answerMilliseconds,
    (cause) => ({ kind: "closed", reply: fault(context, cause) }),
  );
  switch (opening.kind) {
    case "open":
      context.broken = false;
      context.exchange = opening.exchange;
      return opening.reply;
    case "closed":
      return opening.reply;
    case "not-authenticated":
      context.principal = undefined;
      return protocolReply("auth-needed");
  }
}

async function rcpt(context: Context, line: string): Promise<Reply> {
  const no = refuseMail(context);
  if (no !== undefined) return no;
  const { exchange, service } = context;
  if (exchange === undefined) return protocolReply("mail-first");
  if (context.broken) return protocolReply("fault");
  const command = readRcpt(line, offeredBy(context));
  if (command.kind === "bad") return command.reply;
  const reply = await settleOnce(
    () => exchange.recipient(command.value.path, command.value.dsn),
    service.answerMilliseconds,
    (cause) => {
      context.broken = true;
      return fault(context, cause);
    },
  );
  return reply; // Returned as a promise it would take three turns more.
}

function data(context: Context, line: string): Reply | BodyDecoder {
  const { exchange, service } = context;
  const no = refuseMail(context);
  if (no !== undefined) return no;
  if (!/^DATA *$/i.test(line)) return protocolReply("no-arguments");
  if (exchange === undefined) return protocolReply("mail-first");
  if (context.broken) return protocolReply("fault");
  if (exchange.accepted() === 0) return protocolReply("no-recipients");
  return createBodyDecoder({
    messageBytesMax: service.messageBytesMax,
    bareLf: service.bareLf,
    reserve: (octets) => {
      if (!service.load.reserve(octets)) return false;
      context.reserved += octets;
      return true;
    },
  });
}

async function finish(
  context: Context,
  decoder: BodyDecoder,
): Promise<{ readonly reply: Reply; readonly close: boolean }> {
  const { exchange, service } = context;
  const body = decoder.take();
  const reply = await settleOnce(
    () => {
      if (exchange === undefined) throw new Error("a body without a transaction");
      return body.kind === "complete"
        ? exchange.message(body.content, peerOf(context))
        : exchange.flawed(body.flaw);
    },
    service.answerMilliseconds,
    (cause) => fault(context, cause),
  );
  reset(context);
  return { reply, close: body.kind === "flawed" && body.flaw === "line-ends" };
}

function peerOf(context: Context): Peer {
  const { address, helo, principal, service } = context;
  const login = service.auth === "required" && principal !== undefined;
  const protocol = `${context.extended ? "E" : ""}SMTP${context.tls ? "S" : ""}${login ? "A" : ""}`; // RFC 3848
  return { address, helo, protocol, ...(principal === undefined ? {} : { principal }) };
}

/** REQUIRETLS to those who are offered DSN: both are promises about the way that the mail goes on. */
function offeredBy({ service, tls }: Context): Offered {
  return { dsn: service.dsn, requireTls: service.dsn && tls, auth: service.auth === "required" };
}
