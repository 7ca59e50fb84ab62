// sekisho log and audit: the record of every decision, read and proved.
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import { InvalidArgumentError, type Command } from "commander";

import { eventTypes, isEventType, type AuditEvent, type EventType } from "../audit/event.ts";
import type { AuditFilter, ChainHead } from "../audit/log.ts";
import { showEvent } from "../audit/show-event.ts";
import { isOnRecord } from "../audit/on-record.ts";
import { listOptOuts } from "../audit/opt-out.ts";
import type { Page } from "../consent/ledger.ts";
import { optOutHeader, optOutLine } from "../exchange/export-opt-outs.ts";
import { parseAddress } from "../mail/address.ts";
import { knownNames, senderArgument, timeArgument } from "./arguments.ts";
import { registerExports, registerRuleHits } from "./log-export.ts";
import { parseTls, registerTlsReport, searchTls, tlsStates, type TlsState } from "./log-tls.ts";
import { mayExport } from "./may-export.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";
import { oneOf, pages } from "./pages.ts";
import { parseLimit } from "./queue.ts";

interface OptOutOptions {
  readonly since: Date;
  readonly sender?: string;
  readonly approval?: string;
}

interface SearchOptions {
  readonly type?: EventType;
  readonly message?: string;
  readonly recipient?: string;
  readonly stream?: string;
  readonly sender?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly limit: number;
}

const sinceHelp = "from this time on (RFC 3339), or from the beginning of a day in Japan";

export function register(program: Command): void {
  const log = program.command("log").description("what was decided, and why");
  filterOptions(log.command("search").description("events, oldest first"))
    .option("--limit <n>", "at most so many", parseLimit, 1000)
    .option("--tls <state>", `attempts whose TLS is ${oneOf(tlsStates)}`, parseTls)
    .action(async (options: SearchOptions & { tls?: TlsState }, command: Command) => {
      await withOffice(command, async (office) => {
        if (options.tls !== undefined) {
          await searchTls(office, filterOf(options, office), options.tls, options.limit);
          return;
        }
        await pages(
          options.limit,
          (cursor, limit) =>
            office.storage.audit.search({ ...filterOf(options, office), ...cursor, limit }),
          (event) => {
            print(showEvent(event));
          },
        );
      });
    });
  filterOptions(log.command("tail").description("the newest events; --follow waits for more"))
    .option("--limit <n>", "the last so many", parseLimit, 20)
    .option("--follow", "go on printing until interrupted")
    .action(async (options: SearchOptions & { follow?: boolean }, command: Command) => {
      await withOffice(command, (office) => tail(options, office));
    });
  registerTlsReport(log, { help: sinceHelp, parse: since });
  log
    .command("trace <messageId>")
    .description("all that happened to one message, in order")
    .action(async (messageId: string, _options: object, command: Command) => {
      await withOffice(command, async ({ storage }) => {
        let seen = 0;
        await pages(
          1_000_000,
          (cursor, limit) => storage.audit.search({ messageId, ...cursor, limit }),
          (event) => {
            seen += 1;
            print(showEvent(event));
          },
        );
        if (seen === 0) throw new Refused(`no event names the message ${messageId}`);
      });
    });
  log
    .command("opt-outs")
    .description("who said stop since a time, and how: CSV for the tool that sends")
    .requiredOption("--since <time>", sinceHelp, since)
    .option("--sender <id>", "of this sender")
    .option("--approval <id>", "the request that a second person approved")
    .action(async (options: OptOutOptions, command: Command) => {
      const asJson = command.optsWithGlobals<{ json?: boolean }>().json === true;
      await withOffice(command, (office) => printOptOuts(options, office, asJson));
    });
  registerExports(log);
  registerRuleHits(log);
  registerAudit(program);
}

const mayBeRestored =
  "A restore of an older backup does this, too, with heads kept since: log search --type Operation has it (change restore), and the data that it moved aside have the events of then.";

function registerAudit(program: Command): void {
  const audit = program.command("audit").description("proof that the record was not changed");
  audit
    .command("verify")
    .description(
      "recompute the hash chain of all events; --heads compares it with heads kept elsewhere",
    )
    .option("--heads <file>", "JSON of an earlier `audit verify`, to find a cut tail")
    .action(async (options: { heads?: string }, command: Command) => {
      await withOffice(command, async ({ storage }) => {
        const result = await storage.audit.verify(
          options.heads === undefined ? undefined : readHeads(options.heads),
        );
        print(result);
        if (result.kind === "broken")
          throw new Refused(
            `the chain ${result.chain} is broken at event ${result.sequence}: ${result.problem}${
              options.heads === undefined ? "" : `. ${mayBeRestored}`
            }`,
          );
        tell(`${result.events} events, unbroken.`);
      });
    });
}

