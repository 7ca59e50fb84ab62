// A classifier whose table of replies can be exchanged while others use it.
import type { ReplyClassifier } from "./reply-class.ts";

export interface ReloadingClassifier extends ReplyClassifier {
  /** Reads the table anew, or throws what `load` threw; the new one counts once the function given is called. */
  readonly prepare: () => () => void;
}

/** `load` reads and checks the table; it is called once at the start, and throws where there is no good one. */
export function createReloadingClassifier(load: () => ReplyClassifier): ReloadingClassifier {
  let current = load();
  return {
    classify: (facts) => current.classify(facts),
    byWords: (facts, ofReport) => current.byWords(facts, ofReport),
    byCodes: (facts) => current.byCodes(facts),
    prepare: () => {
      const next = load();
      return () => {
        current = next;
      };
    },
  };
}
