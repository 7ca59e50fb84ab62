// Sends messages over a number of connections as fast as they are taken.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly messages: number;
  /** The n-th message and whom it is for. */
  readonly mail: (n: number) => {
    readonly recipients: readonly string[];
    readonly content: Buffer;
  };
}

/** Gives the number of 250 behind the final dot; rejects where a connection breaks. */
export async function send(load: Load): Promise<number> {
  let next = 0;
  let taken = 0;
  await Promise.all(
    Array.from({ length: load.connections }, async () => {
      const socket = connect(load.port, "127.0.0.1");
      const say = conversation(socket);
      await say("");
      await say("EHLO ma.example.jp\r\n");
      while (next < load.messages) {
        const { recipients, content } = load.mail(next);
        next += 1;
        await say("MAIL FROM:<news@example.jp>\r\n");
        for (const recipient of recipients) await say(`RCPT TO:<${recipient}>\r\n`);
        await say("DATA\r\n");
        const answer = await say(Buffer.concat([content, Buffer.from(".\r\n")]));
        if (answer.startsWith("250")) taken += 1;
        else throw new Error(`refused: ${answer}`);
      }
      socket.end("QUIT\r\n");
    }),
  );
  return taken;
}

function conversation(socket: Socket): (octets: string | Buffer) => Promise<string> {
  return async (octets) => {
    if (octets.length > 0) socket.write(octets);
    let text = "";
    while (!/^\d{3} [^\n]*\n$/m.test(text)) {
      const [data] = (await once(socket, "data")) as [Buffer];
      text += data.toString("latin1");
    }
    return text;
  };
}
