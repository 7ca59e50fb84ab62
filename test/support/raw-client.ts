// A client that sends exactly the octets it is told to, and reads replies as they come; for what no library would send.
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const patienceMilliseconds = 10_000; // only a broken server makes a test wait this long

export interface RawClient {
  readonly socket: Socket;
  /** Sends octets as they are; resolves once they were handed to the system. */
  readonly write: (data: string | Buffer) => Promise<void>;
  /** Sends in pieces, each a packet of its own as far as the system lets us. */
  readonly writePieces: (pieces: readonly Buffer[]) => Promise<void>;
  /** The next reply with all its lines, without the last CRLF; rejects where the connection ends first. */
  readonly reply: () => Promise<string>;
  /** Sends a command line and gives its reply. */
  readonly command: (line: string) => Promise<string>;
  /** STARTTLS and the handshake; the client goes on inside. */
  readonly startTls: (extra?: string) => Promise<RawClient>;
  /** Everything that comes until the server ends the connection. */
  readonly untilClosed: () => Promise<string>;
  /** RST in place of FIN. */
  readonly reset: () => void;
  readonly end: () => void;
}

export async function dial(
  port: number,
  options: {
    readonly tls?: boolean;
    readonly localAddress?: string;
    readonly greeting?: boolean;
  } = {},
): Promise<RawClient> {
  const socket =
    options.tls === true
      ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })
      : connect({
          port,
          host: "127.0.0.1",
          ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
        });
  await ready(socket, options.tls === true ? "secureConnect" : "connect");
  const client = wrap(socket);
  if (options.greeting !== false) await client.reply();
  return client;
}

function ready(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => {
      socket.off("error", reject);
      resolve();
    });
    socket.once("error", reject);
  });
}

function wrap(socket: Socket): RawClient {
  socket.setNoDelay(true);
  let received = "";
  let closed = false;
  let wake: (() => void) | undefined;
  const stir = (): void => wake?.();
  const take = (chunk: Buffer): void => {
    received += chunk.toString("latin1");
    stir();
  };
  const close = (): void => {
    closed = true;
    stir();
  };
  socket.on("data", take);
  socket.on("error", close);
  socket.on("close", close);
  socket.on("end", close);

  const until = async <T>(look: () => T | undefined, what: string): Promise<T> => {
    const deadline = performance.now() + patienceMilliseconds;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`no ${what}; received: ${JSON.stringify(received)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const takeReply = (): string | undefined => {
    const match = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(received);
    if (match === null) {
      if (closed) throw new Error(`connection ended; received: ${JSON.stringify(received)}`);
      return undefined;
    }
    received = received.slice(match[0].length);
    return match[0].slice(0, -2);
  };
  const write = (data: string | Buffer): Promise<void> =>
    new Promise((resolve) => {
      // A server that has closed makes an error here: what it said before counts, not that.
      socket.write(data, () => resolve());
    });
  const client: RawClient = {
    socket,
    write,
    writePieces: async (pieces) => {
      for (const piece of pieces) await write(piece);
    },
    reply: () => until(takeReply, "reply"),
    command: async (line) => {
      await write(`${line}\r\n`);
      return client.reply();
    },
    startTls: async (extra = "") => {
      await write(`STARTTLS\r\n${extra}`);
      const answer = await client.reply();
      if (!answer.startsWith("220")) throw new Error(`STARTTLS: ${answer}`);
      socket.removeAllListeners();
      const secure = connectTls({ socket, rejectUnauthorized: false });
      await ready(secure, "secureConnect");
      return wrap(secure);
    },
    untilClosed: () => until(() => (closed ? received : undefined), "end"),
    reset: () => void socket.resetAndDestroy(),
    end: () => void socket.destroy(),
  };
  return client;
}

/** One message to one recipient; resolves to what its end is answered, rejects where a command before it is refused. */
export async function sendMail(
  port: number,
  { from, to, content }: { readonly from: string; readonly to: string; readonly content: string },
): Promise<string> {
  const client = await dial(port);
  for (const line of ["EHLO x.example.jp", `MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, "DATA"]) {
    const reply = await client.command(line);
    if (!/^[23]/.test(reply)) throw new Error(`${line}: ${reply}`);
  }
  await client.write(`${content.endsWith("\r\n") ? content : `${content}\r\n`}.\r\n`);
  const reply = await client.reply();
  client.end();
  return reply;
}
