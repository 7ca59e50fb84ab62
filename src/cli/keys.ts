// sekisho keys: DKIM keys, the records that publish them, and their life.
import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

import { InvalidArgumentError, type Command } from "commander";

import { changeKey, keyChanges, type KeyChange } from "../dkim/change.ts";
import { generateKey } from "../dkim/generate.ts";
import { SelectorTaken, type KeyInfo } from "../dkim/key.ts";
import { measureKey, rsaBitsMin } from "../dkim/record.ts";
import { beginRotation } from "../dkim/turn.ts";
import { isSelector, nextSelector } from "../dkim/selector.ts";
import { createResolver } from "../dns/resolver.ts";
import type { Domain } from "../mail/domain.ts";
import { choiceArgument, domainArgument } from "./arguments.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";

const algorithms = ["rsa", "ed25519"] as const;

interface CreateFlags {
  readonly domain: string;
  readonly algorithm: string;
  readonly bits: number;
}

interface RotateFlags {
  readonly domain: string;
  readonly algorithm: string;
  readonly bits?: number;
  readonly reason?: string;
}

interface ChangeFlags {
  readonly domain: string;
  readonly selector: string;
  readonly reason?: string;
}

export function register(program: Command): void {
  const keys = program.command("keys").description("keys that outgoing mail is signed with (DKIM)");
  keys
    .command("list")
    .description("every key with its state and the DNS record that publishes it")
    .option("--domain <domain>", "of this domain only")
    .action(async (flags: { domain?: string }, command: Command) => {
      const domain =
        flags.domain === undefined ? undefined : domainArgument("--domain", flags.domain);
      await withOffice(command, async ({ storage }) => {
        for (const key of await storage.keys.list())
          if (domain === undefined || key.domain === domain) print(shown(key));
      });
    });
  keys
    .command("create")
    .description("make a key pair; the running gateway lets it sign once its record is seen in DNS")
    .requiredOption("--domain <domain>", "the From domain it signs for")
    .option("--algorithm <name>", algorithms.join(" or "), "rsa")
    .option("--bits <n>", "of RSA: 2048 to 4096", parseBits, rsaBitsMin)
    .action(async (flags: CreateFlags, command: Command) => {
      const domain = domainArgument("--domain", flags.domain);
      const algorithm = choiceArgument("--algorithm", flags.algorithm, algorithms);
      await withOffice(command, async (office) => {
        const plan = algorithm === "rsa" ? { algorithm, bits: flags.bits } : { algorithm };
        await add(office, domain, await orUsage(() => generateKey(plan)));
      });
    });
  keys
    .command("import <file>")
    .description("take a private key in PEM over from another system; it starts as pending")
    .requiredOption("--domain <domain>", "the From domain it signs for")
    .requiredOption("--selector <name>", "the selector its record stands under")
    .action(async (file: string, flags: ChangeFlags, command: Command) => {
      const domain = domainArgument("--domain", flags.domain);
      if (!isSelector(flags.selector))
        throw new Usage(`--selector ${flags.selector} is not one DNS label in lower case`);
      const privateKey = readPem(file);
      await withOffice(command, (office) => add(office, domain, privateKey, flags.selector));
    });
  registerRotate(keys);
  for (const change of keyChanges) registerChange(keys, change);
}

function registerRotate(keys: Command): void {
  keys
    .command("rotate")
    .description(
      "make the successor of a domain's key; it takes over once its record is seen, and the old one retires",
    )
    .requiredOption("--domain <domain>", "the From domain it signs for")
    .option("--algorithm <name>", algorithms.join(" or "), "rsa")
    .option("--bits <n>", "of RSA: 2048 to 4096 (default: as the key that signs now)", parseBits)
    .option("--reason <text>", "why, for the audit log")
    .action(async (flags: RotateFlags, command: Command) => {
      const domain = domainArgument("--domain", flags.domain);
      const algorithm = choiceArgument("--algorithm", flags.algorithm, algorithms);
      await withOffice(command, async (office) => {
        const { config, storage, actor, clock } = office;
        const { requirePublished } = config.dkim;
        const { bits, reason } = flags;
        tellStrangeDomain(office, domain);
        const key = await orUsage(() =>
          beginRotation(
            { keys: storage.keys, requirePublished },
            { domain, algorithm, ...(bits === undefined ? {} : { bits }) },
            { actor, at: clock(), ...(reason === undefined ? {} : { reason }) },
          ),
        );
        print(shown(key));
        if (key.state === "active") return;
        tell("Publish this record; the running gateway lets the key take over once it is seen:");
        tell(zoneLine(key));
      });
    });
}

