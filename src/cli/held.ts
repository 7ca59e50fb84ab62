// sekisho held: what waits for a person, and that person's word.
import { type Command } from "commander";

import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused } from "./output.ts";
import { pages } from "./pages.ts";
import { parseLimit } from "./queue.ts";
import { asksSecondPerson } from "./second-person.ts";

export function register(program: Command): void {
  const held = program.command("held").description("messages that wait for a person");
  held
    .command("list")
    .description("held messages, oldest first")
    .option("--stream <id>", "of this stream")
    .option("--limit <n>", "at most so many", parseLimit, 1000)
    .action(async (options: { stream?: string; limit: number }, command: Command) => {
      await withOffice(command, async ({ storage }) => {
        const stream = options.stream === undefined ? {} : { stream: options.stream };
        await pages(
          options.limit,
          (cursor, limit) => storage.queue.heldList({ ...stream, ...cursor, limit }),
          print,
        );
      });
    });
  held
    .command("show <id>")
    .description("why a message is held, with its findings; --raw prints the message itself")
    .option("--raw", "the message as it was submitted")
    .action(async (id: string, options: { raw?: boolean }, command: Command) => {
      await withOffice(command, async ({ storage, actor, clock }) => {
        const entry = await storage.queue.heldShow(id);
        if (entry === undefined)
          throw new Refused(`no held message has the id ${id}; see: sekisho held list`);
        await storage.audit.append([
          {
            type: "Operation",
            at: clock(),
            messageId: entry.messageId,
            actor,
            detail: { change: "held-show", raw: options.raw === true },
          },
        ]);
        const { content, ...rest } = entry;
        if (options.raw === true) process.stdout.write(content);
        else print({ ...rest, bytes: content.length });
      });
    });
  for (const verdict of ["release", "reject"] as const) {
    held
      .command(`${verdict} <id>`)
      .description(
        verdict === "release" ? "let the message go" : "stop the message; it is not delivered",
      )
      .option("--reason <text>", "why, for the audit log")
      .action(async (id: string, options: { reason?: string }, command: Command) => {
        await withOffice(command, async (office) => {
          const { storage, actor, clock } = office;
          if (verdict === "release" && (await waits(office, id, options))) return;
          const done = await storage.queue.heldDecide(id, verdict, {
            actor,
            at: clock(),
            ...options,
          });
          if (!done) throw new Refused(`no held message has the id ${id}; see: sekisho held list`);
          print({ id, verdict });
        });
      });
  }
}

/** A release that is not this person's alone to give. */
async function waits(
  office: OfficeForCommand,
  id: string,
  options: { readonly reason?: string },
): Promise<boolean> {
  const entry = await office.storage.queue.heldShow(id);
  if (entry === undefined) return false; // What is not held is told by the release itself.
  const { sender } = entry;
  // One message of a campaign that nobody approved takes two as well, whatever the settings say of other releases.
  const always = entry.reason === "campaign-unapproved";
  return asksSecondPerson(
    office,
    { kind: "release", heldId: id },
    { sender, always, ...(options.reason === undefined ? {} : { reason: options.reason }) },
  );
}
