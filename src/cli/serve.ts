// sekisho serve: runs the gateway until it is told to stop.
import { once } from "node:events";

import type { Command } from "commander";

import { startGateway } from "../gateway.ts";
import { configOf } from "./office.ts";

export function register(program: Command): void {
  program
    .command("serve")
    .description("run the gateway until SIGTERM or SIGINT")
    .action(async (_options: object, command: Command) => {
      const gateway = await startGateway(configOf(command));
      const stop = new AbortController();
      const signal = await Promise.race([
        once(process, "SIGTERM", { signal: stop.signal }).then(() => "SIGTERM"),
        once(process, "SIGINT", { signal: stop.signal }).then(() => "SIGINT"),
      ]);
      stop.abort();
      gateway.office.log.info({ signal }, "gateway stopping");
      await gateway[Symbol.asyncDispose]();
    });
}
