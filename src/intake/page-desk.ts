// Who reads the pages of senders that messages leave duties to, as intake asks for them; src/pages does it.
import type { LinkedPages } from "../policy/linked-page.ts";
import type { Sender } from "../policy/stream.ts";

export interface PageDesk {
  /** What is known of this sender's pages; the same object as long as nothing changed. */
  readonly known: (sender: Sender) => LinkedPages;
  /**
   * These pages are needed: those not known are read, those of `doubtful` anew if they were not just read, and old ones
   * in the background. Waits a bounded while. True where something else is known now than `used`. Never rejects.
   */
  readonly need: (sender: Sender, needed: NeededPages, used: LinkedPages) => Promise<boolean>;
}

export interface NeededPages {
  readonly keys: ReadonlySet<string>;
  /** Those that did not show what they should: they may have been mended. */
  readonly doubtful: ReadonlySet<string>;
}
