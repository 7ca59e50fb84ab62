// Counts what clients are told, by reason, for /metrics.
import type { Reply } from "../mail/reply.ts";
import type { Answer } from "../intake/answer.ts";

export interface AnswerCounts {
  /** Writes the reply, and counts its answer. */
  readonly toReply: (answer: Answer) => Reply;
  /** Since the start; at most one entry a reason. */
  readonly counts: () => Readonly<Record<string, number>>;
}

export function createAnswerCounts(toReply: (answer: Answer) => Reply): AnswerCounts {
  const counts = new Map<string, number>();
  return {
    toReply: (answer) => {
      const name = nameOf(answer);
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
      return toReply(answer);
    },
    counts: () => Object.fromEntries(counts),
  };
}

function nameOf(answer: Answer): string | undefined {
  switch (answer.kind) {
    case "sender-ok":
    case "recipient-ok":
      return undefined; // The message that follows counts.
    case "accepted":
    case "held":
      return answer.kind;
    case "refused":
      return answer.no.reason;
  }
}
