// Lets a bounded number of tasks run at once and a bounded number wait.

export interface Gate {
  readonly run: <T>(
    task: () => Promise<T>,
  ) => Promise<{ readonly kind: "done"; readonly value: T } | { readonly kind: "full" }>;
}

export function createGate(runningMax: number, waitingMax: number): Gate {
  let running = 0;
  const waiting: (() => void)[] = [];

  return {
    run: async (task) => {
      if (running >= runningMax) {
        if (waiting.length >= waitingMax) return { kind: "full" };
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      } else {
        running += 1;
      }
      try {
        return { kind: "done", value: await task() };
      } finally {
        // The place is handed to the next in line without being given up, so that nobody slips in between.
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
