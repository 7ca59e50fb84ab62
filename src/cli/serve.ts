// sekisho serve: runs the gateway until it is told to stop; SIGHUP has it take up a changed configuration.
import { once } from "node:events";

import type { Command } from "commander";

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
      // The first process of a container does not hear what it has no handler for.
      const told = stopSignal();
      const { startGateway } = await import("../gateway.ts"); // most of a start's time: it comes behind the handlers
      const gateway = await startGateway(configOf(command));
      ({ reload } = gateway);
      letHelpersGiveWay();
      if (asked) await reload();
      const { log, storage } = gateway.office;
      const reason = await Promise.race([told, storage.lost]);
      if (typeof reason === "string") log.info({ signal: reason }, "gateway stopping");
      else
        log.error({ err: reason }, "gateway stopping: nothing can be stored until it starts anew");
      await gateway[Symbol.asyncDispose]();
      process.off("SIGHUP", hangUp);
      if (typeof reason !== "string") throw reason;
    });
}

/** The first of the signals that stop a gateway, also where it is still starting. A second one ends the process. */
async function stopSignal(): Promise<NodeJS.Signals> {
  const others = new AbortController();
  const heard = async (signal: NodeJS.Signals): Promise<NodeJS.Signals> => {
    await once(process, signal, { signal: others.signal });
    return signal;
  };
  const signal = await Promise.race([heard("SIGTERM"), heard("SIGINT")]);
  others.abort();
  return signal;
}
