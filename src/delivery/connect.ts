// Opens one SMTP connection to one host, as far as it can take mail: greeting, EHLO, STARTTLS, EHLO again.
//
// States: dialling → greeting → ehlo → starttls → handshake → ready. Whatever goes wrong before `ready` ends in
// NotConnected with the phase's name and closes the socket; there is no way from here to a connection without TLS.
import { isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";

import type { Reply } from "../mail/reply.ts";
import { addressesMax, dial, type Dialled } from "./dial.ts";
import { readExtensions, type Extensions } from "./extensions.ts";
import type { Timeouts } from "./settings.ts";
import type { TlsDemand } from "./tls/demand.ts";
import { certificateWords, handshakeWords } from "./tls/tls-words.ts";
import { readEvidence, unmet, type TlsEvidence } from "./tls-evidence.ts";
import { ConnectionLost, createWire, type Wire } from "./wire.ts";

/** One host that mail may go to. `addresses` have been judged: they are dialled as they are. */
export interface Host {
  /** For SNI, the certificate and the record: the MX host's name, or what the operator gave. */
  readonly name: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly demand: TlsDemand;
  /** Its name comes from the operator, from signed DNS, or stands in the domain's enforced MTA-STS policy (RFC 8689 §4.2.1). */
  readonly certainName: boolean;
}

export interface Connection {
  readonly host: Host;
  readonly address: string;
  readonly tls: TlsEvidence;
  readonly extensions: Extensions;
  readonly wire: Wire;
}

export type ConnectPhase = "connect" | "greeting" | "ehlo" | "starttls" | "handshake";

export interface NotConnected {
  readonly kind: "not-connected";
  readonly host: string;
  readonly phase: ConnectPhase;
  readonly problem: string;
  /** Words of a host that refused. */
  readonly reply?: Reply;
  /** The certificate that was not good enough. */
  readonly tls?: TlsEvidence;
}

export interface ConnectOptions {
  readonly hostname: string;
  /** Made once by createTrust: building one for each connection would cost milliseconds. */
  readonly trust: SecureContext;
  readonly timeouts: Timeouts;
  /** Cuts what is not yet connected. */
  readonly signal: AbortSignal;
}

const refusalsMax = 2; // of one host: one address may be down; a host that says no at two has no room for us

export type Connected =
  { readonly kind: "connected"; readonly connection: Connection } | NotConnected;

/** RFC 5321 §5.1: one address of the host after the other, until one takes mail, within the time of one set-up. */
export async function connect(host: Host, options: ConnectOptions): Promise<Connected> {
  const { timeouts, signal } = options;
  const deadline = performance.now() + timeouts.setup;
  const within = (phaseMs: number): number => Math.min(phaseMs, deadline - performance.now());
  let left = host.addresses;
  let failure: NotConnected | undefined;
  let refusals = 0;
  for (let tried = 0; tried < addressesMax && within(1) > 0 && !signal.aborted; tried += 1) {
    const dialled = await dial(left, host.port, within(timeouts.connect), signal);
    if (dialled.kind === "closed") return failure ?? unreached(host, dialled.problem);
    const result = await setUp(dialled, host, options, within);
    if (result.kind === "connected" || speaksForAll(result)) return result;
    if (result.reply !== undefined) refusals += 1;
    if (refusals >= refusalsMax) return result;
    failure = result;
    left = left.filter((address) => address !== dialled.address);
    if (left.length === 0) break;
  }
  return failure ?? unreached(host, "closed by us");
}

function unreached(host: Host, problem: string): NotConnected {
  return { kind: "not-connected", host: host.name, phase: "connect", problem };
}

/** A receiver that wants none of our mail says so at each address: it is not asked at all of them. */
function speaksForAll({ phase, reply }: NotConnected): boolean {
  return phase === "greeting" && reply !== undefined && reply.code >= 500;
}

async function setUp(
  dialled: Extract<Dialled, { kind: "open" }>,
  host: Host,
  options: ConnectOptions,
  within: (phaseMs: number) => number,
): Promise<Connected> {
  const { timeouts, signal } = options;
  let phase: ConnectPhase = "greeting";
  let wire = createWire(dialled.socket);
  const cut = (): void => {
    wire.destroy();
  };
  signal.addEventListener("abort", cut);
  const refuse = (
    problem: string,
    more: { reply?: Reply; tls?: TlsEvidence } = {},
  ): NotConnected => {
    wire.destroy();
    return { kind: "not-connected", host: host.name, phase, problem, ...more };
  };
  try {
    const greeting = await wire.reply(within(timeouts.greeting));
    if (greeting.code !== 220) return refuse("refused by the greeting", { reply: greeting });

    phase = "ehlo";
    const first = await ehlo(wire, options.hostname, within(timeouts.command));
    if (first.reply.code !== 250) return refuse("EHLO refused", { reply: first.reply });
    phase = "starttls";
    if (!readExtensions(first.lines).startTls) return refuse("STARTTLS is not offered");
    wire.command("STARTTLS\r\n");
    const ready = await wire.reply(within(timeouts.command));
    if (ready.code !== 220) return refuse("STARTTLS refused", { reply: ready });

    phase = "handshake";
    const [serverName = host.name] = host.demand.kind === "dane" ? host.demand.names : [];
    const secure = await handshake(wire.detach(), serverName, {
      trust: options.trust,
      timeoutMs: within(timeouts.handshake),
    });
    if (secure.kind === "failed") return refuse(secure.problem);
    wire = createWire(secure.socket);
    const tls = readEvidence(secure.socket, host.name, host.demand);
    const fault = unmet(tls);
    if (fault !== undefined) return refuse(certificateWords(fault), { tls });

    phase = "ehlo";
    // RFC 3207 §4.2: what was learnt in clear text is forgotten.
    const second = await ehlo(wire, options.hostname, within(timeouts.command));
    if (second.reply.code !== 250) return refuse("EHLO refused", { reply: second.reply, tls });
    const extensions = readExtensions(second.lines);
    return {
      kind: "connected",
      connection: { host, address: dialled.address, tls, extensions, wire },
    };
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    return refuse(error.message, error.reply === undefined ? {} : { reply: error.reply });
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

function ehlo(wire: Wire, hostname: string, timeoutMs: number): ReturnType<Wire["lines"]> {
  wire.command(`EHLO ${hostname}\r\n`);
  return wire.lines(timeoutMs);
}

function handshake(
  socket: Socket,
  name: string,
  options: { readonly trust: SecureContext; readonly timeoutMs: number },
): Promise<
  | { readonly kind: "secure"; readonly socket: TLSSocket }
  | { readonly kind: "failed"; readonly problem: string }
> {
  return new Promise((resolve) => {
    const secure = connectTls({
      socket,
      // RFC 6066 §3 allows no address there.
      ...(isIP(name) === 0 ? { servername: name } : {}),
      // Judged by readEvidence, so that a refused certificate can be recorded.
      rejectUnauthorized: false,
      secureContext: options.trust,
    });
    const timer = setTimeout(
      () => {
        fail("no TLS handshake in time");
      },
      Math.max(options.timeoutMs, 1),
    );
    const fail = (problem: string): void => {
      clearTimeout(timer);
      secure.destroy();
      socket.destroy();
      resolve({ kind: "failed", problem });
    };
    secure.on("error", (error: Error) => {
      fail(handshakeWords(error));
    });
    secure.once("close", () => {
      fail("the connection was closed during the TLS handshake");
    });
    secure.once("secureConnect", () => {
      clearTimeout(timer);
      secure.setNoDelay(true);
      resolve({ kind: "secure", socket: secure });
    });
  });
}
