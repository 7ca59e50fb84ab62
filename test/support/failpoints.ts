// Kills a process at its Nth write or sync, for one N after the other: each boundary of each commit is one of them.
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";

import { openStorage } from "../../src/storage/open.ts";
import { settingsFor, temporaryFolder } from "./storage-facts.ts";

const child = join(import.meta.dirname, "storage-steps.ts");
const calls = "pwrite64,fdatasync,fsync,ftruncate";
const databaseName = "sekisho.db";
const callsMax = 2000; // the steps make some hundred

export const canInject = spawnSync("strace", ["-V"]).status === 0;

export interface Failpoint {
  readonly call: number;
  /** What was printed before the end. */
  readonly said: readonly string[];
  /** What is wrong with what is stored; empty: nothing. */
  readonly problems: readonly string[];
}

/** Every `step`th call from `first` on, until the process comes to its end. */
export async function* failpoints(first: number, step: number): AsyncGenerator<Failpoint> {
  // Made before: its own boundaries are those of one transaction, and many.
  using made = temporaryFolder();
  await (await openStorage(settingsFor(made.path)))[Symbol.asyncDispose]();
  for (let call = first; call < callsMax; call += step) {
    using folder = temporaryFolder();
    copyFileSync(join(made.path, databaseName), join(folder.path, databaseName));
    const run = spawnSync(
      "strace",
      [
        `-f -qq -e trace=${calls} -e inject=${calls}:signal=SIGKILL:when=${call} -o /dev/null`.split(
          " ",
        ),
        [process.execPath, child, folder.path],
      ].flat(),
      { encoding: "utf8" },
    );
    const said = run.stdout.split("\n").filter((line) => line !== "");
    yield { call, said, problems: await problemsIn(folder.path, said) };
    if (said.at(-1) === "closed") return;
  }
}

/** Whatever was said is there, and what was not said is there whole or not at all. */
async function problemsIn(folder: string, said: readonly string[]): Promise<readonly string[]> {
  await using storage = await openStorage(settingsFor(folder));
  const problems: string[] = [];
  const events = await storage.audit.counts();
  const { states } = await storage.queue.counts();
  const { items } = await storage.queue.list({ limit: 100 });
  const must = (holds: boolean, what: string): void => {
    if (!holds) problems.push(what);
  };
  must((await storage.audit.verify()).kind === "intact", "the chain is broken");
  for (const line of said) {
    const [what, id = ""] = line.split(" ");
    if (what === "consent") must(events.Consent === 1, "a consent is lost");
    if (what === "accepted") {
      must(
        (await storage.queue.content(id).catch(() => undefined)) !== undefined || isOver(items, id),
        `content of ${id} is lost`,
      );
      must(
        items.some(({ messageId }) => messageId === id),
        `${id} is lost`,
      );
    }
    if (what === "settled")
      must(
        items.some((each) => each.id === id && each.state === "delivered"),
        `the outcome of ${id} is lost`,
      );
  }
  must((events.Delivery ?? 0) === states.delivered, "deliveries and their events differ");
  must(
    (events.Reception ?? 0) === new Set(items.map(({ messageId }) => messageId)).size,
    "messages and their events differ",
  );
  must(items.length === 0 || [2, 3].includes(items.length), "half a message is stored");
  return problems;
}

function isOver(
  items: readonly { readonly messageId: string; readonly state: string }[],
  messageId: string,
): boolean {
  return items.every((each) => each.messageId !== messageId || each.state === "delivered");
}
