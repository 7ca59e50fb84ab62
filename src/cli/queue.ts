// sekisho queue: what waits, where and why; retry, hold, release, drop, pause, resume.
import { InvalidArgumentError, type Command } from "commander";

import { oneOf, pages } from "./pages.ts";
import { withOffice } from "./office.ts";
import { print, Refused, Usage } from "./output.ts";
import { registerPauses } from "./queue-pauses.ts";
import { readWaits, waitingFor } from "./waiting-for.ts";
import { parseDomain } from "../mail/domain.ts";
import {
  recipientStates,
  type Change,
  type QueueEntry,
  type QueueFilter,
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
        const messageId = id.split("-")[0] ?? id;
        const page = await storage.queue.list({ messageId, limit: 10_000 });
        const entries = page.items.filter((entry) => id === messageId || entry.id === id);
        if (entries.length === 0)
          throw new Refused(`no message or recipient has the id ${id}; see: sekisho queue list`);
        for (const entry of entries) {
          const history = await storage.audit.search({ messageId, limit: 1000 });
          const events = history.items.filter(
            (event) => event.recipientId === undefined || event.recipientId === entry.id,
          );
          print({ ...show(entry), events });
        }
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
        const changed = await storage.queue.change(await expand(ids, storage.queue.list), verb, {
          actor,
          at: clock(),
          ...options,
        });
        for (const id of changed) print({ id, change: verb });
        if (changed.length === 0)
          throw new Refused(
            `nothing was changed: no waiting recipient has the id ${ids.join(", ")}`,
          );
      });
    });
}

/** A message id stands for all its recipients. */
async function expand(
  ids: readonly string[],
  list: (filter: QueueFilter) => Promise<{ readonly items: readonly QueueEntry[] }>,
): Promise<readonly string[]> {
  const all: string[] = [];
  for (const id of ids) {
    if (id.includes("-")) all.push(id);
    else all.push(...(await list({ messageId: id, limit: 10_000 })).items.map((entry) => entry.id));
  }
  return all;
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
