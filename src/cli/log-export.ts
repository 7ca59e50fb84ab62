// sekisho log export and received: the operation log for a SIEM, and who received what for a report of an incident.
import type { Command } from "commander";

import { formatCef } from "../audit/cef.ts";
import { eventTypes, isEventType, type AuditEvent } from "../audit/event.ts";
import { isOnRecord } from "../audit/on-record.ts";
import { showEvent } from "../audit/show-event.ts";
import { everyEvent, listReceived } from "../audit/received.ts";
import { countRuleHits } from "../audit/rule-hits.ts";
import { choiceArgument, knownNames, streamArgument, timeArgument } from "./arguments.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { mayExport } from "./may-export.ts";
import { print, tell, Usage } from "./output.ts";

interface ExportFlags {
  readonly format: string;
  readonly type?: string;
  readonly since?: string;
  readonly until?: string;
  readonly approval?: string;
}

interface ReceivedFlags {
  readonly stream: string;
  readonly since: string;
  readonly until: string;
  readonly approval?: string;
}

export function registerExports(log: Command): void {
  log
    .command("export")
    .description("the operation log as NDJSON or CEF (for a SIEM), oldest first")
    .option("--format <format>", "ndjson or cef", "ndjson")
    .option("--type <type>", "events of this type only")
    .option("--since <time>", "from this time on")
    .option("--until <time>", "before this time")
    .option("--approval <id>", "the request that a second person approved")
    .action(async (flags: ExportFlags, command: Command) => {
      await withOffice(command, (office) => exportLog(office, flags));
    });
  log
    .command("received")
    .description("who received what of a stream in a window of time, and how many people")
    .requiredOption("--stream <id>", "of this stream")
    .requiredOption("--since <time>", "from this time on")
    .requiredOption("--until <time>", "before this time")
    .option("--approval <id>", "the request that a second person approved")
    .action(async (flags: ReceivedFlags, command: Command) => {
      await withOffice(command, (office) => received(office, flags));
    });
}

/** `log rules`. */
export function registerRuleHits(log: Command): void {
  log
    .command("rules")
    .description("what each rule did, and whether people agreed: which rule earns its keep")
    .option("--stream <id>", "of this stream")
    .option("--since <time>", "from this time on")
    .option("--until <time>", "before this time")
    .action(
      async (flags: { stream?: string; since?: string; until?: string }, command: Command) => {
        await withOffice(command, async ({ storage }) => {
          const hits = await countRuleHits(storage.audit, {
            ...(flags.stream === undefined ? {} : { stream: flags.stream }),
            ...(flags.since === undefined ? {} : { since: timeArgument("--since", flags.since) }),
            ...(flags.until === undefined
              ? {}
              : { until: timeArgument("--until", flags.until, "end") }),
          });
          for (const each of hits) print(each);
        });
      },
    );
}

async function exportLog(office: OfficeForCommand, flags: ExportFlags): Promise<void> {
  const format = choiceArgument("--format", flags.format, ["ndjson", "cef"]);
  if (flags.type !== undefined && !isEventType(flags.type))
    throw new Usage(`--type ${flags.type} is not known; allowed: ${eventTypes.join(", ")}`);
  const { approval, ...query } = flags;
  if (!(await mayExport(office, { what: "audit", query, approval }))) return;
  const events = everyEvent(office.storage.audit, {
    ...(flags.type === undefined ? {} : { types: [flags.type] }),
    ...(flags.since === undefined ? {} : { since: timeArgument("--since", flags.since) }),
    ...(flags.until === undefined ? {} : { until: timeArgument("--until", flags.until, "end") }),
  });
  const write = (event: AuditEvent): void => {
    if (format === "cef") process.stdout.write(`${formatCef(event)}\n`);
    else print(showEvent(event));
  };
  for await (const event of events) write(event);
}

async function received(office: OfficeForCommand, flags: ReceivedFlags): Promise<void> {
  const { stream } = flags;
  // One that has left the configuration is asked about as well: an incident may be why it did.
  const sender = office.streams.find(({ id }) => id === stream)?.sender.id;
  if (sender === undefined && !(await isOnRecord(office.storage.audit, { stream })))
    streamArgument(stream, knownNames(office.config));
  const window = {
    stream,
    since: timeArgument("--since", flags.since),
    until: timeArgument("--until", flags.until, "end"),
  };
  // The report of a leak begins with this: it must not read as "nobody".
  if (window.until <= window.since)
    throw new Usage(`--until ${flags.until} is not after --since ${flags.since}`);
  const { approval, ...query } = flags;
  const about = { what: "received", query, approval };
  if (!(await mayExport(office, { ...about, ...(sender === undefined ? {} : { sender }) }))) return;
  const rows = listReceived(office.storage.audit, window);
  for (;;) {
    const { done, value } = await rows.next();
    if (done === true) {
      tell(
        `${value.deliveries} deliveries of ${value.messages} messages to ${value.people} people.`,
      );
      return;
    }
    print(value);
  }
}
