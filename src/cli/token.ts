// sekisho token: what programs use the HTTP API with. A token is printed once, when it is made.
import type { Command } from "commander";

import { createToken, revokeToken } from "../identity/issue.ts";
import { parseScopes } from "../identity/scope.ts";
import { endedWith, type Token } from "../identity/token.ts";
import { knownSenders, names, timeArgument } from "./arguments.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";

interface CreateFlags {
  readonly name: string;
  readonly scopes: string;
  readonly expires?: string;
  readonly sender: readonly string[];
}

export function register(program: Command): void {
  const token = program.command("token").description("what programs use the HTTP API with");
  token
    .command("create")
    .description("make a token; it is shown this once")
    .requiredOption("--name <text>", "for people: which program uses it")
    .requiredOption(
      "--scopes <scopes>",
      'what it may do: "suppressions:write messages:read …", or "*" for all',
    )
    .option("--expires <time>", "when it ends (default: never)")
    .option("--sender <ids>", "limited to these senders (default: all)", names, [])
    .action(async (flags: CreateFlags, command: Command) => {
      await withOffice(command, (office) => create(office, flags));
    });
  token
    .command("list")
    .description("every token, without its secret")
    .action(async (_flags: object, command: Command) => {
      await withOffice(command, async ({ storage }) => {
        for (const each of await storage.tokens.list()) print(shown(each));
      });
    });
  token
    .command("revoke <id>")
    .description("end a token, and those that it made, at once and for good")
    .option("--reason <text>", "why, for the audit log")
    .action(async (id: string, flags: { reason?: string }, command: Command) => {
      await withOffice(command, async ({ storage, actor, clock }) => {
        const known = await storage.tokens.find(id);
        if (known === undefined)
          throw new Refused(`no token has the id ${id}; see: sekisho token list`);
        const revoked = revokeToken(known, clock());
        const { reason } = flags;
        const act = { actor, at: clock(), ...(reason === undefined ? {} : { reason }) };
        const saved =
          known.revokedAt === undefined
            ? await storage.tokens.save(revoked, "revoke", act, known)
            : "saved";
        if (saved === "changed")
          throw new Refused(`somebody else changed ${id} at the same moment; try again`);
        const ended = endedWith(await storage.tokens.list(), revoked);
        print({ ...shown(revoked), ended });
        if (ended.length > 0) tell(`Tokens that it had made ended with it: ${ended.join(", ")}.`);
      });
    });
}

async function create(office: OfficeForCommand, flags: CreateFlags): Promise<void> {
  const { storage, actor, clock } = office;
  const scopes = parseScopes(flags.scopes);
  if (scopes.kind === "bad") throw new Usage(`--scopes ${scopes.problem}`);
  if (flags.name.trim() === "") throw new Usage("--name is empty; say which program uses it");
  const now = clock();
  const expiresAt =
    flags.expires === undefined ? undefined : timeArgument("--expires", flags.expires, "end");
  if (expiresAt !== undefined && expiresAt <= now)
    throw new Usage(`--expires ${flags.expires ?? ""} has passed already`);
  knownSenders(flags.sender, office.senders);
  const { token, text } = createToken({
    name: flags.name,
    scopes: scopes.value,
    senders: flags.sender,
    now,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  await storage.tokens.save(token, "create", { actor, at: now });
  print({ id: token.id, token: text, name: token.name, scopes: token.scopes });
  tell("The token is not shown again.");
}

/** Without the hash. */
function shown({ hash: _hash, ...rest }: Token): object {
  return rest;
}
