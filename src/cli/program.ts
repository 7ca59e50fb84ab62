// The command line: which commands there are, and what their ends mean for the exit code.
import { Command, CommanderError } from "commander";

import { ConfigError } from "../config/config-error.ts";
import * as checkConfig from "./check-config.ts";
import * as consent from "./consent.ts";
import * as credential from "./credential.ts";
import * as demo from "./demo.ts";
import * as explain from "./explain.ts";
import * as explainReply from "./explain-reply.ts";
import * as feedback from "./feedback.ts";
import * as held from "./held.ts";
import * as init from "./init.ts";
import * as keys from "./keys.ts";
import * as log from "./log.ts";
import * as queue from "./queue.ts";
import * as serve from "./serve.ts";
import * as suppress from "./suppress.ts";
import * as token from "./token.ts";
import { Refused, tell, Usage } from "./output.ts";

const commands = [
  serve,
  init,
  demo,
  checkConfig,
  explain,
  consent,
  suppress,
  credential,
  token,
  keys,
  queue,
  held,
  log,
  feedback,
  explainReply,
];

export function createProgram(): Command {
  const program = new Command("sekisho")
    .description(
      "A self-hosted SMTP sending gateway: consent, content, signature and encryption, or a reason why not",
    )
    .option("--config <file>", "configuration file (default: config/gateway.yaml)")
    .option("--json", "data as one JSON object a line")
    .helpCommand(true)
    .exitOverride()
    .configureOutput({ writeOut: (text) => process.stdout.write(text) });
  for (const command of commands) command.register(program);
  for (const command of everyCommand(program)) {
    command.exitOverride();
    if (command !== program && command.commands.length === 0) addCommonOptions(command);
  }
  return program;
}

/** Runs one command. Exit codes: 0 done, 1 refused or failed, 2 wrong usage or configuration. */
export async function run(argv: readonly string[]): Promise<0 | 1 | 2> {
  try {
    await createProgram().parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): 0 | 1 | 2 {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has told already
  if (error instanceof Usage || error instanceof ConfigError) {
    tell(error.message);
    return 2;
  }
  if (error instanceof Refused) {
    if (error.message !== "") tell(error.message);
    return 1;
  }
  tell(error instanceof Error ? `failed: ${error.message}` : `failed: ${String(error)}`);
  if (error instanceof Error && error.cause instanceof Error)
    tell(`because: ${error.cause.message}`);
  return 1;
}

function addCommonOptions(command: Command): void {
  const has = (long: string): boolean => command.options.some((option) => option.long === long);
  if (!has("--config"))
    command.option("--config <file>", "configuration file (default: config/gateway.yaml)");
  if (!has("--json")) command.option("--json", "data as one JSON object a line");
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}
