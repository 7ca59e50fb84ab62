// A gateway inside the test's own process, to be looked into, and clients that log in to it: for journeys.
import { loadConfig } from "../../src/config/load.ts";
import { createClient, type Client } from "../../src/demo/client.ts";
import { startGateway, type Gateway } from "../../src/gateway.ts";
import { runHere } from "./command-here.ts";
import { createWorkplace, type Workplace, type WorkplaceOptions } from "./gateway-process.ts";

export interface GatewayHere extends AsyncDisposable, Omit<Workplace, typeof Symbol.dispose> {
  readonly gateway: Gateway;
  /** A client of the stream, with a credential of its own. */
  readonly clientFor: (stream: string) => Promise<Client>;
}

/** `more`: YAML beside a listener for clients that log in, and a quiet log. */
export async function startGatewayHere(
  more: string,
  options: WorkplaceOptions = {},
): Promise<GatewayHere> {
  await using stack = new AsyncDisposableStack();
  const { folder, configFile } = stack.use(
    createWorkplace(
      `
log: { level: error }
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: starttls, auth: required }] }
http: { host: 127.0.0.1, port: 0 }
${more}`,
      options,
    ),
  );
  const gateway = stack.use(await startGateway(loadConfig(configFile)));
  let clients = 0;
  const open = stack.move();
  return {
    folder,
    configFile,
    gateway,
    clientFor: async (stream) => {
      clients += 1;
      const name = `client-${clients}`;
      const about = `credential create --stream ${stream} --name ${name}`;
      const [credential] = (await runHere(configFile, ...about.split(" "))).json();
      const { username, password } = credential ?? {};
      if (typeof username !== "string" || typeof password !== "string")
        throw new Error(`no credential for ${stream}`);
      return createClient(gateway.smtpPorts[0] ?? 0, { username, password });
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
