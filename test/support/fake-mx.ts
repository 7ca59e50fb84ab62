// A receiving SMTP server that does as its script says, on 127.0.0.1, and keeps a ledger of what it got.
//
//   await using mx = await startFakeMx({ on: { rcpt: "550 5.1.1 no such user" } });
//   … deliver to 127.0.0.1:mx.port …
//   await mx.waitFor(() => mx.deliveries.length === 2);
//
// Without a script it is well behaved: STARTTLS (TLS 1.2+, a self-signed certificate), PIPELINING, 8BITMIME, SMTPUTF8,
// DSN, SIZE, one 250 for each message. A script changes single steps:
//   on[step]         what to answer at connect, ehlo, starttls, mail, rcpt, data, end (the final dot), rset, quit: a raw
//                    reply ("550 no", lines joined by CRLF, several replies at once are possible), or an Action; or a
//                    function of the session and the command line that gives one, undefined for the usual answer
//   extensions       EHLO keywords under TLS; leave some out to see what the client does without them
//   startTls         "offer" (usual) · "absent" · "garbage" (220, then clear text) · "inject" (220 with a reply behind it)
//   terminators      further sequences that end DATA, such as "\n.\n": a lax server, for smuggling tests
//   tls              key, certificate and oldest/newest version
// The step `end` runs after the message was recorded: { afterwards: "reset" } there is "taken, but never answered".
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createSecureContext, TLSSocket, type SecureVersion } from "node:tls";

import { makeSelfSigned } from "./tls-pair.ts";

export type Step =
  "connect" | "ehlo" | "starttls" | "mail" | "rcpt" | "data" | "end" | "rset" | "quit";

export interface Action {
  /** Raw text, CRLF added at its end. */
  readonly send?: string;
  /** Afterwards: close politely, reset, never answer again, or stop reading. */
  readonly afterwards?: "close" | "reset" | "hold" | "stop-reading";
  /** Sends `drip.line` again and again, for ever. */
  readonly drip?: { readonly line: string; readonly everyMs: number };
  /** Waits for this before it goes on. */
  readonly until?: Promise<void>;
}

export interface FakeMxSession {
  /** From 1. */
  readonly connection: number;
  readonly secure: boolean;
  mailFrom: string | undefined;
  recipients: string[];
  /** Messages taken over this connection so far. */
  messages: number;
}

export interface FakeMxDelivery {
  readonly connection: number;
  /** `MAIL FROM:<…> …` and `RCPT TO:<…> …` as they came. */
  readonly mail: string;
  readonly rcpt: readonly string[];
  /** Addresses alone. */
  readonly mailFrom: string;
  readonly recipients: readonly string[];
  /** Octets as they came, dots unstuffed, without the terminator. */
  readonly data: Buffer;
  readonly tlsProtocol: string | undefined;
  /** What it was answered; undefined where it was not. */
  readonly answer: string | undefined;
}

type Scripted =
  string | Action | ((session: FakeMxSession, line: string) => string | Action | undefined);

export interface FakeMxScript {
  readonly on?: Partial<Readonly<Record<Step, Scripted>>>;
  readonly extensions?: readonly string[];
  readonly startTls?: "offer" | "absent" | "garbage" | "inject";
  readonly terminators?: readonly string[];
  readonly tls?: {
    readonly key?: string;
    readonly cert?: string;
    readonly minVersion?: SecureVersion;
    readonly maxVersion?: SecureVersion;
  };
  readonly hostname?: string;
  readonly port?: number;
  /** Address of 127.0.0.0/8 to listen on; 127.0.0.1 if absent. */
  readonly address?: string;
}

export interface FakeMx extends AsyncDisposable {
  readonly port: number;
  readonly cert: string;
  /** Messages whose end was seen and that were not refused, in order. */
  readonly deliveries: readonly FakeMxDelivery[];
  /** Every command line, with its connection's number. */
  readonly commands: readonly { readonly connection: number; readonly line: string }[];
  readonly connections: () => number;
  readonly openConnections: () => number;
  /** Octets received in clear text. */
  readonly clearText: () => string;
  /** Changes the script for what comes. */
  readonly rescript: (script: FakeMxScript) => void;
  /** Resolves once `condition` holds; rejects after `deadlineMs`. Looked at whenever something happens here. */
  readonly waitFor: (condition: () => boolean, deadlineMs?: number) => Promise<void>;
}

export const usualExtensions = ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 26214400"];

