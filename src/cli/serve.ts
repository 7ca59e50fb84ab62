// sekisho serve: runs the gateway until it is told to stop; SIGHUP has it take up a changed configuration.
import { once } from "node:events";

import type { Command } from "commander";

import { startGateway } from "../gateway.ts";
import { letHelpersGiveWay } from "./give-way.ts";
import { configOf } from "./office.ts";

export function register(program: Command): void {
  program
    .command("serve")
    .description("run the gateway until SIGTERM or SIGINT; SIGHUP reloads the configuration")
    .action(async (_options: object, command: Command) => {
      // From here on: a SIGHUP while the gateway starts must not end it, and what it asks for is read later anyway.
      let reload: (() => Promise<void>) | undefined;
      let asked = false;
      const hangUp = (): void => {
        if (reload === undefined) asked = true;
        else void reload();
      };
      process.on("SIGHUP", hangUp);
      const gateway = await startGateway(configOf(command));
      ({ reload } = gateway);
      letHelpersGiveWay();
      if (asked) await reload();
      const stop = new AbortController();
      const signal = await Promise.race([
        once(process, "SIGTERM", { signal: stop.signal }).then(() => "SIGTERM"),
        once(process, "SIGINT", { signal: stop.signal }).then(() => "SIGINT"),
      ]);
      stop.abort();
      gateway.office.log.info({ signal }, "gateway stopping");
      await gateway[Symbol.asyncDispose]();
      process.off("SIGHUP", hangUp);
    });
}
