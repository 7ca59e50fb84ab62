// Puts senders and streams of a configuration into force as far as no second person has to approve them, and asks for the rest.
import { randomUUID } from "node:crypto";

import type { Config } from "./config/config.ts";
import type { Office } from "./office.ts";
import { putInForce, type SettingsChange } from "./policy/in-force.ts";
import type { NewApproval } from "./queue/approval.ts";
import { settingsAsker } from "./queue/settings.ts";

export interface IntoForce {
  /** What runs: the configuration, with what was in force before where people have not approved the new. */
  readonly config: Config;
  /** Names of what stays as it was until people have approved the new. */
  readonly waiting: readonly string[];
  /** Records it, and asks; to be called right before it runs. Rejects where storage does: then it must not run. */
  readonly record: () => Promise<void>;
}

export interface InForce {
  /** Whether something of what runs waits for people: it is not all that the file says. */
  readonly isWaiting: () => boolean;
  /** Reads what is in force and judges; changes nothing by itself. */
  readonly into: (config: Config) => Promise<IntoForce>;
  /**
   * Calls `again` when somebody has approved a change, and now and then as long as it gives false. Looking costs one read
   * of a small table. `isNeeded`: false once what runs was judged by the change, as by a reload that was under way.
   */
  readonly watch: (again: (isNeeded: () => boolean) => Promise<boolean>) => Disposable;
}

const againMs = 30_000; // what could not be put into force: each try is an event in the audit log
const settingsPollMs = 500; // what people approve is in force within a second, whichever process they told

/** Puts the office's configuration into force, as the first thing that a gateway does. */
export async function openInForce(office: Office): Promise<InForce> {
  const inForce = createInForce(office);
  const { config, record } = await inForce.into(office.config);
  await record();
  office.adopt(config);
  return inForce;
}

function createInForce(office: Office): InForce {
  const { settings } = office.storage;
  let waits = false;
  let known: string | undefined; // Version of the records that what runs was judged by.
  return {
    isWaiting: () => waits,
    into: async (config) => {
      const judgedBy = await settings.version();
      const { senders, streams, adopt, ask } = putInForce(config, await settings.list());
      return {
        config: { ...config, senders, streams },
        waiting: ask.map(({ name }) => name),
        record: async () => {
          const asks = ask.map((change) => toApproval(office, config, change));
          const act = { actor: settingsAsker, at: office.clock() };
          const { before, after } = await settings.adopt(adopt, asks, act);
          known = before === judgedBy ? after : judgedBy; // Approved meanwhile: the next look finds it.
          waits = ask.length > 0;
          for (const { name } of ask)
            office.log.warn(
              { setting: name },
              "a change waits for two people: sekisho approval list; what was in force stays so",
            );
        },
      };
    },
    watch: (again) => {
      let failed: { readonly version: string; readonly until: number } | undefined;
      const look = async (): Promise<void> => {
        const now = await settings.version();
        if (known === undefined || now === known) return;
        if (now === failed?.version && performance.now() < failed.until) return;
        const until = performance.now() + againMs;
        failed = (await again(() => known !== now)) ? undefined : { version: now, until };
      };
      return repeat(settingsPollMs, look, (cause) => {
        office.log.error({ err: cause }, "settings in force cannot be read");
      });
    },
  };
}

function toApproval(
  office: Office,
  { approval }: Config,
  { name, sender, before, after }: SettingsChange,
): NewApproval {
  const at = office.clock();
  return {
    id: randomUUID(),
    sender,
    askedBy: settingsAsker,
    askedAt: at,
    expiresAt: new Date(at.getTime() + approval.expiresSeconds * 1000),
    act: { kind: "settings", name, before: before ?? null, after },
  };
}

/** One at a time. */
function repeat(
  milliseconds: number,
  act: () => Promise<void>,
  failed: (cause: unknown) => void,
): Disposable {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    act()
      .catch(failed)
      .finally(() => {
        busy = false;
      });
  }, milliseconds);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
