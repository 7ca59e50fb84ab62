// Senders and streams as they are in force, where the configuration file alone does not decide: policy/in-force.ts.
import type { SettingsChange } from "../policy/in-force.ts";
import type { Act } from "./act.ts";
import type { NewApproval } from "./approval.ts";

/** Who asks for a change that was found in the file: nobody knows who wrote it there, so that two people approve it. */
export const settingsAsker = "gateway";

export interface SettingsStore {
  /** Records by name. */
  readonly list: () => Promise<ReadonlyMap<string, string>>;
  /** Changes whenever a record does. */
  readonly version: () => Promise<string>;
  /**
   * In one commit, with an event for each: takes what needs nobody into the record, asks for the rest, and ends requests
   * for changes that the file does not ask for any more. Resolves to the versions right before and behind it.
   */
  readonly adopt: (
    changes: readonly SettingsChange[],
    asks: readonly NewApproval[],
    act: Act,
  ) => Promise<{ readonly before: string; readonly after: string }>;
}
