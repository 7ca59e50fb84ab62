// sekisho suppress: addresses and domains that must not be sent to, whatever consent says.
import type { Command } from "commander";

import type { ListedSuppression, SuppressionFilter } from "../consent/ledger.ts";
import {
  formatScope,
  suppressionKinds,
  type Suppression,
  type SuppressionScope,
} from "../consent/suppression.ts";
import { exportSuppressions } from "../exchange/export.ts";
import { suppressionTable } from "../exchange/tables.ts";
import type { Address } from "../mail/address.ts";
import type { Domain } from "../mail/domain.ts";
import {
  addressArgument,
  choiceArgument,
  domainArgument,
  knownNames,
  recordedAddressArgument,
  scopeArgument,
  timeArgument,
} from "./arguments.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";
import { pages } from "./pages.ts";
import { parseLimit } from "./queue.ts";
import { asksSecondPerson } from "./second-person.ts";
import { addImportFlags, runExport, runImport, type ImportFlags } from "./table.ts";

interface TargetFlags {
  readonly email?: string;
  readonly domain?: string;
}

interface AddFlags extends TargetFlags {
  readonly kind: string;
  readonly scope: string;
  readonly reason?: string;
  readonly expires?: string;
}

interface RemoveFlags extends TargetFlags {
  readonly scope: string;
  readonly reason: string;
}

interface ListFlags {
  readonly kind?: string;
  readonly scope?: string;
  readonly limit: number;
}

export function register(program: Command): void {
  const suppress = program.command("suppress").description("what must not be sent to");
  suppress
    .command("add")
    .description("suppress an address or a domain")
    .option("--email <address>", "the address")
    .option("--domain <domain>", "or the domain, with all its addresses")
    .option("--kind <kind>", `one of ${suppressionKinds.join(", ")}`, "manual")
    .option("--scope <scope>", "all, sender:ID or stream:ID", "all")
    .option("--reason <text>", "why")
    .option("--expires <time>", "when it ends (default: never)")
    .action(async (flags: AddFlags, command: Command) => {
      await withOffice(command, async (office) => {
        await add(office, flags);
      });
    });
  suppress
    .command("remove")
    .description("lift every suppression of an address or domain in one scope; the log keeps why")
    .option("--email <address>", "the address")
    .option("--domain <domain>", "or the domain")
    .requiredOption("--scope <scope>", "all, sender:ID or stream:ID")
    .requiredOption("--reason <text>", "why it may be sent to again")
    .action(async (flags: RemoveFlags, command: Command) => {
      await withOffice(command, async (office) => {
        await remove(office, flags);
      });
    });
  registerReading(suppress);
  registerTables(suppress);
}

function registerReading(suppress: Command): void {
  suppress
    .command("list")
    .description("suppressions, one a line")
    .option("--kind <kind>", `one of ${suppressionKinds.join(", ")}`)
    .option("--scope <scope>", "all, sender:ID or stream:ID")
    .option("--limit <n>", "at most so many", parseLimit, 1000)
    .action(async (flags: ListFlags, command: Command) => {
      await withOffice(command, async (office) => {
        const { ledger } = office.storage;
        const filter = filterOf(office, flags);
        await pages(
          flags.limit,
          (cursor, limit) => ledger.listSuppressions({ ...filter, ...cursor, limit }),
          (entry) => {
            print(shown(entry, office.clock()));
          },
        );
      });
    });
  suppress
    .command("lookup <address>")
    .description("what stops mail to an address: its own suppressions and its domain's")
    .action(async (text: string, _flags: object, command: Command) => {
      const address = addressArgument("address", text);
      await withOffice(command, async ({ indexer, storage, clock }) => {
        const lists = await Promise.all(
          [indexer.address(address), indexer.domain(address.domain)].map((subject) =>
            storage.ledger.listSuppressions({ subject, limit: 1000 }),
          ),
        );
        const suppressions = lists
          .flatMap((list) => list.items)
          .map((entry) => shown(entry, clock()));
        print({
          email: address.text,
          suppressed: suppressions.some(({ active }) => active),
          suppressions,
        });
      });
    });
}

function registerTables(suppress: Command): void {
  addImportFlags(
    suppress.command("import <file>").description("add the rows of a CSV file; clears none"),
  ).action(async (file: string, flags: ImportFlags, command: Command) => {
    await withOffice(command, async (office) => {
      const { ledger } = office.storage;
      await runImport(office, file, flags, "suppressions", (context) =>
        suppressionTable(ledger, context),
      );
    });
  });
  suppress
    .command("export")
    .description("every suppression as CSV on standard output")
    .option("--approval <id>", "the request that a second person approved")
    .action(async (flags: { approval?: string }, command: Command) => {
      await withOffice(command, async (office) => {
        const rows = exportSuppressions(office.storage.ledger);
        await runExport(office, "suppressions", rows, flags);
      });
    });
}

