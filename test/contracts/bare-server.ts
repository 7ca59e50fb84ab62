// smtp-server as it comes, without what src/smtp lays over it, and a client that has said EHLO to it.
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

import { dial, type RawClient } from "../support/raw-client.ts";

export interface BareServer extends Disposable {
  readonly server: SMTPServer;
  readonly port: number;
  readonly client: RawClient;
  /** Sends each line and gives the codes of its replies. */
  readonly codes: (...lines: readonly string[]) => Promise<readonly string[]>;
}

/** `AUTH PLAIN` with a name and a password. */
export const login = `AUTH PLAIN ${Buffer.from("\0tool\0secret").toString("base64")}`;

/** From MAIL to DATA, for a message to one recipient. */
export const upToData = ["MAIL FROM:<a@example.jp>", "RCPT TO:<b@example.jp>", "DATA"] as const;

export async function bareServer(options: SMTPServerOptions = {}): Promise<BareServer> {
  const server = new SMTPServer({
    logger: false,
    disableReverseLookup: true,
    authOptional: true,
    ...options,
  });
  server.on("error", () => undefined);
  const port = await new Promise<number>((resolve, reject) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
  const client = await dial(port);
  await client.command("EHLO x");
  return {
    server,
    port,
    client,
    codes: async (...lines) => {
      const codes: string[] = [];
      for (const line of lines) codes.push((await client.command(line)).slice(0, 3));
      return codes;
    },
    [Symbol.dispose]: () => {
      client.end();
      server.close();
    },
  };
}
