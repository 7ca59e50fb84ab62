// A real receiving server with STARTTLS on loopback, which keeps what it got: the far end of the demonstration.
import { EventEmitter, once } from "node:events";

import { SMTPServer } from "smtp-server";

export interface ReceivedMail {
  readonly from: string;
  readonly to: string;
  readonly raw: Buffer;
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`; undefined would be clear text. */
  readonly tls: string | undefined;
}

export interface Receiver extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Resolves when the next mail has come, or after a second. */
  readonly changed: () => Promise<void>;
}

const mailMaxBytes = 10_485_760; // the demonstration's own messages are a few KB

/** Listens on 127.0.0.1. MAIL before STARTTLS is answered 530. */
export async function startReceiver(certificate: {
  readonly cert: string;
  readonly key: string;
}): Promise<Receiver> {
  const mails: ReceivedMail[] = [];
  const news = new EventEmitter();
  const server = new SMTPServer({
    ...certificate,
    banner: "demonstration receiver",
    authOptional: true,
    disabledCommands: ["AUTH"],
    size: mailMaxBytes,
    onMailFrom: (_address, session, callback) => {
      callback(
        session.secure
          ? null
          : Object.assign(new Error("5.7.0 STARTTLS first"), { responseCode: 530 }),
      );
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
      });
      stream.on("error", (error) => {
        callback(error);
      });
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const cipher = session.tlsOptions as
          { readonly version?: string; readonly standardName?: string } | false;
        for (const recipient of rcptTo) {
          mails.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: recipient.address,
            raw: Buffer.concat(chunks),
            tls:
              cipher === false ? undefined : `${cipher.version ?? ""} ${cipher.standardName ?? ""}`,
          });
        }
        news.emit("mail");
        callback(null, "2.0.0 received");
      });
    },
  });
  server.on("error", () => undefined); // A client that resets its connection must not end the demonstration.
  const listener = server.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("the receiver has no port");
  return {
    port: address.port,
    mails,
    changed: async () => {
      await once(news, "mail", { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
