// sekisho user: people who administer. An initial password is printed once, when it is made.
import type { Command } from "commander";

import { reviewAccess, staleDaysStandard } from "../identity/access-review.ts";
import { createUser, newUser, resetUser } from "../identity/person.ts";
import { showUser } from "../identity/show-user.ts";
import type { User, UserChange } from "../identity/user.ts";
import type { Address } from "../mail/address.ts";
import { addressArgument, knownSenders, names, timeArgument } from "./arguments.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";
import { parseLimit } from "./queue.ts";

interface CreateFlags {
  readonly email: string;
  readonly role: readonly string[];
  readonly sender: readonly string[];
  readonly singleSignOn?: boolean;
}

export function register(program: Command): void {
  const user = program.command("user").description("people who administer");
  user
    .command("create")
    .description("make a person; prints an initial password, to be changed at the first login")
    .requiredOption("--email <address>", "what they log in with")
    .requiredOption(
      "--role <names>",
      "administrator, approver, operator …; several by comma",
      names,
    )
    .option("--sender <ids>", "limited to these senders (default: all)", names, [])
    .option("--single-sign-on", "no password: they come by OpenID Connect only")
    .action(async (flags: CreateFlags, command: Command) => {
      await withOffice(command, (office) => create(office, flags));
    });
  user
    .command("list")
    .description("every person, without secrets")
    .action(async (_flags: object, command: Command) => {
      await withOffice(command, async ({ storage }) => {
        for (const each of await storage.users.list()) print(showUser(each));
      });
    });
  changeCommands(user);
  user
    .command("review")
    .description("the access review: who has what, last used, and what looks forgotten")
    .option(
      "--stale-days <n>",
      "unused for so many days is forgotten",
      parseLimit,
      staleDaysStandard,
    )
    .action(async (flags: { staleDays: number }, command: Command) => {
      await withOffice(command, (office) => review(office, flags.staleDays));
    });
}

function changeCommands(user: Command): void {
  for (const [name, text, work] of [
    ["disable", "shut a person out at once; their sessions and tokens end", disable],
    ["enable", "let a person in again", enable],
    ["reset", "a new initial password; second factor, single sign-on and sessions go", reset],
  ] as const)
    user
      .command(`${name} <email>`)
      .description(text)
      .option("--reason <text>", "why, for the audit log")
      .action(async (email: string, flags: { reason?: string }, command: Command) => {
        await withOffice(command, async (office) => {
          await work(office, await known(office, email), flags.reason);
        });
      });
  user
    .command("deputy <email>")
    .description("let a person decide approvals in another's place, until a time")
    .requiredOption("--for <address>", "whose place")
    .requiredOption("--until <time>", "RFC 3339, or to the end of a day in Japan")
    .action(async (email: string, flags: { for: string; until: string }, command: Command) => {
      await withOffice(command, async (office) => {
        const [person, whose] = [await known(office, email), await known(office, flags.for)];
        const until = timeArgument("--until", flags.until, "end");
        if (until <= office.clock())
          throw new Usage(`--until ${flags.until} is past; give a time to come`);
        if (person.id === whose.id) throw new Usage("nobody is their own deputy");
        const others = person.deputyOf.filter((each) => each.user !== whose.id);
        const changed = { ...person, deputyOf: [...others, { user: whose.id, until }] };
        await save(office, { was: person, user: changed }, "deputy");
        print({ email: person.email, deputyOf: whose.email, until });
      });
    });
}

async function create(office: OfficeForCommand, flags: CreateFlags): Promise<void> {
  const role = flags.role.find((name) => !office.roles.has(name));
  if (role !== undefined)
    throw new Usage(`--role ${role} is not known; allowed: ${[...office.roles.keys()].join(", ")}`);
  knownSenders(flags.sender, office.senders);
  const address: Address = addressArgument("--email", flags.email);
  const plan = {
    email: address.text,
    emailIndex: office.indexer.address(address),
    roles: [...new Set(flags.role)],
    senders: [...new Set(flags.sender)],
    now: office.clock(),
  };
  const made =
    flags.singleSignOn === true
      ? { user: newUser(plan), password: undefined }
      : await createUser(plan);
  const act = { actor: office.actor, at: plan.now };
  if ((await office.storage.users.save(made.user, "create", act)) === "exists")
    throw new Refused(`there is a person with the address ${address.text}; see: sekisho user list`);
  const { id, email, roles, senders } = made.user;
  print({
    id,
    email,
    roles,
    senders,
    ...(made.password === undefined ? {} : { password: made.password }),
  });
  if (made.password !== undefined)
    tell(
      "The password is not shown again. It is good for seven days, and must be changed at the first login.",
    );
}

async function disable(office: OfficeForCommand, user: User, reason?: string): Promise<void> {
  const changed = { ...user, disabledAt: user.disabledAt ?? office.clock() };
  await save(office, { was: user, user: changed }, "disable", reason);
  print(showUser(changed));
}

async function enable(office: OfficeForCommand, user: User, reason?: string): Promise<void> {
  const { disabledAt: _disabledAt, ...changed } = user;
  await save(office, { was: user, user: changed }, "enable", reason);
  print(showUser(changed));
}

async function reset(office: OfficeForCommand, user: User, reason?: string): Promise<void> {
  const made = await resetUser(user, office.clock());
  await save(office, { was: user, user: made.user }, "reset", reason);
  print({ id: user.id, email: user.email, password: made.password });
  tell("The password is not shown again. It is good for seven days.");
}

async function review(office: OfficeForCommand, staleDays: number): Promise<void> {
  const { users, tokens, credentials } = office.storage;
  const lines = reviewAccess(
    {
      users: await users.list(),
      tokens: await tokens.list(),
      credentials: await credentials.list(),
    },
    office.clock(),
    staleDays,
  );
  for (const line of lines) print(line);
  const remarked = lines.filter((line) => line.remarks.length > 0).length;
  tell(`${lines.length} rights, ${remarked} to look at.`);
}

async function known({ storage, indexer }: OfficeForCommand, email: string): Promise<User> {
  const address = addressArgument("email", email);
  const user = await storage.users.findByEmail(indexer.address(address));
  if (user === undefined)
    throw new Refused(`no person has the address ${email}; see: sekisho user list`);
  return user;
}

async function save(
  office: OfficeForCommand,
  about: { readonly was: User; readonly user: User },
  change: UserChange,
  reason?: string,
): Promise<void> {
  const act = {
    actor: office.actor,
    at: office.clock(),
    ...(reason === undefined ? {} : { reason }),
  };
  const saved = await office.storage.users.save(about.user, change, act, "", about.was);
  if (saved === "last-administrator")
    throw new Refused("this is the last administrator; make another one first");
  if (saved !== "saved")
    throw new Refused("somebody else changed this person at the same moment; look, and try again");
}
