// SIGHUP: the configuration is read and judged whole, made ready by every part, recorded, and only then put into force.
//
// A reload is  read → judged → ready → recorded → in force.  What goes wrong before "in force" leaves everything as it was,
// and is told in the log, in the audit log and in /metrics. Reloads never overlap; those asked for meanwhile are one.
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { loadConfig } from "../config/load.ts";
import { planReload, type ReloadPlan } from "../config/reload-plan.ts";
import type { Office } from "../office.ts";
import type { Taker, Turn } from "./takeover.ts";

export interface Reload {
  /** Resolves when it is done, well or not. Never rejects. */
  readonly run: () => Promise<void>;
  /**
   * Puts the configuration of the last reload into force once more, since people have approved some of it. `isNeeded` is asked
   * behind what is under way. Never rejects; false where it could not.
   */
  readonly again: (isNeeded: () => boolean) => Promise<boolean>;
  /** Since the start, for metrics. */
  readonly counts: () => Readonly<Record<"applied" | "refused", number>>;
  /** Whether everything in the file is in force: false after a refusal, while something waits for a restart or for people, and without a listener that could not be opened. */
  readonly isCurrent: () => boolean;
}

export interface ReloadParts {
  readonly office: Office;
  readonly takers: readonly Taker[];
  /** What of a configuration runs, and the record of it: some of it may wait for people. */
  readonly inForce: {
    readonly into: (config: Config) => Promise<{
      readonly config: Config;
      readonly waiting: readonly string[];
      readonly record: () => Promise<void>;
    }>;
    /** Whether something of what runs does wait for people. */
    readonly isWaiting: () => boolean;
  };
  /** What takes its time once the configuration is in force, such as making keys of new domains. */
  readonly afterwards: () => Promise<void>;
}

const listedMax = 50; // paths and problems in one event; the log has them all

export function createReload(parts: ReloadParts): Reload {
  const { log } = parts.office;
  const counts = { applied: 0, refused: 0 };
  let current = true;
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;
  /** Only a run over the file tells whether all of it is in force. */
  const once = async (
    readFile: (running: Config) => Config,
    isOfFile: boolean,
  ): Promise<boolean> => {
    try {
      const { changed, waiting } = await reload(parts, readFile);
      counts.applied += 1;
      if (isOfFile) current = waiting.length === 0;
      log.info({ changed }, changed.length === 0 ? "nothing to reload" : "configuration reloaded");
      if (waiting.length > 0)
        log.warn({ waiting }, "these settings wait for a restart of the gateway");
    } catch (cause) {
      counts.refused += 1;
      if (isOfFile) current = false;
      log.error({ err: cause }, "configuration not reloaded: the old one stays");
      await noteRefusal(parts.office, cause);
      return false;
    }
    try {
      await parts.afterwards();
    } catch (cause) {
      log.error({ err: cause }, "keys of new domains not looked after");
    }
    return true;
  };
  return {
    run: () => {
      next ??= last.then(async () => {
        next = undefined;
        await once(({ file }) => loadConfig(file), true);
      });
      last = next;
      return next;
    },
    again: (isNeeded) => {
      const done = last.then(() => !isNeeded() || once((running) => running, false));
      last = done;
      return done;
    },
    counts: () => counts,
    isCurrent: () =>
      current &&
      !parts.inForce.isWaiting() &&
      parts.takers.every(({ isWhole }) => isWhole?.() ?? true),
  };
}

/** Throws, with nothing changed, where the file or what it asks for is not good. */
async function reload(
  { office, takers, inForce }: ReloadParts,
  readFile: (running: Config) => Config,
): Promise<{
  readonly changed: readonly string[];
  readonly waiting: readonly string[];
}> {
  const plan = plannedFrom(office, readFile);
  const { config, waiting: forPeople, record } = await inForce.into(plan.config);
  const turns: Turn[] = [];
  try {
    for (const taker of takers) turns.push(await taker.prepare(config));
    const changed = [...plan.changed, ...turns.flatMap(({ also = [] }) => also)];
    const { waiting } = plan;
    if (changed.length + waiting.length > 0)
      await note(office, {
        change: "reload",
        result: "applied",
        changed: changed.slice(0, listedMax),
        waiting: waiting.slice(0, listedMax),
        ...(forPeople.length > 0 ? { waitingForPeople: forPeople.slice(0, listedMax) } : {}),
      });
    await record();
    // In one turn of the event loop: nobody sees half of it, but who connected to a new port since it was bound.
    office.adopt(config);
    for (const turn of turns) turn.commit();
    return { changed, waiting };
  } catch (cause) {
    await Promise.allSettled(turns.map((turn) => turn.abandon()));
    throw cause;
  }
}

function plannedFrom(
  { config }: Office,
  readFile: (running: Config) => Config,
): Extract<ReloadPlan, { kind: "ok" }> {
  const plan = planReload(config, readFile(config));
  if (plan.kind === "bad") throw new ConfigError(config.file, plan.problems);
  return plan;
}

/** What was found in a file stays out of the event: it may be anything. */
async function noteRefusal(office: Office, cause: unknown): Promise<void> {
  const nameOf = (file: string): string => (file === office.config.file ? "file" : file);
  const problems =
    cause instanceof ConfigError
      ? cause.problems.map(({ path, problem }) => `${path || nameOf(cause.file)} ${problem}`)
      : ["a part could not take it up; see the log"];
  try {
    await note(office, {
      change: "reload",
      result: "refused",
      problems: problems.slice(0, listedMax),
    });
  } catch (error) {
    office.log.error({ err: error }, "refused reload not recorded");
  }
}

async function note(
  { storage, clock }: Office,
  detail: Readonly<Record<string, string | readonly string[]>>,
): Promise<void> {
  await storage.audit.append([{ type: "Config", at: clock(), actor: "gateway", detail }]);
}
