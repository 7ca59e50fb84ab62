// sekisho queue: what waits, where and why; retry, hold, release, drop, pause, resume.
import { InvalidArgumentError, type Command } from "commander";

import type { AuditEvent } from "../audit/event.ts";
import type { AuditLog } from "../audit/log.ts";
import { showEvent } from "../audit/show-event.ts";
import { everyEvent } from "../audit/received.ts";
import { oneOf, pages } from "./pages.ts";
import { withOffice } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";
import { registerPauses } from "./queue-pauses.ts";
import { readWaits, waitingFor } from "./waiting-for.ts";
import { parseDomain } from "../mail/domain.ts";
import {
  recipientStates,
  type Change,
  type QueueEntry,
  type QueueFilter,
  type QueueStore,
  type RecipientState,
} from "../queue/store.ts";

interface ListOptions {
  readonly state?: RecipientState;
  readonly stream?: string;
  readonly sender?: string;
  readonly destination?: string;
  readonly message?: string;
  readonly all?: boolean;
  readonly limit: number;
}

export function register(program: Command): void {
  const queue = program.command("queue").description("mail that waits to be delivered");
  queue
    .command("list")
    .description("recipients that wait, oldest first; --all includes those that are done")
    .option("--state <state>", oneOf(recipientStates), parseState)
    .option("--stream <id>", "of this stream")
    .option("--sender <id>", "of this sender")
    .option("--destination <domain>", "to this domain")
    .option("--message <id>", "of this message")
    .option("--all", "delivered, failed, expired and dropped ones too")
    .option("--limit <n>", "at most so many", parseLimit, 1000)
    .action(async (options: ListOptions, command: Command) => {
      await withOffice(command, async (office) => {
        const reasons = await readWaits(office);
        await pages(
          options.limit,
          (cursor, limit) => office.storage.queue.list({ ...filterOf(options), ...cursor, limit }),
          (entry) => {
            print({ ...show(entry), waitingFor: waitingFor(entry, reasons) });
          },
        );
      });
    });
  queue
    .command("show <id>")
    .description("one recipient, or every recipient of a message, with its history")
    .action(async (id: string, _options: object, command: Command) => {
      await withOffice(command, async ({ storage }) => {
        const entries = await entriesOf(storage.queue, id);
        if (entries.length === 0)
          throw new Refused(`no message or recipient has the id ${id}; see: sekisho queue list`);
        const eventsOf = await historyOf(storage.audit, id);
        for (const entry of entries)
          print({ ...show(entry), events: eventsOf(entry.id).map(showEvent) });
      });
    });
  registerPauses(queue);
  change(queue, "retry", "make it due now");
  change(queue, "hold", "keep it back until it is released");
  change(queue, "release", "let it go on");
  change(queue, "drop", "give it up; the log keeps who did so and why");
}

function change(queue: Command, verb: Change, description: string): void {
  queue
    .command(`${verb} <id...>`)
    .description(
      `${description}; takes recipient ids, or message ids for all recipients of a message`,
    )
    .option("--reason <text>", "why, for the audit log")
    .action(async (ids: string[], options: { reason?: string }, command: Command) => {
      await withOffice(command, async ({ storage, actor, clock }) => {
        const act = { actor, at: clock(), ...options };
        const changed = new Set(await storage.queue.change(ids, verb, act));
        for (const id of changed) print({ id, change: verb });
        let left = 0;
        for (const id of ids) {
          const problems = unchanged(id, await entriesOf(storage.queue, id), changed);
          for (const problem of problems) tell(`not changed: ${problem}`);
          left += problems.length;
        }
        if (left > 0) throw new Refused("");
      });
    });
}

/** Whom the change should have met and did not: of a message's recipients only those that an attempt has in hand. */
function unchanged(
  id: string,
  entries: readonly QueueEntry[],
  changed: ReadonlySet<string>,
): readonly string[] {
  if (entries.length === 0) return [`${id}: is not in the queue`];
  const left = entries.filter((entry) => !changed.has(entry.id));
  const told = left.filter((entry) => id === entry.id || entry.state === "leased");
  if (told.length === 0 && left.length === entries.length) {
    const states = new Set(left.map((entry) => `${entry.state}${remedyOf(entry)}`));
    return [`${id}: none of its recipients can be changed so; they are ${[...states].join(", ")}`];
  }
  return told.map((entry) => `${entry.id}: is ${entry.state}${remedyOf(entry)}`);
}

/** Leased, that is: it has its attempt now, or waits for its turn in the gateway's memory, where a pause takes it back. */
function remedyOf({ state, stream, messageId }: QueueEntry): string {
  if (state === "held") return `: sekisho held release ${messageId}, or held reject`;
  return state === "leased"
    ? `: it has its turn now, or waits for one; sekisho queue pause --stream ${stream}, then try again`
    : "";
}

function messageOf(id: string): string {
  return id.split("-")[0] ?? id;
}

/** Every recipient of a message, or the one that the id names. */
async function entriesOf(
  queue: Pick<QueueStore, "list">,
  id: string,
): Promise<readonly QueueEntry[]> {
  const messageId = messageOf(id);
  const entries: QueueEntry[] = [];
  await pages(
    Infinity,
    (cursor, limit) => queue.list({ messageId, ...cursor, limit }),
    (entry) => {
      if (id === messageId || id === entry.id) entries.push(entry);
    },
  );
  return entries;
}

/** What happened to each recipient and, beside it, to the message as a whole; oldest first. */
async function historyOf(
  audit: Pick<AuditLog, "search">,
  id: string,
): Promise<(recipientId: string) => readonly AuditEvent[]> {
  const messageId = messageOf(id);
  const events: AuditEvent[] = [];
  for await (const event of everyEvent(audit, { messageId }))
    if (id === messageId || event.recipientId === undefined || event.recipientId === id)
      events.push(event);
  const by = Map.groupBy(events, (event) => event.recipientId);
  const ofAll = by.get(undefined) ?? [];
  return (recipientId) =>
    [...ofAll, ...(by.get(recipientId) ?? [])].toSorted((a, b) => a.sequence - b.sequence);
}

function filterOf(options: ListOptions): Omit<QueueFilter, "limit"> {
  const destination =
    options.destination === undefined ? undefined : parseDomain(options.destination);
  if (destination?.kind === "bad")
    throw new Usage(
      `--destination ${options.destination ?? ""} ${destination.problem}; name a domain such as example.jp`,
    );
  const states =
    options.state === undefined ? (options.all === true ? undefined : unfinished) : [options.state];
  return {
    ...(states === undefined ? {} : { states }),
    ...(options.stream === undefined ? {} : { stream: options.stream }),
    ...(options.sender === undefined ? {} : { sender: options.sender }),
    ...(options.message === undefined ? {} : { messageId: options.message }),
    ...(destination === undefined ? {} : { destination: destination.value }),
  };
}

const unfinished = ["held", "waiting", "paused", "leased"] as const;

function show(entry: QueueEntry): object {
  return { ...entry, recipient: entry.recipient ?? null };
}

function parseState(text: string): RecipientState {
  const state = recipientStates.find((candidate) => candidate === text);
  if (state === undefined)
    throw new InvalidArgumentError(`use one of ${recipientStates.join(", ")}`);
  return state;
}

export function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000_000)
    throw new InvalidArgumentError("give a whole number from 1 to 1000000");
  return limit;
}
