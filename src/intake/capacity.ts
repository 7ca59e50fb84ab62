// Whether the queue takes more: intake stops before memory or disk do (threats.md rows 55, 64).
import type { QueueStore } from "../queue/store.ts";
import type { IntakeLimits } from "./parts.ts";

const freshMilliseconds = 2000; // how old the counts may be; at 1000 messages a second that is 2000 messages too many

export type Room = "room" | "full" | "unavailable";

/** Gives the answer from the last counts and reads new ones when these are old; one read at a time. */
export function createCapacity(
  queue: Pick<QueueStore, "counts">,
  limits: Pick<IntakeLimits, "queuedRecipientsMax" | "queuedBytesMax">,
  now: () => number,
  health: () => Promise<{ readonly full?: true }> = () => Promise.resolve({}),
): () => Promise<Room> {
  let last: { readonly room: Room; readonly at: number } | undefined;
  let reading: Promise<Room> | undefined;
  const read = async (): Promise<Room> => {
    let room: Room;
    try {
      const { states, contentBytes } = await queue.counts();
      const open = states.held + states.waiting + states.paused + states.leased;
      const disk = await health();
      const full =
        disk.full === true ||
        open >= limits.queuedRecipientsMax ||
        contentBytes >= limits.queuedBytesMax;
      room = full ? "full" : "room";
    } catch {
      room = "unavailable";
    }
    last = { room, at: now() };
    reading = undefined;
    return room;
  };
  return () => {
    if (last !== undefined && Math.abs(now() - last.at) < freshMilliseconds) {
      return Promise.resolve(last.room);
    }
    reading ??= read();
    return reading;
  };
}
