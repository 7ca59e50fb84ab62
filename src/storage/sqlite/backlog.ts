// Operations that wait for the writer: bounded in number and weight, handed over in bounded batches.
import { StorageUnavailable } from "../../audit/unavailable.ts";
import type { Operation } from "./wire.ts";

const batchOperationsMax = 512; // one commit: what comes later waits for the next one
const batchBytesMax = 16 * 1024 * 1024;
const waitingOperationsMax = 10_000; // beyond it the caller is told to come back: threats.md row 64
const waitingBytesMax = 128 * 1024 * 1024;

export interface Pending extends Operation {
  /** About what it weighs on its way. */
  readonly bytes: number;
  readonly transfer?: ArrayBuffer;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface Backlog {
  /** Why nothing more can be taken, or undefined. */
  readonly refusal: () => StorageUnavailable | undefined;
  readonly add: (pending: Pending) => void;
  /** The next batch in the order of arrival; empty where nothing waits. */
  readonly take: () => readonly Pending[];
  readonly takeAll: () => readonly Pending[];
  readonly isEmpty: () => boolean;
}

export function createBacklog(): Backlog {
  const waiting: Pending[] = [];
  let bytes = 0;
  const cut = (count: number): readonly Pending[] => {
    const batch = waiting.splice(0, count);
    bytes -= weigh(batch);
    return batch;
  };
  return {
    refusal: () =>
      waiting.length >= waitingOperationsMax || bytes >= waitingBytesMax
        ? new StorageUnavailable("busy", "too much waits to be written")
        : undefined,
    add: (pending) => {
      waiting.push(pending);
      bytes += pending.bytes;
    },
    take: () => {
      let count = 0;
      let weight = 0;
      for (const pending of waiting) {
        weight += pending.bytes;
        // The first one goes whatever it weighs, or it would wait for ever.
        if (count > 0 && (count >= batchOperationsMax || weight > batchBytesMax)) break;
        count += 1;
      }
      return cut(count);
    },
    takeAll: () => cut(waiting.length),
    isEmpty: () => waiting.length === 0,
  };
}

function weigh(batch: readonly Pending[]): number {
  return batch.reduce((sum, { bytes }) => sum + bytes, 0);
}
