// docs/reference/commands.md: the help of every command, as the program prints it.
import type { Command } from "commander";

import { createProgram } from "../../src/cli/program.ts";

export async function commandPage(): Promise<string> {
  const program = await createProgram();
  const sections = leaves(program).map((command) => {
    const text = command.configureHelp({ helpWidth: 110 }).helpInformation();
    return `## ${fullName(command)}\n\n\`\`\`\n${text.trimEnd()}\n\`\`\`\n`;
  });
  return `# Commands

Generated from the program's own help by \`npm run docs\`. \`npx sekisho <command>\` and \`node src/main.ts <command>\` are the same. Every
command takes \`--config FILE\` and works beside a running gateway. Data goes to standard output, one JSON object a line; words for people go
to standard error. Exit codes: 0 done, 1 refused or failed, 2 wrong usage or configuration.

${sections.join("\n")}`;
}

function leaves(command: Command): readonly Command[] {
  const below = command.commands.filter((each) => each.name() !== "help");
  return below.length === 0 ? [command] : below.flatMap(leaves);
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