export async function startFakeMx(first: FakeMxScript = {}): Promise<FakeMx> {
  const pair =
    first.tls?.key !== undefined && first.tls.cert !== undefined
      ? { key: first.tls.key, cert: first.tls.cert }
      : makeSelfSigned([first.hostname ?? "mx.test"]);
  const world = new World(first, pair);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    serve(world, socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(first.port ?? 0, first.address ?? "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    cert: pair.cert,
    deliveries: world.deliveries,
    commands: world.commands,
    connections: () => world.connections,
    openConnections: () => world.sockets.size,
    clearText: () => world.clearText,
    rescript: (script) => {
      world.script = script;
    },
    waitFor: (condition, deadlineMs = 10_000) => world.waitFor(condition, deadlineMs),
    [Symbol.asyncDispose]: async () => {
      for (const socket of world.sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

class World {
  script: FakeMxScript;
  readonly pair: { readonly key: string; readonly cert: string };
  readonly deliveries: FakeMxDelivery[] = [];
  readonly commands: { connection: number; line: string }[] = [];
  readonly sockets = new Set<Socket>();
  readonly watchers = new Set<() => void>();
  connections = 0;
  clearText = "";

  constructor(script: FakeMxScript, pair: { readonly key: string; readonly cert: string }) {
    this.script = script;
    this.pair = pair;
  }
  happened(): void {
    for (const watcher of this.watchers) watcher();
  }
  waitFor(condition: () => boolean, deadlineMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.watchers.delete(look);
        const seen = this.commands
          .slice(-12)
          .map(({ connection, line }) => `${connection}: ${line}`);
        reject(
          new Error(
            `fake MX waited in vain; ${this.deliveries.length} deliveries, last:\n${seen.join("\n")}`,
          ),
        );
      }, deadlineMs);
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve();
      };
      this.watchers.add(look);
      look();
    });
  }
}