async function add(office: OfficeForCommand, flags: AddFlags): Promise<void> {
  if (flags.email?.trim().startsWith("*@") === true)
    throw new Usage(`--email ${flags.email} is no address; give a whole domain as --domain`);
  const target = targetOf(flags, recordedAddressArgument);
  const suppression: Suppression = {
    subject: subjectOf(office, target),
    ofDomain: typeof target === "string",
    kind: choiceArgument("--kind", flags.kind, suppressionKinds),
    scope: scopeArgument(flags.scope, knownNames(office.config)),
    origin: office.actor,
    createdAt: office.clock(),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(flags.expires === undefined
      ? {}
      : { expiresAt: timeArgument("--expires", flags.expires, "end") }),
  };
  if (suppression.expiresAt !== undefined && suppression.expiresAt <= suppression.createdAt) {
    throw new Usage(`--expires ${flags.expires ?? ""} is past; name a time to come`);
  }
  const { ledger } = office.storage;
  const { subject, kind, scope } = suppression;
  if ((await ledger.suppress([{ target, suppression }])).recorded === 0)
    tell("it stands already, as long or longer: only suppress remove shortens it");
  const { items } = await ledger.listSuppressions({ subject, kind, scope, limit: 1 });
  print(shown({ ...(items[0] ?? suppression), address: textOf(target) }, office.clock()));
}

/** Whose suppressions they are; of `all`: everybody's. */
function senderOf(office: OfficeForCommand, scope: SuppressionScope): { readonly sender?: string } {
  if (scope.kind === "all") return {};
  if (scope.kind === "sender") return { sender: scope.id };
  const stream = office.streams.find(({ id }) => id === scope.id);
  return stream === undefined ? {} : { sender: stream.sender.id };
}

async function remove(office: OfficeForCommand, flags: RemoveFlags): Promise<void> {
  const target = targetOf(flags);
  const scope = scopeArgument(flags.scope, knownNames(office.config));
  const subject = subjectOf(office, target);
  if (flags.reason.trim() === "")
    throw new Usage("--reason is empty: say why it may be sent to again; the log keeps it");
  const asked = await asksSecondPerson(
    office,
    { kind: "suppression-removal", subject, scope, address: textOf(target) },
    { ...senderOf(office, scope), reason: flags.reason },
  );
  if (asked) return;
  const removed = await office.storage.ledger.unsuppress(subject, scope, {
    actor: office.actor,
    reason: flags.reason,
  });
  if (removed.length === 0) {
    throw new Refused(`${textOf(target)} has no suppression with scope ${flags.scope}`);
  }
  const address = textOf(target);
  print({
    ...(typeof target === "string" ? { domain: address } : { email: address }),
    scope: flags.scope,
    removed: removed.map((entry) => shown({ ...entry, address }, office.clock())),
  });
}

function targetOf(flags: TargetFlags, readAddress = addressArgument): Address | Domain {
  if (flags.email !== undefined && flags.domain === undefined) {
    return readAddress("--email", flags.email);
  }
  if (flags.domain !== undefined && flags.email === undefined) {
    return domainArgument("--domain", flags.domain);
  }
  throw new Usage("say whom it is about: either --email ADDRESS or --domain DOMAIN");
}

function subjectOf(office: OfficeForCommand, target: Address | Domain): Suppression["subject"] {
  return typeof target === "string"
    ? office.indexer.domain(target)
    : office.indexer.address(target);
}

function textOf(target: Address | Domain): string {
  return typeof target === "string" ? target : target.text;
}

function filterOf(office: OfficeForCommand, flags: ListFlags): Omit<SuppressionFilter, "limit"> {
  return {
    ...(flags.kind === undefined
      ? {}
      : { kind: choiceArgument("--kind", flags.kind, suppressionKinds) }),
    ...(flags.scope === undefined
      ? {}
      : { scope: scopeArgument(flags.scope, knownNames(office.config)) }),
  };
}

/** As printed: `email` or `domain` is null once the person was erased. */
function shown(
  entry: ListedSuppression,
  now: Date,
): Readonly<Record<string, unknown>> & { readonly active: boolean } {
  const { subject: _subject, ofDomain, address, scope, ...rest } = entry;
  const name = address ?? null;
  return {
    ...(ofDomain ? { domain: name } : { email: name }),
    ...rest,
    scope: formatScope(scope),
    active: isActive(entry, now),
  };
}

function isActive(entry: Suppression, now: Date): boolean {
  return entry.expiresAt === undefined || entry.expiresAt > now;
}
