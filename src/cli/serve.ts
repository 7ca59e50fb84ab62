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
      const { log, storage } = gateway.office;
      const reason = await Promise.race([
        once(process, "SIGTERM", { signal: stop.signal }).then(() => "SIGTERM"),
        once(process, "SIGINT", { signal: stop.signal }).then(() => "SIGINT"),
        storage.lost,
      ]);
      stop.abort();
      if (typeof reason === "string") log.info({ signal: reason }, "gateway stopping");
      else
        log.error({ err: reason }, "gateway stopping: nothing can be stored until it starts anew");
      await gateway[Symbol.asyncDispose]();
      process.off("SIGHUP", hangUp);
      if (typeof reason !== "string") throw reason;
    });
}
