// What a command works with beside (or without) a running gateway: configuration, stores, names.
import { userInfo } from "node:os";

import type { Command } from "commander";

import { openOffice, type Office } from "../office.ts";
import { defaultConfigFile, loadConfig } from "../config/load.ts";
import type { Config } from "../config/config.ts";

export interface OfficeForCommand extends Office {
  /** Who acts, for the audit log: `cli:<user>`. */
  readonly actor: string;
}

/** The configuration in {@link configFile}. */
export function configOf(command: Command): Config {
  return loadConfig(configFile(command));
}

/** The file that `--config` names, before or behind the command's name; else {@link defaultConfigFile}. */
export function configFile(command: Command): string {
  const options = command.optsWithGlobals<{ readonly config?: string }>();
  return options.config ?? defaultConfigFile();
}

/** Opens the stores of the data directory, runs `work`, closes them whatever happens. */
export async function withOffice<T>(
  command: Command,
  work: (office: OfficeForCommand) => Promise<T>,
): Promise<T> {
  await using office = await openOffice(configOf(command));
  return await work({ ...office, actor: actor() });
}

/** The operating system's user, as the audit log names it. */
export function actor(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    return "cli:unknown"; // A container may run under a number without a name.
  }
}
