// Counts, by rule, the messages that a rule in shadow would have refused since the start; events say which they were.

export interface ObservedCounts {
  /** One message; a rule that failed in several parts counts once. */
  readonly note: (rules: readonly string[]) => void;
  /** Rule → messages. It grows with the rules of the packs alone. */
  readonly counts: () => Readonly<Record<string, number>>;
}

export function createObservedCounts(): ObservedCounts {
  const counts = new Map<string, number>();
  return {
    note: (rules) => {
      for (const rule of new Set(rules)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    },
    counts: () => Object.fromEntries(counts),
  };
}
