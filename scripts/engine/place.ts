// Where a gateway runs in the journeys in an engine: what its operator does there, whatever watches over it.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Done, Engine, Ports } from "./podman.ts";

/** How the places are made. */
export interface PlaceSettings {
  readonly engine: Engine;
  /** Image to begin from. */
  readonly base: string;
  /** An empty one, for what the place mounts. */
  readonly folder: string;
  /** Further arguments of the engine's `build`. */
  readonly buildArguments: readonly string[];
}

export interface Place extends AsyncDisposable {
  readonly name: string;
  /** Of the listeners, for the configuration. */
  readonly inside: Ports;
  /** The same on 127.0.0.1 of this machine, once it was started. */
  readonly outside: () => Promise<Ports>;
  /** See {@link putConfiguration}. */
  readonly configure: (yaml: string) => void;
  readonly start: () => Promise<void>;
  readonly reload: () => Promise<void>;
  /** Resolves when it is over, to the gateway's exit code. */
  readonly stop: () => Promise<number>;
  /** Ends the gateway's process by SIGKILL; whoever watches over it starts another. */
  readonly crash: () => Promise<void>;
  /** `sekisho …` beside the gateway. */
  readonly command: (...args: readonly string[]) => Promise<Done>;
  /** `sekisho restore …`, where the gateway does not run. */
  readonly restore: (...args: readonly string[]) => Promise<Done>;
  /** What the image itself says of its health; true where the place has no such word. */
  readonly isHealthy: () => Promise<boolean>;
  readonly log: () => Promise<string>;
}

/** Puts a configuration into the folder that a place mounts, as an editor does: a new file in the place of the old one. */
export function putConfiguration(folder: string, yaml: string): void {
  writeFileSync(join(folder, "new"), yaml);
  renameSync(join(folder, "new"), join(folder, "gateway.yaml"));
}
