// The command line: which commands there are, and what their ends mean for the exit code.
import { Command, CommanderError } from "commander";

import manifest from "../../package.json" with { type: "json" };
import { ConfigError } from "../config/config-error.ts";
import { Refused, tell, Usage } from "./output.ts";
import { messageOf } from "./system-error.ts";

/** Command → its file, loaded when it is called: what a command does not need is not read at its start. */
const commands: Readonly<
  Record<string, () => Promise<{ readonly register: (program: Command) => void }>>
> = {
  serve: () => import("./serve.ts"),
  init: () => import("./init.ts"),
  demo: () => import("./demo.ts"),
  "check-config": () => import("./check-config.ts"),
  explain: () => import("./explain.ts"),
  consent: () => import("./consent.ts"),
  suppress: () => import("./suppress.ts"),
  credential: () => import("./credential.ts"),
  token: () => import("./token.ts"),
  user: () => import("./user.ts"),
  approval: () => import("./approval.ts"),
  freeze: () => import("./freeze.ts"),
  unfreeze: () => import("./freeze.ts"),
  keys: () => import("./keys.ts"),
  dns: () => import("./dns.ts"),
  "test-send": () => import("./test-send.ts"),
  queue: () => import("./queue.ts"),
  held: () => import("./held.ts"),
  log: () => import("./log.ts"),
  audit: () => import("./log.ts"),
  backup: () => import("./backup.ts"),
  restore: () => import("./backup.ts"),
  feedback: () => import("./feedback.ts"),
  "explain-reply": () => import("./explain-reply.ts"),
};

const configHelp = "configuration file (default: $SEKISHO_CONFIG, else config/gateway.yaml)";

/** With the one command that `argv` names, or all of them where it names none. */
export async function createProgram(argv: readonly string[] = []): Promise<Command> {
  const program = new Command("sekisho")
    .description(
      "A self-hosted SMTP sending gateway: consent, content, signature and encryption, or a reason why not",
    )
    .version(manifest.version, "--version")
    .option("--config <file>", configHelp)
    .option("--json", "data as one JSON object a line")
    .helpCommand(true)
    .exitOverride()
    .configureOutput({ writeOut: (text) => void process.stdout.write(text) });
  const named = argv.find((word) => Object.hasOwn(commands, word));
  const loaders = named === undefined ? new Set(Object.values(commands)) : [commands[named]];
  const modules = new Set(
    await Promise.all([...loaders].map((load) => load?.() ?? Promise.resolve(undefined))),
  );
  for (const module of modules) module?.register(program);
  for (const command of everyCommand(program)) {
    command.exitOverride();
    if (command !== program && command.commands.length === 0) addCommonOptions(command);
  }
  return program;
}

/** Runs one command. Exit codes: 0 done, 1 refused or failed, 2 wrong usage or configuration. */
export async function run(argv: readonly string[]): Promise<0 | 1 | 2> {
  try {
    const program = await createProgram(argv);
    await program.parseAsync([...argv], { from: "user" });
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
  tell(`failed: ${messageOf(error)}`);
  if (error instanceof Error && error.cause instanceof Error)
    tell(`because: ${messageOf(error.cause)}`);
  return 1;
}

function addCommonOptions(command: Command): void {
  const has = (long: string): boolean => command.options.some((option) => option.long === long);
  if (!has("--config")) command.option("--config <file>", configHelp);
  if (!has("--json")) command.option("--json", "data as one JSON object a line");
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}
