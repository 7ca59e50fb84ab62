// A real SMTP client, as an MA tool has one: STARTTLS, AUTH, one message at a time.
import { createTransport } from "nodemailer";

export interface Client {
  /** Resolves to the gateway's last word: the 250, or the refusal. */
  readonly send: (mail: {
    readonly from: string;
    readonly to: string;
    readonly raw: Buffer;
  }) => Promise<string>;
  readonly close: () => Promise<void>;
}

export function createClient(
  port: number,
  credential: { readonly username: string; readonly password: string },
): Client {
  const transport = createTransport({
    host: "127.0.0.1",
    port,
    requireTLS: true,
    tls: { rejectUnauthorized: false }, // the demonstration's certificate is self-signed
    auth: { user: credential.username, pass: credential.password },
  });
  return {
    send: async ({ from, to, raw }) => {
      try {
        const info = (await transport.sendMail({ envelope: { from, to }, raw })) as {
          readonly response: string;
        };
        return info.response;
      } catch (error) {
        return error instanceof Error && "response" in error
          ? String(error.response)
          : String(error);
      }
    },
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}
