// sekisho approval: what waits for a second person, and that person's word. Whoever asked cannot decide.
import type { Command } from "commander";

import {
  approvalStates,
  shownAct,
  whyNotDecide,
  type Approval,
  type ApprovalState,
} from "../queue/approval.ts";
import { choiceArgument } from "./arguments.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused } from "./output.ts";
import { oneOf, pages } from "./pages.ts";
import { parseLimit } from "./queue.ts";

export function register(program: Command): void {
  const approval = program.command("approval").description("what waits for a second person");
  approval
    .command("list")
    .description("requests, oldest first")
    .option("--state <state>", oneOf(approvalStates), "open")
    .option("--limit <n>", "at most so many", parseLimit, 1000)
    .action(async (flags: { state: string; limit: number }, command: Command) => {
      const state: ApprovalState = choiceArgument("--state", flags.state, approvalStates);
      await withOffice(command, async ({ storage }) => {
        await pages(
          flags.limit,
          (cursor, limit) => storage.approvals.list({ state, ...cursor, limit }),
          (found) => {
            print(shown(found));
          },
        );
      });
    });
  approval
    .command("show <id>")
    .description("one request, with what the approver needs to see")
    .action(async (id: string, _flags: object, command: Command) => {
      await withOffice(command, async ({ storage }) => {
        const found = await storage.approvals.find(id);
        if (found === undefined)
          throw new Refused(`no request has the id ${id}; see: sekisho approval list`);
        print(shown(found));
      });
    });
  for (const verdict of ["approve", "reject"] as const)
    approval
      .command(`${verdict} <id>`)
      .description(verdict === "approve" ? "what was asked for is done at once" : "it is not done")
      .option("--reason <text>", "why, for the audit log")
      .action(async (id: string, flags: { reason?: string }, command: Command) => {
        await withOffice(command, (office) => decide(office, id, verdict, flags.reason));
      });
}

function shown(approval: Approval): object {
  return { ...approval, act: shownAct(approval.act) };
}

async function decide(
  office: OfficeForCommand,
  id: string,
  verdict: "approve" | "reject",
  reason: string | undefined,
): Promise<void> {
  const { storage, actor, clock } = office;
  const approval = await storage.approvals.find(id);
  if (approval === undefined)
    throw new Refused(`no request has the id ${id}; see: sekisho approval list`);
  const why = whyNotDecide(approval, { actor, person: actor });
  if (why !== undefined) throw new Refused(why);
  const act = { actor, at: clock(), ...(reason === undefined ? {} : { reason }) };
  const decided = await storage.approvals.decide(id, verdict, act);
  if (decided.kind === "not-open")
    throw new Refused(`${id} was decided already, or its time is over`);
  print(
    decided.kind === "vouched"
      ? { id, state: decided.approval.state, released: 0, needed: 1 }
      : { id, state: decided.approval.state, released: decided.released },
  );
}
