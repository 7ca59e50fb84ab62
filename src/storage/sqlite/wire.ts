// What passes between the posting side and the writer thread.
import type { UnavailableKind } from "../../audit/unavailable.ts";
import type { StorageSecrets } from "../sealing.ts";
import type { CommandName } from "./commands.ts";

export interface WriterSettings {
  readonly path: string;
  readonly secrets: StorageSecrets;
  readonly role: "gateway" | "office";
}

export interface Operation {
  readonly id: number;
  readonly name: CommandName;
  readonly args: readonly unknown[];
}

export type ToWriter =
  | {
      readonly kind: "batch";
      readonly operations: readonly Operation[];
      /** The posting side's clock, milliseconds. */
      readonly now: number;
    }
  | { readonly kind: "close" };

/** An error in a form that survives the way between threads. */
export interface Trouble {
  readonly message: string;
  /** Set where storage could not answer; otherwise the call itself was wrong. */
  readonly unavailable?: UnavailableKind;
  readonly isRange?: true;
  readonly cause?: string;
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly trouble: Trouble };

export type FromWriter =
  | { readonly kind: "ready" }
  | { readonly kind: "refused"; readonly trouble: Trouble }
  | {
      readonly kind: "done";
      readonly answers: readonly Answer[];
      /** What keeps the writer from writing, after this batch; undefined: it is well. */
      readonly problem: string | undefined;
      /** No batch will be written any more, until the process starts anew. */
      readonly isDead: boolean;
    }
  | { readonly kind: "closed" };
