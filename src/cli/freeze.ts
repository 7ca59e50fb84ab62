// sekisho freeze and unfreeze: the kill switch, beside a running gateway.
import type { Command } from "commander";

import { formatTarget, parseTarget, type FreezeTarget } from "../queue/freeze.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";

export function register(program: Command): void {
  program
    .command("freeze")
    .description("the kill switch: no mail in or out, within a second, until unfreeze")
    .argument("<scope>", "all, sender:ID or stream:ID; or list")
    .option("--reason <text>", "why, for the log")
    .action(async (scope: string, flags: { reason?: string }, command: Command) => {
      await withOffice(command, (office) =>
        scope === "list" ? list(office) : put(office, scope, flags.reason),
      );
    });
  program
    .command("unfreeze <scope>")
    .description("lift a freeze")
    .option("--reason <text>", "why, for the log")
    .action(async (scope: string, flags: { reason?: string }, command: Command) => {
      await withOffice(command, async (office) => {
        // Also what is no longer in the configuration: it was frozen while it was.
        const target = parseTarget(scope) ?? unknown(office, scope);
        const { actor, clock, storage } = office;
        const reason = flags.reason === undefined ? {} : { reason: flags.reason };
        const lifted = await storage.freezes.lift(target, { actor, at: clock(), ...reason });
        if (!lifted) throw new Refused(`${scope} is not frozen; see: sekisho freeze list`);
        print({ scope: formatTarget(target), lifted: true });
      });
    });
}

/** Prints what is frozen: everything, or that scope alone. */
async function list({ storage }: OfficeForCommand, only?: string): Promise<void> {
  for (const { kind, name, ...rest } of await storage.freezes.list()) {
    const scope = formatTarget({ kind, name });
    if (only === undefined || scope === only) print({ scope, ...rest });
  }
}

async function put(
  office: OfficeForCommand,
  scope: string,
  reason: string | undefined,
): Promise<void> {
  const target = targetArgument(office, scope);
  if (reason === undefined || reason.trim() === "")
    throw new Usage('--reason is missing: say why, for the log, such as --reason "wrong list"');
  const { actor, clock, storage } = office;
  await storage.freezes.freeze(target, reason, { actor, at: clock() });
  await list(office, scope); // one that stood already keeps its first time
  tell(`Nothing comes in or goes out for it now. Lift it with: sekisho unfreeze ${scope}`);
}

function targetArgument(office: OfficeForCommand, scope: string): FreezeTarget {
  const target = parseTarget(scope);
  const known: readonly { readonly id: string }[] =
    target?.kind === "sender" ? office.senders : office.streams;
  if (target === undefined || (target.kind !== "all" && !known.some((x) => x.id === target.name)))
    return unknown(office, scope);
  return target;
}

function unknown({ senders, streams }: OfficeForCommand, scope: string): never {
  const allowed = [
    "all",
    ...senders.map(({ id }) => `sender:${id}`),
    ...streams.map(({ id }) => `stream:${id}`),
  ];
  throw new Usage(`${scope} is nothing to freeze; allowed: ${allowed.join(", ")}`);
}
