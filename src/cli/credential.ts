// sekisho credential: what MA tools authenticate with. A password is printed once, when it is made.
import type { Command } from "commander";

import { parseDuration } from "../config/duration.ts";
import { parseRanges } from "../identity/address-range.ts";
import type { Credential } from "../identity/credential.ts";
import {
  createCredential,
  overlapMaxSeconds,
  revokeCredential,
  rotateCredential,
} from "../identity/issue.ts";
import { timeArgument } from "./arguments.ts";
import type { Saved } from "../identity/store.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";

interface CreateFlags {
  readonly stream: string;
  readonly name: string;
  readonly expires?: string;
  readonly range?: readonly string[];
}

export function register(program: Command): void {
  const credential = program
    .command("credential")
    .description("what MA tools authenticate with; each belongs to one stream");
  credential
    .command("create")
    .description("make user name and password; the password is shown this once")
    .requiredOption("--stream <id>", "the stream it sends by")
    .requiredOption("--name <text>", "for people: which tool uses it")
    .option("--expires <time>", "when it ends (default: never)")
    .option(
      "--range <cidr>",
      "addresses it may be used from; may be repeated (default: any)",
      collect,
    )
    .action(async (flags: CreateFlags, command: Command) => {
      await withOffice(command, (office) => create(office, flags));
    });
  credential
    .command("list")
    .description("every credential, without its secret")
    .action(async (_flags: object, command: Command) => {
      await withOffice(command, async ({ storage }) => {
        for (const each of await storage.credentials.list()) print(shown(each));
      });
    });
  credential
    .command("rotate <username>")
    .description("make a new password; the old one stays good for a while")
    .option("--overlap <duration>", "how long the old one stays good: 0s, 4h, 7d", "24h")
    .option("--reason <text>", "why, for the audit log")
    .action(
      async (username: string, flags: { overlap: string; reason?: string }, command: Command) => {
        await withOffice(command, (office) => rotate(office, username, flags));
      },
    );
  credential
    .command("revoke <username>")
    .description("end a credential at once and for good")
    .option("--reason <text>", "why, for the audit log")
    .action(async (username: string, flags: { reason?: string }, command: Command) => {
      await withOffice(command, async (office) => {
        const known = await find(office, username);
        const { storage, clock } = office;
        const revoked = revokeCredential(known, clock());
        if (known.revokedAt === undefined)
          saved(
            await storage.credentials.save(revoked, "revoke", act(office, flags.reason), known),
          );
        print(shown(revoked));
      });
    });
}

function saved(outcome: Saved): void {
  if (outcome === "changed")
    throw new Refused("somebody else changed this credential at the same moment; try again");
}

/** commander gives no earlier value to the first of several. */
function collect(range: string, before?: readonly string[]): readonly string[] {
  return [...(before ?? []), range];
}

async function create(office: OfficeForCommand, flags: CreateFlags): Promise<void> {
  const { storage, streams, clock } = office;
  if (!streams.some((stream) => stream.id === flags.stream)) {
    const ids = streams.map((stream) => stream.id).join(", ");
    throw new Usage(`--stream ${flags.stream} is not in the configuration; allowed: ${ids}`);
  }
  if (flags.name.trim() === "") throw new Usage("--name is empty; say which tool uses it");
  const ranges = flags.range ?? [];
  const parsed = parseRanges(ranges);
  if (parsed.kind === "bad") throw new Usage(`--range ${parsed.problem}`);
  const now = clock();
  const expiresAt =
    flags.expires === undefined ? undefined : timeArgument("--expires", flags.expires, "end");
  if (expiresAt !== undefined && expiresAt <= now)
    throw new Usage(`--expires ${flags.expires ?? ""} has passed already`);
  const { credential, password } = createCredential({
    stream: flags.stream,
    name: flags.name,
    now,
    ranges,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  await storage.credentials.save(credential, "create", act(office));
  print({
    username: credential.username,
    password,
    stream: credential.stream,
    name: credential.name,
  });
  tell("The password is not shown again.");
}

async function rotate(
  office: OfficeForCommand,
  username: string,
  flags: { readonly overlap: string; readonly reason?: string },
): Promise<void> {
  const overlapMs = parseDuration(flags.overlap);
  if (overlapMs === undefined || overlapMs > overlapMaxSeconds * 1000)
    throw new Usage(`--overlap ${flags.overlap} is no duration up to 90d, such as 0s, 4h or 7d`);
  const known = await find(office, username);
  const rotated = rotateCredential(known, office.clock(), overlapMs / 1000);
  if (rotated === undefined)
    throw new Refused(`${username} was revoked; make a new one: sekisho credential create`);
  const { credentials } = office.storage;
  saved(await credentials.save(rotated.credential, "rotate", act(office, flags.reason), known));
  const { stream, name, secrets } = rotated.credential;
  print({ username, password: rotated.password, stream, name });
  const until = secrets[1]?.expiresAt;
  if (until !== undefined) tell(`The old password is good until ${until.toISOString()}.`);
}

async function find(office: OfficeForCommand, username: string): Promise<Credential> {
  const known = await office.storage.credentials.find(username);
  if (known === undefined)
    throw new Refused(`no credential has the user name ${username}; see: sekisho credential list`);
  return known;
}

function act(
  office: OfficeForCommand,
  reason?: string,
): { readonly actor: string; readonly at: Date; readonly reason?: string } {
  const { actor, clock } = office;
  return { actor, at: clock(), ...(reason === undefined ? {} : { reason }) };
}

/** Without the hashes. */
function shown({ secrets, ...rest }: Credential): object {
  const rotatingUntil = secrets.find((secret) => secret.expiresAt !== undefined)?.expiresAt;
  return rotatingUntil === undefined ? rest : { ...rest, rotatingUntil };
}