function serve(world: World, raw: Socket): void {
  world.connections += 1;
  world.sockets.add(raw);
  raw.setNoDelay(true);
  const connection = world.connections;
  const session: FakeMxSession & { secure: boolean } = {
    connection,
    secure: false,
    mailFrom: undefined,
    recipients: [],
    messages: 0,
  };
  let socket: Socket = raw;
  let input = "";
  let inData = false;
  let mailLine = "";
  let rcptLines: string[] = [];
  let queue = Promise.resolve();
  let holding = false;

  raw.on("error", () => undefined);
  raw.on("close", () => {
    world.sockets.delete(raw);
    world.happened();
  });

  const act = async (scripted: string | Action): Promise<string | undefined> => {
    const action = typeof scripted === "string" ? { send: scripted } : scripted;
    if (action.until !== undefined) await action.until;
    if (action.send !== undefined && socket.writable) socket.write(`${action.send}\r\n`);
    if (action.drip !== undefined) {
      holding = true;
      const { line, everyMs } = action.drip;
      const timer = setInterval(() => {
        if (socket.writable) socket.write(`${line}\r\n`);
      }, everyMs);
      raw.on("close", () => clearInterval(timer));
    }
    if (action.afterwards === "close") socket.end();
    if (action.afterwards === "reset") raw.resetAndDestroy();
    if (action.afterwards === "hold") holding = true;
    if (action.afterwards === "stop-reading") {
      holding = true;
      socket.pause();
      raw.pause();
    }
    return action.send;
  };
  const answer = async (step: Step, line: string, usual: string | Action): Promise<string> => {
    const scripted = world.script.on?.[step];
    const chosen = typeof scripted === "function" ? scripted(session, line) : scripted;
    return (await act(chosen ?? usual)) ?? "";
  };

  const onLine = async (line: string): Promise<void> => {
    world.commands.push({ connection, line });
    world.happened();
    const verb = (/^\S+/.exec(line)?.[0] ?? "").toUpperCase();
    const hostname = world.script.hostname ?? "mx.test";
    if (verb === "EHLO" || verb === "HELO") {
      const offer = !session.secure && world.script.startTls !== "absent" ? ["STARTTLS"] : [];
      const keywords = [...(world.script.extensions ?? usualExtensions), ...offer];
      const lines = [hostname, ...keywords];
      const last = lines.length - 1;
      await answer(
        "ehlo",
        line,
        lines.map((text, index) => `250${index === last ? " " : "-"}${text}`).join("\r\n"),
      );
    } else if (verb === "STARTTLS") await onStartTls(line);
    else if (verb === "MAIL") {
      const said = await answer("mail", line, "250 2.1.0 ok");
      if (!said.startsWith("2")) return;
      mailLine = line;
      session.mailFrom = /<(.*?)>/.exec(line)?.[1] ?? "";
    } else if (verb === "RCPT") {
      const said = await answer(
        "rcpt",
        line,
        session.mailFrom === undefined ? "503 5.5.1 MAIL first" : "250 2.1.5 ok",
      );
      if (!said.startsWith("2")) return;
      rcptLines.push(line);
      session.recipients.push(/<(.*)>/.exec(line)?.[1] ?? "");
    } else if (verb === "DATA") {
      const said = await answer(
        "data",
        line,
        session.recipients.length === 0 ? "503 5.5.1 RCPT first" : "354 go ahead",
      );
      inData = said.startsWith("354");
    } else if (verb === "RSET") {
      forget();
      await answer("rset", line, "250 2.0.0 ok");
    } else if (verb === "QUIT")
      await answer("quit", line, { send: "221 2.0.0 bye", afterwards: "close" });
    else await act("500 5.5.2 what?");
  };
  const forget = (): void => {
    session.mailFrom = undefined;
    session.recipients = [];
    mailLine = "";
    rcptLines = [];
  };
  const onStartTls = async (line: string): Promise<void> => {
    const mode = world.script.startTls ?? "offer";
    if (mode === "garbage") {
      await act("220 go\r\nthis is no TLS at all, and never will be");
      return;
    }
    if (mode === "inject") {
      await act("220 go\r\n250 injected");
      return;
    }
    const said = await answer("starttls", line, "220 2.0.0 go");
    if (!said.startsWith("220")) return;
    raw.off("data", onClear);
    const { minVersion, maxVersion } = world.script.tls ?? {};
    const secure = new TLSSocket(raw, {
      isServer: true,
      secureContext: createSecureContext({
        key: world.script.tls?.key ?? world.pair.key,
        cert: world.script.tls?.cert ?? world.pair.cert,
        ...(minVersion === undefined ? {} : { minVersion }),
        ...(maxVersion === undefined
          ? {}
          : { maxVersion, ...(maxVersion < "TLSv1.2" ? { ciphers: "DEFAULT@SECLEVEL=0" } : {}) }),
      }),
    });
    secure.on("error", () => {
      raw.destroy();
    });
    secure.on("end", () => {
      raw.end();
    });
    secure.on("data", onData);
    socket = secure;
    session.secure = true;
    input = "";
    forget();
  };
  const onEnd = async (content: string): Promise<void> => {
    const data = Buffer.from(content.replace(/(^|\n)\./g, "$1"), "latin1");
    const record = {
      connection,
      mail: mailLine,
      rcpt: rcptLines,
      mailFrom: session.mailFrom ?? "",
      recipients: session.recipients,
      data,
      tlsProtocol: socket instanceof TLSSocket ? (socket.getProtocol() ?? undefined) : undefined,
    };
    forget();
    session.messages += 1;
    const scripted = world.script.on?.end;
    const chosen =
      (typeof scripted === "function" ? scripted(session, record.mail) : scripted) ??
      "250 2.0.0 taken";
    const said = typeof chosen === "string" ? chosen : chosen.send;
    if (said === undefined || !/^[45]/.test(said))
      world.deliveries.push({ ...record, answer: said });
    await act(chosen);
    world.happened();
  };

  const work = async (): Promise<void> => {
    while (!holding) {
      if (inData) {
        const end = findEnd(input, world.script.terminators ?? []);
        if (end === undefined) return;
        const content = input.slice(0, end.contentEnd);
        input = input.slice(end.next);
        inData = false;
        await onEnd(content);
      } else {
        const end = input.indexOf("\n");
        if (end === -1) return;
        const line = input.slice(0, end).replace(/\r$/, "");
        input = input.slice(end + 1);
        await onLine(line);
      }
    }
  };
  const onData = (chunk: Buffer): void => {
    input += chunk.toString("latin1");
    queue = queue.then(work);
  };
  const onClear = (chunk: Buffer): void => {
    world.clearText += chunk.toString("latin1");
    onData(chunk);
  };
  raw.on("data", onClear);
  raw.on("end", () => {
    raw.end();
  });
  queue = queue.then(async () => {
    await answer("connect", "", `220 ${world.script.hostname ?? "mx.test"} ESMTP`);
    world.happened();
  });
}

/** `contentEnd` excludes the terminator but for the line end that belongs to the last line. */
function findEnd(
  input: string,
  lax: readonly string[],
): { readonly contentEnd: number; readonly next: number } | undefined {
  if (input.startsWith(".\r\n")) return { contentEnd: 0, next: 3 };
  let best: { contentEnd: number; next: number } | undefined;
  for (const terminator of ["\r\n.\r\n", ...lax]) {
    const at = input.indexOf(terminator);
    if (at === -1) continue;
    const contentEnd = at + terminator.indexOf(".");
    if (best === undefined || contentEnd < best.contentEnd)
      best = { contentEnd, next: at + terminator.length };
  }
  return best;
}
