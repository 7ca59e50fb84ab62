// sekisho backup, sekisho restore: everything the gateway remembers into a folder, and back.
import { basename } from "node:path";

import { InvalidArgumentError, type Command } from "commander";

import { ConfigError } from "../config/config-error.ts";
import {
  backUpOffice,
  openOffice,
  restoreOffice,
  StopsUnreadable,
  type Restored,
} from "../office.ts";
import { actor, configOf } from "./office.ts";
import { print, Refused, tell } from "./output.ts";
import { messageOf } from "./system-error.ts";

export function register(program: Command): void {
  program
    .command("backup <folder>")
    .description("write database and signing keys, sealed, into a folder; a gateway may run")
    .action(async (folder: string, _options: object, command: Command) => {
      await using office = await openOffice(configOf(command));
      try {
        await backUpOffice(office, folder, actor());
      } catch (cause) {
        throw new Refused(`not backed up to ${folder}: ${messageOf(cause)}`, { cause });
      }
      print({ folder });
      tell(
        `The master key ${office.config.masterKeyFile} is not in it: keep a copy in another place.`,
      );
    });
  program
    .command("restore <folder>")
    .description("put a backup in place of the data; all queued mail is held, as it may have gone")
    .option("--yes", "do it: what is there now is moved aside", false)
    .option(
      "--without-stops",
      "leave behind the opt-outs, suppressions, erasures and freezes that the data there have since the backup",
      false,
    )
    .option("--reason <text>", "why, for the audit log", parseReason, "restored from a backup")
    .action(restore);
}

interface RestoreFlags {
  readonly yes: boolean;
  readonly withoutStops: boolean;
  readonly reason: string;
}

async function restore(folder: string, flags: RestoreFlags, command: Command): Promise<void> {
  if (!flags.yes)
    throw new Refused("nothing was done: say --yes to put the backup in place of the data");
  let restored: Restored;
  try {
    const act = { actor: actor(), reason: flags.reason };
    restored = await restoreOffice(configOf(command), folder, act, !flags.withoutStops);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause; // no master key, or another: as for every command
    throw new Refused(cause instanceof StopsUnreadable ? unreadable(cause) : messageOf(cause), {
      cause,
    });
  }
  print(restored);
  tell(
    `Recipients paused: ${restored.paused}. Each may have got its mail after the backup was made; see sekisho queue list, then queue release or queue drop.`,
  );
  tell(afterwards(restored));
}

function unreadable(cause: StopsUnreadable): string {
  return `nothing was done: who said stop since the backup cannot be brought over from the data that are there (${cause.message}); to restore without, say --without-stops, and bring them in before the gateway starts`;
}

/** What became of the stops since the backup. */
function afterwards({ carriedOver, aside }: Restored): string {
  if (carriedOver !== undefined) {
    const { stops, suppressions, erasures, freezes } = carriedOver;
    return `Brought over from the data that were there: ${stops} opt-outs, ${suppressions} suppressions, ${erasures} erasures, ${freezes} freezes and pauses. Consents given since the backup were not.`;
  }
  const lost =
    "Opt-outs, suppressions, erasures and freezes since the backup are not in it: bring them in before the gateway starts.";
  return aside === undefined ? lost : `${lost}\n${wayOver(aside)}`;
}

/** How what was recorded since the backup comes over by hand from the database that was there. */
function wayOver(aside: string): string {
  const there = `SEKISHO_STORAGE_URL=sqlite:${basename(aside)} sekisho`;
  return [
    "Those of the data that were there, where they can still be read:",
    `  ${there} consent export > consents.csv && sekisho consent import consents.csv`,
    `  ${there} suppress export > suppressions.csv && sekisho suppress import suppressions.csv`,
    "Who was erased since has to be erased again.",
  ].join("\n");
}

function parseReason(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("a reason in words");
  return text;
}
