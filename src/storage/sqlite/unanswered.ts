// Reads can fail where writes still go: a damaged table, a bad block. A question that got no answer is asked again when
// somebody wants to know how the store does, so that it is well again by itself, also where nobody sends it mail meanwhile.
import { StorageUnavailable } from "../../audit/unavailable.ts";
import { reading } from "./database.ts";

export interface Asked<Question, Answer> {
  /** Throws StorageUnavailable. */
  readonly ask: (question: Question) => Answer;
  /** Asks the question once more that failed last: what keeps it from its answer; undefined: nothing, or there is none. */
  readonly problem: () => string | undefined;
}

export function rememberUnanswered<Question, Answer>(
  look: (question: Question) => Answer,
): Asked<Question, Answer> {
  let unanswered: { readonly question: Question } | undefined;
  const ask = (question: Question): Answer => {
    try {
      return reading(() => look(question));
    } catch (error) {
      const isBusy = error instanceof StorageUnavailable && error.kind === "busy";
      if (!isBusy) unanswered = { question }; // a lock is somebody's work, not a fault
      throw error;
    }
  };
  return {
    ask,
    problem: () => {
      if (unanswered === undefined) return undefined;
      const { question } = unanswered;
      unanswered = undefined;
      try {
        ask(question);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}
