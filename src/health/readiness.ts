// Whether new mail should be sent here: red before a limit is met, so that a balancer turns away before clients are told 4xx.
import type { QueueStore } from "../queue/store.ts";

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** For whoever asks /readyz: no addresses, paths or host names. */
  readonly detail?: string;
}

export interface ReadinessParts {
  readonly storage: {
    readonly health: () => Promise<{ readonly ok: boolean; readonly problem?: string }>;
    readonly queue: Pick<QueueStore, "counts">;
  };
  readonly queueLimits: {
    readonly queuedRecipientsMax: number;
    readonly queuedBytesMax: number;
  };
  readonly load: () => { readonly connections: number; readonly bytesInFlight: number };
  readonly loadLimits: { readonly connectionsMax: number; readonly bytesInFlightMax: number };
  readonly late: () => number | undefined;
  /** Told, but no reason to turn new mail away. */
  readonly told: () => readonly Check[];
}

/** Of a limit: beyond it the part is not ready. Recovery needs no more than falling below it again. */
const redShare = 0.9;

export function createReadiness(
  parts: ReadinessParts,
): () => Promise<{ readonly ready: boolean; readonly checks: readonly Check[] }> {
  return async () => {
    const checks = [
      await storageCheck(parts),
      await queueCheck(parts),
      loadCheck(parts),
      loop(parts),
    ];
    return { ready: checks.every(({ ok }) => ok), checks: [...checks, ...parts.told()] };
  };
}

async function storageCheck({ storage }: ReadinessParts): Promise<Check> {
  const { ok, problem } = await storage.health();
  return { name: "storage", ok, ...(problem === undefined ? {} : { detail: problem }) };
}

async function queueCheck({ storage, queueLimits }: ReadinessParts): Promise<Check> {
  const { states, contentBytes } = await storage.queue.counts();
  const open = states.held + states.waiting + states.paused + states.leased;
  const used = Math.max(
    open / queueLimits.queuedRecipientsMax,
    contentBytes / queueLimits.queuedBytesMax,
  );
  return used < redShare
    ? { name: "queue", ok: true }
    : { name: "queue", ok: false, detail: `the queue is ${percent(used)} full` };
}

function loadCheck({ load, loadLimits }: ReadinessParts): Check {
  const { connections, bytesInFlight } = load();
  const used = Math.max(
    connections / loadLimits.connectionsMax,
    bytesInFlight / loadLimits.bytesInFlightMax,
  );
  return used < redShare
    ? { name: "load", ok: true }
    : { name: "load", ok: false, detail: `${percent(used)} of what is taken in at once` };
}

function loop({ late }: ReadinessParts): Check {
  const delay = late();
  return delay === undefined
    ? { name: "loop", ok: true }
    : { name: "loop", ok: false, detail: `answers are up to ${delay} ms late` };
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}