/** Erased people are left out: nothing readable of them is left. */
async function printOptOuts(
  { approval, ...options }: OptOutOptions,
  office: OfficeForCommand,
  asJson: boolean,
): Promise<void> {
  const { sender } = options;
  // A mistyped one would be a list without anybody in it.
  if (sender !== undefined && !(await isOnRecord(office.storage.audit, { sender })))
    senderArgument(sender, knownNames(office.config));
  // A bulk export of personal data: an event of its own, and a second person where the sender says so.
  const about = { what: "opt-outs", query: options, approval };
  if (!(await mayExport(office, { ...about, ...(sender === undefined ? {} : { sender }) }))) return;
  if (!asJson) process.stdout.write(optOutHeader);
  let listed = 0;
  const { storage, streams } = office;
  const sources = { audit: storage.audit, ledger: storage.ledger, streams };
  const wanted = { sender, ofAll: true };
  for await (const optOut of listOptOuts(sources, { since: options.since }, wanted)) {
    listed += 1;
    if (asJson) print(optOut);
    else process.stdout.write(optOutLine(optOut));
  }
  tell(`${listed} opt-outs.`);
}

function filterOptions(command: Command): Command {
  return command
    .option("--type <type>", oneOf(eventTypes), parseType)
    .option("--message <id>", "of this message")
    .option("--recipient <address>", "about this person")
    .option("--stream <id>", "of this stream")
    .option("--sender <id>", "of this sender")
    .option("--since <time>", sinceHelp, since)
    .option("--until <time>", "before this time, or to the end of a day in Japan", until);
}

const followPollMs = 500;

async function tail(
  options: SearchOptions & { follow?: boolean },
  office: OfficeForCommand,
): Promise<void> {
  const filter = filterOf(options, office);
  const newest = await office.storage.audit.search({
    ...filter,
    newestFirst: true,
    limit: options.limit,
  });
  let last = 0;
  for (const event of newest.items.toReversed()) {
    print(showEvent(event));
    last = event.sequence;
  }
  while (options.follow === true) {
    await wait(followPollMs);
    for (const event of await newerThan(last, filter, office)) {
      print(showEvent(event));
      last = event.sequence;
    }
  }
}

/** All that came behind an event, oldest first, however much it is. */
async function newerThan(
  sequence: number,
  filter: Omit<AuditFilter, "limit">,
  office: OfficeForCommand,
): Promise<readonly AuditEvent[]> {
  const newer: AuditEvent[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<AuditEvent> = await office.storage.audit.search({
      ...filter,
      newestFirst: true,
      limit: 500,
      ...(cursor === null ? {} : { cursor }),
    });
    const fresh = page.items.filter((event) => event.sequence > sequence);
    newer.push(...fresh);
    cursor = fresh.length === page.items.length ? page.next : null;
  } while (cursor !== null);
  return newer.toReversed();
}

function filterOf(
  options: Omit<SearchOptions, "limit">,
  office: OfficeForCommand,
): Omit<AuditFilter, "limit"> {
  const address = options.recipient === undefined ? undefined : parseAddress(options.recipient);
  if (address?.kind === "bad")
    throw new Usage(`--recipient ${options.recipient ?? ""} ${address.problem}`);
  return {
    ...(options.type === undefined ? {} : { types: [options.type] }),
    ...(options.message === undefined ? {} : { messageId: options.message }),
    ...(address === undefined ? {} : { subject: office.indexer.address(address.value) }),
    ...(options.stream === undefined ? {} : { stream: options.stream }),
    ...(options.sender === undefined ? {} : { sender: options.sender }),
    ...(options.since === undefined ? {} : { since: options.since }),
    ...(options.until === undefined ? {} : { until: options.until }),
  };
}

function readHeads(file: string): readonly ChainHead[] {
  const heads = headsIn(readFileSync(file, "utf8"));
  // Compared with no head at all, every chain would be whole.
  if (heads.length === 0 || !heads.every(isHead))
    throw new Usage(`${file} holds no heads; give the output of one: sekisho audit verify`);
  return heads;
}

function headsIn(text: string): readonly unknown[] {
  try {
    const data: unknown = JSON.parse(text);
    const heads = typeof data === "object" && data !== null && "heads" in data ? data.heads : data;
    return Array.isArray(heads) ? heads : [];
  } catch {
    return [];
  }
}

function isHead(value: unknown): value is ChainHead {
  if (typeof value !== "object" || value === null) return false;
  const { chain, sequence, hash, signature } = value as Partial<Record<string, unknown>>;
  return (
    typeof chain === "string" &&
    typeof sequence === "number" &&
    typeof hash === "string" &&
    (signature === undefined || typeof signature === "string")
  );
}

function parseType(text: string): EventType {
  if (!isEventType(text)) throw new InvalidArgumentError(`use ${oneOf(eventTypes)}`);
  return text;
}

function since(text: string): Date {
  return timeArgument("--since", text);
}

function until(text: string): Date {
  return timeArgument("--until", text, "end");
}
