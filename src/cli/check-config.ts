// sekisho check-config: reads the configuration and says what is wrong with it, or what it comes to.
import type { Command } from "commander";

import { configFile, configOf } from "./office.ts";
import { print, tell } from "./output.ts";

export function register(program: Command): void {
  program
    .command("check-config")
    .description("check the configuration file and say what is wrong with it")
    .action((_options: object, command: Command) => {
      const config = configOf(command);
      if (command.optsWithGlobals<{ json?: boolean }>().json === true)
        print({ ...config, written: undefined });
      else
        tell(
          `${configFile(command)} is good. Senders: ${config.senders.length}, streams: ${config.streams.length}, listeners: ${config.smtp.listeners.length}.`,
        );
    });
}
