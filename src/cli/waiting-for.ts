// Why a recipient's copy waits, in words: a pause, a receiver's wish, a rate, the next attempt's time.
import { join } from "node:path";

import { readPaceState, type PaceState } from "../delivery/pace/pace-file.ts";
import { paceFileName } from "../delivery/pace/pace-keeper.ts";
import { freezeOf, type Freeze, type Pause } from "../queue/freeze.ts";
import type { QueueEntry } from "../queue/store.ts";
import type { OfficeForCommand } from "./office.ts";

export interface Waits {
  readonly freezes: readonly Freeze[];
  readonly pauses: readonly Pause[];
  readonly pace: PaceState | undefined;
  readonly now: Date;
}

export async function readWaits(office: OfficeForCommand): Promise<Waits> {
  const { freezes } = office.storage;
  return {
    freezes: await freezes.list(),
    pauses: await freezes.pauses(),
    pace: readPaceState(join(office.config.delivery.stateDir, paceFileName)),
    now: office.clock(),
  };
}

/** null where nothing keeps it: it is done, or its turn comes next. */
export function waitingFor(entry: QueueEntry, waits: Waits): string | null {
  if (entry.state === "held") return "a person's decision: sekisho held list";
  if (entry.state === "paused") return "sekisho queue release";
  if (entry.state !== "waiting" && entry.state !== "leased") return null;
  const freeze = freezeOf(waits.freezes, { id: entry.stream, sender: { id: entry.sender } });
  if (freeze !== undefined) return `the kill switch: ${freeze.reason}`;
  const pause = waits.pauses.find(
    ({ kind, name }) =>
      name === { destination: entry.destination, stream: entry.stream, sender: entry.sender }[kind],
  );
  if (pause !== undefined)
    return `sekisho queue resume --${pause.kind} ${pause.name}: ${pause.reason}`;
  const wait = waits.pace?.waits.find(
    ({ destination, stream, until }) =>
      destination === entry.destination && stream === entry.stream && until > waits.now.getTime(),
  );
  if (wait !== undefined) return `${wait.why}, until ${new Date(wait.until).toISOString()}`;
  if (entry.nextAttemptAt !== null && entry.nextAttemptAt > waits.now)
    return entry.attempts === 0 && entry.lastReply === null
      ? "the next attempt"
      : `attempt ${entry.attempts + 1}, after: ${entry.lastReply ?? "no answer"}`;
  return entry.state === "leased" ? "its turn, or its attempt's end" : null;
}