const descriptions: Readonly<Record<KeyChange, string>> = {
  publish: "note that a key's record was seen in DNS",
  activate: "let a key sign; its record must be in DNS",
  retire: "stop a key from signing; a second time: its record may go",
};

function registerChange(keys: Command, change: KeyChange): void {
  keys
    .command(change)
    .description(descriptions[change])
    .requiredOption("--domain <domain>", "the key's domain")
    .requiredOption("--selector <name>", "the key's selector")
    .option("--reason <text>", "why, for the audit log")
    .action(async (flags: ChangeFlags, command: Command) => {
      const domain = domainArgument("--domain", flags.domain);
      await withOffice(command, async ({ config, storage, actor, clock }) => {
        const { servers, timeoutMs } = config.dns;
        const result = await changeKey(
          {
            keys: storage.keys,
            resolver: createResolver({ servers, timeoutMs }),
            requirePublished: config.dkim.requirePublished,
          },
          { domain, selector: flags.selector },
          change,
          {
            actor,
            at: clock(),
            ...(flags.reason === undefined ? {} : { reason: flags.reason }),
          },
        );
        switch (result.kind) {
          case "unknown":
            throw new Refused(
              `no key with selector ${flags.selector} for ${domain}; see: sekisho keys list`,
            );
          case "refused":
            throw new Refused(`${result.problem}\n${zoneLine(result.key)}`);
          case "done":
            if (result.warning !== undefined) tell(result.warning);
            print(shown(result.key));
        }
      });
    });
}

async function add(
  office: OfficeForCommand,
  domain: Domain,
  privateKey: KeyObject,
  given?: string,
): Promise<void> {
  const { config, storage, actor, clock } = office;
  tellStrangeDomain(office, domain);
  const own = (await storage.keys.list()).filter((key) => key.domain === domain);
  const taken = own.map((key) => key.selector);
  if (given !== undefined && taken.includes(given))
    throw new Refused(`${domain} has a key with the selector ${given} already`);
  const selector = given ?? nextSelector(measureKey(privateKey).algorithm, taken, clock());
  const key = await storage.keys.add({ domain, selector, privateKey }, { actor, at: clock() });
  print(shown(key));
  tell(
    config.dkim.requirePublished
      ? "Publish this record; the running gateway lets the key sign once it is seen:"
      : "Nothing has to be published, as dkim.require_published is false; its record would be:",
  );
  tell(zoneLine(key));
}

function tellStrangeDomain({ senders }: OfficeForCommand, domain: Domain): void {
  if (!senders.some((sender) => sender.domains.includes(domain)))
    tell(`${domain} is a domain of no sender yet: no mail is signed by this key until it is`);
}

/** A size that may not be is told as wrong usage. */
async function orUsage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError && !(error instanceof SelectorTaken))
      throw new Usage(`--bits: ${error.message}`);
    throw error;
  }
}

function readPem(file: string): KeyObject {
  const pem = readFileSync(file);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch (error) {
    throw new Refused(`${file} holds no private key in PEM without a passphrase`, { cause: error });
  }
  try {
    measureKey(privateKey);
  } catch (error) {
    throw new Refused(error instanceof Error ? error.message : String(error));
  }
  return privateKey;
}

/** As a zone file has it: each string in quotes. */
function zoneLine({ record }: KeyInfo): string {
  return `${record.name}. IN TXT ${record.strings.map((piece) => `"${piece}"`).join(" ")}`;
}

function shown(key: KeyInfo): object {
  const { domain, selector, algorithm, bits, state, since, createdAt, record } = key;
  return { domain, selector, algorithm, bits, state, since, createdAt, record };
}

function parseBits(text: string): number {
  const bits = Number(text);
  if (!Number.isInteger(bits)) throw new InvalidArgumentError("give a number from 2048 to 4096");
  return bits;
}
