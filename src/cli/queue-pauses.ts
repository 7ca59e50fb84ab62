// sekisho queue pause, resume, pauses: keeps mail from going out, for a destination, a stream or a sender.
import { Option, type Command } from "commander";

import { parseDomain } from "../mail/domain.ts";
import { formatTarget, type PauseTarget } from "../queue/freeze.ts";
import { knownNames, senderArgument, streamArgument } from "./arguments.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, Usage } from "./output.ts";

interface TargetOptions {
  readonly destination?: string;
  readonly stream?: string;
  readonly sender?: string;
}

export function registerPauses(queue: Command): void {
  targetOptions(queue.command("pause"))
    .description("nothing more goes out for it, within a second; mail is still accepted and waits")
    .addOption(new Option("--reason <text>", "why, for others and the audit log").default(""))
    .action(async (options: TargetOptions & { readonly reason: string }, command: Command) => {
      const target = targetOf(options);
      await withOffice(command, async (office) => {
        await refuseUnknown(office, target);
        const { storage, actor, clock } = office;
        await storage.freezes.pause(target, options.reason, { actor, at: clock() });
        print({ ...target, change: "pause" });
      });
    });
  targetOptions(queue.command("resume"))
    .description("what was paused goes on")
    .action(async (options: TargetOptions, command: Command) => {
      const target = targetOf(options);
      await withOffice(command, async ({ storage, actor, clock }) => {
        if (!(await storage.freezes.resume(target, { actor, at: clock() })))
          throw new Refused(
            `${target.kind} ${target.name} is not paused; see: sekisho queue pauses`,
          );
        print({ ...target, change: "resume" });
      });
    });
  queue
    .command("pauses")
    .description("what is paused, by whom and why")
    .action(async (_options: object, command: Command) => {
      await withOffice(command, async ({ storage }) => {
        for (const pause of await storage.freezes.pauses())
          print({ scope: formatTarget(pause), ...pause });
      });
    });
}

function targetOptions(command: Command): Command {
  return command
    .option("--destination <domain>", "mail to this domain")
    .option("--stream <id>", "mail of this stream")
    .option("--sender <id>", "mail of this sender");
}

/** A name that was mistyped would stop nothing. One that has left the configuration may still have mail that waits. */
async function refuseUnknown(
  { config, storage }: OfficeForCommand,
  { kind, name }: PauseTarget,
): Promise<void> {
  if (kind === "destination") return;
  const { items } = await storage.queue.list({ [kind]: name, limit: 1 });
  if (items.length > 0) return;
  if (kind === "sender") senderArgument(name, knownNames(config));
  else streamArgument(name, knownNames(config));
}

function targetOf({ destination, stream, sender }: TargetOptions): PauseTarget {
  const given = [destination, stream, sender].filter((name) => name !== undefined);
  if (given.length !== 1)
    throw new Usage("give exactly one of --destination, --stream and --sender");
  if (stream !== undefined) return { kind: "stream", name: stream };
  if (sender !== undefined) return { kind: "sender", name: sender };
  const domain = parseDomain(destination ?? "");
  if (domain.kind === "bad")
    throw new Usage(
      `--destination ${destination ?? ""} ${domain.problem}; name a domain such as example.jp`,
    );
  return { kind: "destination", name: domain.value };
}
