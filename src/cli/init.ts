// sekisho init: writes a first configuration, makes the master key and the DKIM keys, and says what comes next.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { type Command } from "commander";

import { firstConfig, type FirstConfig } from "../config/first.ts";
import { defaultConfigFile, parseConfig } from "../config/load.ts";
import { ensureKeys, openOffice } from "../office.ts";
import { actor, configFile } from "./office.ts";
import { print, Refused, tell } from "./output.ts";

export function register(program: Command): void {
  program
    .command("init")
    .description("write a first configuration with master key and DKIM keys; never overwrites one")
    .requiredOption("--hostname <name>", "the gateway's full host name")
    .requiredOption("--domain <domain...>", "From domains of the sender")
    .requiredOption("--name <text>", "the sender's registered name (株式会社…)")
    .option("--sender <id>", "short name of the sender", "main")
    .option("--address <text>", "the sender's registered postal address")
    .option("--contact <text...>", "phone, mail address or URL for complaints", [])
    .option("--opt-out-host <host...>", "hosts of opt-out links", [])
    .option("--public-url <url>", "URL under which recipients reach the gateway")
    .action(async (options: FirstConfig, command: Command) => {
      const file = resolve(configFile(command));
      if (existsSync(file))
        throw new Refused(
          `${file} exists already and is left as it is; name another with --config`,
        );
      const text = firstConfig(options, file);
      await using office = await openOffice(parseConfig(text, file));
      await ensureKeys(office, actor());
      const keys = await office.storage.keys.list(); // those of a first try too, which did not come to its end
      // Last: what failed can be tried again, as there is no file yet.
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { flag: "wx" });
      tell(
        `Wrote ${file}, the master key ${office.config.masterKeyFile} (back it up, apart from the data) and ${keys.length} DKIM ${keys.length === 1 ? "key" : "keys"}.`,
      );
      const config = file === resolve(defaultConfigFile()) ? "" : ` --config ${quoted(file)}`;
      tell(
        `Next: publish the records below, then: sekisho credential create --stream newsletter --name my-ma-tool${config}; sekisho serve${config}`,
      );
      for (const key of keys) print(key);
    });
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
