// How a part takes up a new configuration: everything that can fail comes before the moment from which it counts.
import type { Config } from "../config/config.ts";

/** What was made ready, and waits for the other parts. */
export interface Turn {
  /** From now on the new configuration counts. Cannot fail. */
  readonly commit: () => void;
  /** Puts away what was made ready. */
  readonly abandon: () => Promise<void>;
  /** What has changed although the configuration has not, such as the content of a certificate's file. */
  readonly also?: readonly string[];
}

export interface Taker {
  /** Throws, with nothing changed, where the configuration cannot be taken up. */
  readonly prepare: (config: Config) => Promise<Turn>;
  /** false where something of what it took up did not come to be, and only another reload tries it again. */
  readonly isWhole?: () => boolean;
}

/** A part that only has to be told. */
export function tell(commit: (config: Config) => void): Taker {
  return {
    prepare: (config) =>
      Promise.resolve({
        commit: () => {
          commit(config);
        },
        abandon: () => Promise.resolve(),
      }),
  };
}
